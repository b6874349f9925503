import type { ApplyDocument, DeleteRequest } from '../../server/index.ts';
import { defineEngineFlags } from '../choose-engine.ts';
import { EXIT } from '../exit-code.ts';
import { parsePipeline } from '../pipeline-argument.ts';
import { changeLine, changeReport, clientForWrite } from '../post-resources.ts';
import { formatDocument, OUTPUT_HELP, parseOutputFlag } from '../report-document.ts';
import type { Verb } from '../verb.ts';

export const deleteVerb: Verb = {
  name: 'delete',
  examples: ['sluice delete tracepipeline/jaeger', 'sluice delete tp/jaeger --dry-run'],
  define: (command) =>
    defineEngineFlags(command)
      .argument('<kind/name>', 'a pipeline that `sluice apply` brought')
      .option('--dry-run', 'say what would change, and change nothing')
      .option('-o, --output <format>', OUTPUT_HELP, 'text')
      .option('--api <url>', 'an engine elsewhere; default: the one that runs on this machine'),
  async run(flags, args, context) {
    const format = parseOutputFlag(flags['output']);
    const dryRun = flags['dryRun'] === true;
    const request: DeleteRequest = { ...parsePipeline(args[0]!), ...(dryRun ? { dryRun } : {}) };
    const client = clientForWrite(flags, 'delete KIND/NAME', context);
    const answer = await client.post<ApplyDocument>('/api/v1/local/delete', request);
    context.stdout.write(
      format === 'text'
        ? answer.changes.map((change) => changeLine(change, dryRun)).join('')
        : formatDocument(changeReport({ kind: 'DeleteReport', dryRun }, answer, context), format),
    );
    return EXIT.ok;
  },
};
