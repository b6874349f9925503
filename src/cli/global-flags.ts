import type { Command } from 'commander';
import type { CliContext, TextStream } from './context.ts';
import { parseChoiceFlag } from './flags.ts';

const NOWHERE: TextStream = { write: () => {}, isTty: false };

/** Options that every verb takes. */
export function defineGlobalFlags(command: Command): Command {
  return command
    .option('-q, --quiet', 'no progress and no warnings; findings that decide the exit code stay')
    .option('--color <when>', 'auto, always or never', 'auto')
    .option('--ascii', 'no symbols outside ASCII');
}

/** The context as the options of one call want it. */
export function withGlobalFlags(context: CliContext, flags: Record<string, unknown>): CliContext {
  const when = parseChoiceFlag('--color', flags['color'], ['auto', 'always', 'never']);
  const quiet = flags['quiet'] === true;
  return {
    ...context,
    quiet,
    progress: quiet ? NOWHERE : context.progress,
    color: when === 'auto' ? context.color : { stdout: when === 'always', stderr: when === 'always' },
    unicode: context.unicode && flags['ascii'] !== true,
  };
}
