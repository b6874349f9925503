import { closeSync, openSync } from 'node:fs';
import { errorMessage } from '../../lib/index.ts';
import type { CliContext } from '../context.ts';
import type { InputSources } from './input-sources.ts';
import type { LocalStack } from './local-stack.ts';
import { reportReload } from './reload-report.ts';
import { watchFiles } from './watch-files.ts';

export interface FollowOptions {
  /** False: only SIGHUP. */
  readonly watch: boolean;
  /** Called after something else runs. */
  changed(): void;
}

/** Takes up edits of the files, at once or at SIGHUP, and says what became of them. Returns how to stop. */
export function followFiles(
  stack: LocalStack,
  sources: InputSources,
  options: FollowOptions,
  context: CliContext,
): () => void {
  const reload = () => {
    void takeUp(stack, options, context).catch((error: unknown) => {
      context.stderr.write(`! the files could not be read again: ${errorMessage(error)}\n`);
    });
    files?.update(sources.watched());
  };
  const files = options.watch ? watchFiles(sources.watched(), { clock: context.clock, changed: reload }) : undefined;
  const onHangup = () => {
    if (isTerminalGone(context)) process.kill(process.pid, 'SIGTERM');
    else reload();
  };
  process.on('SIGHUP', onHangup);
  // What was saved while everything started.
  if (options.watch) reload();
  return () => {
    process.off('SIGHUP', onHangup);
    files?.close();
  };
}

async function takeUp({ live, server }: LocalStack, { changed }: FollowOptions, context: CliContext): Promise<void> {
  const reload = await live.reload();
  if (reload === undefined) return;
  server.configurationChanged();
  reportReload(reload, context);
  if (reload.refused === undefined) changed();
}

/** A terminal that is closed sends SIGHUP too, and then nobody wants the engine to go on. */
function isTerminalGone({ stdout }: CliContext): boolean {
  if (!stdout.isTty) return false;
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return false;
  } catch {
    return true;
  }
}
