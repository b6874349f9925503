import type { ResourceChange } from '../../server/index.ts';
import { defineEngineFlags } from '../choose-engine.ts';
import type { CliContext } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { hasErrors } from '../findings.ts';
import { collect } from '../flags.ts';
import { FILES_HELP, readInputFiles } from '../input-files.ts';
import { changeReport, clientForWrite, postResources } from '../post-resources.ts';
import { formatDocument, OUTPUT_HELP, parseOutputFlag } from '../report-document.ts';
import type { Verb } from '../verb.ts';

export const diffVerb: Verb = {
  name: 'diff',
  examples: ['sluice diff -f telemetry.yaml', 'sluice diff -f telemetry.yaml && echo nothing would change'],
  define: (command) =>
    defineEngineFlags(command)
      .option('-f, --file <path>', `resources to compare with what runs: ${FILES_HELP}`, collect)
      .option('-o, --output <format>', OUTPUT_HELP, 'text')
      .option('--api <url>', 'an engine elsewhere; default: the one that runs on this machine'),
  async run(flags, _args, context) {
    const format = parseOutputFlag(flags['output']);
    const client = clientForWrite(flags, 'diff -f FILE', context);
    const files = await readInputFiles(flags['file'] as string[] | undefined, context);
    const answer = await postResources(client, files, { dryRun: true }, context);
    const differing = answer.changes.filter(({ action }) => action !== 'unchanged');
    context.stdout.write(
      format === 'text'
        ? differing.map((change) => changeText(change, context)).join('')
        : formatDocument(changeReport({ kind: 'DiffReport' }, answer, context), format),
    );
    return hasErrors(answer.issues) || differing.length > 0 ? EXIT.no : EXIT.ok;
  },
};

function changeText({ kind, name, action, fields }: ResourceChange, { unicode }: CliContext): string {
  const head = `${unicode ? '±' : '~'} ${kind.toLowerCase()}/${name}`;
  if (action === 'created') return `+ ${kind.toLowerCase()}/${name}\n`;
  if (fields.length === 0) return `${head}  (a value it refers to is another one)\n`;
  const hidden = (text: string) => (unicode ? text : text.replace('‹hidden›', '<hidden>'));
  return fields
    .map(({ path, before, after }) => {
      const lines = [`${head}  ${path}`];
      if (before !== undefined) lines.push(`- ${hidden(before)}`);
      if (after !== undefined) lines.push(`+ ${hidden(after)}`);
      return `${lines.join('\n')}\n`;
    })
    .join('');
}
