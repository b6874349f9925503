import { sleep } from '../../lib/index.ts';
import type { ResourceChange } from '../../server/index.ts';
import { defineEngineFlags } from '../choose-engine.ts';
import type { CliContext } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { hasErrors } from '../findings.ts';
import { collect } from '../flags.ts';
import { FILES_HELP, type InputFile, readInputFiles } from '../input-files.ts';
import { changeLine, changeReport, clientForWrite, postResources } from '../post-resources.ts';
import { formatDocument, OUTPUT_HELP, parseOutputFlag } from '../report-document.ts';
import type { Verb } from '../verb.ts';

export const applyVerb: Verb = {
  name: 'apply',
  examples: ['sluice apply -f telemetry.yaml', 'sluice apply -f - --dry-run'],
  define: (command) =>
    defineEngineFlags(command)
      .option('-f, --file <path>', `resources to run: ${FILES_HELP}`, collect)
      .option('--dry-run', 'say what would change, and change nothing')
      .option('-o, --output <format>', OUTPUT_HELP, 'text')
      .option('--api <url>', 'an engine elsewhere; default: the one that runs on this machine'),
  async run(flags, _args, context) {
    const format = parseOutputFlag(flags['output']);
    const dryRun = flags['dryRun'] === true;
    const client = clientForWrite(flags, 'apply -f FILE', context);
    const files = await readInputFiles(flags['file'] as string[] | undefined, context);
    const answer = await postResources(client, files, { dryRun }, context);
    const failed = hasErrors(answer.issues);
    if (format !== 'text') {
      context.stdout.write(formatDocument(changeReport({ kind: 'ApplyReport', dryRun }, answer, context), format));
    } else if (failed) {
      context.stderr.write('nothing was applied\n');
    } else {
      const changed = answer.changes.some(({ action }) => action !== 'unchanged') && !dryRun;
      const failures = changed ? await failingBackends(files, answer.changes, context) : [];
      for (const change of answer.changes) context.stdout.write(changeLine(change, dryRun));
      for (const failure of failures) context.stderr.write(`! ${failure}\n`);
      if (answer.changes.length === 0)
        context.stderr.write(`the files hold no pipeline${hasSecret(files) ? KEPT : ''}\n`);
    }
    return failed ? EXIT.no : EXIT.ok;
  },
};

const KEPT = '; their Secrets are known until the engine ends';

function hasSecret(files: readonly InputFile[]): boolean {
  return files.some(({ text }) => /^\s*["']?kind["']?\s*:\s*["']?Secret\b/m.test(text));
}

/** Whoever must wait longer for an answer will see it in `sluice status`. */
const ASK_MS = 1500;

const QUEUED = { tracepipeline: 'spans are', metricpipeline: 'points are', logpipeline: 'records are' } as const;

/** Backends that fail at once; asked from here, so only those whose secrets are not needed. */
async function failingBackends(
  files: readonly InputFile[],
  changes: readonly ResourceChange[],
  context: CliContext,
): Promise<readonly string[]> {
  const { checkBackends } = await import('../online/check-backends.ts');
  const silent = { ...context, progress: { write: () => {}, isTty: false } };
  const issues = await Promise.race([checkBackends(files, [], silent), sleep(context.clock, ASK_MS).then(() => [])]);
  const single = changes.length === 1 ? changes[0]!.kind.toLowerCase() : undefined;
  const what = QUEUED[single as keyof typeof QUEUED] ?? 'items are';
  return issues.map(({ message, code }) => `${message} (${code}); ${what} queued`);
}
