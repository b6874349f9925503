import { createInterface } from 'node:readline/promises';
import { type CliContext, CliError } from '../context.ts';
import { EXIT } from '../exit-code.ts';

/**
 * Asks before a cluster is changed. Without a terminal nobody can answer, so `--yes` has to say it. Rejects with exit code 2
 * where it is not confirmed.
 */
export async function confirmChange(
  question: string,
  flags: Record<string, unknown>,
  context: CliContext,
): Promise<void> {
  if (flags['yes'] === true) return;
  const { stdin } = process;
  if (!stdin.isTTY || !context.stderr.isTty) {
    throw new CliError(EXIT.usage, 'SL0712', `${question} Nobody can be asked here, and nothing was changed`, [
      'confirm it:  --yes',
      'or look first:  --dry-run, --export',
    ]);
  }
  const prompt = createInterface({ input: stdin, output: process.stderr });
  try {
    const answer = await prompt.question(`${question} [y/N] `, { signal: context.interrupt });
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    prompt.close();
  }
  throw new CliError(EXIT.usage, 'SL0712', 'not confirmed, nothing was changed');
}
