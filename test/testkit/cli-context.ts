import type { CliContext } from '../../src/cli/context.ts';
import { systemClock } from '../../src/lib/index.ts';

/** A context without a terminal whose output can be read. */
export function createCliContext(changes: Partial<CliContext> = {}) {
  const output = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof output) => ({
    isTty: false,
    write: (text: string) => {
      output[name] += text;
    },
  });
  const stderr = stream('stderr');
  const context: CliContext = {
    stdout: stream('stdout'),
    stderr,
    progress: stderr,
    quiet: false,
    env: {},
    cwd: '/',
    color: { stdout: false, stderr: false },
    unicode: true,
    clock: systemClock,
    version: '1.2.3',
    program: 'sluice',
    interrupt: new AbortController().signal,
    ...changes,
  };
  return { context, output };
}
