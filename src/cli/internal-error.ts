import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorMessage } from '../lib/index.ts';
import type { CliContext } from './context.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { stateDir } from './state-dir.ts';

/** Tells of a bug in one sentence and saves the stack for a report; no telemetry values are in it. */
export function reportInternalError(error: unknown, context: CliContext): ExitCode {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  context.stderr.write(`internal error[SL0000]: ${errorMessage(error)} (a bug, not your fault)\n`);
  try {
    const folder = join(stateDir(context.env), 'reports');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const file = join(folder, `${new Date(context.clock.nowMs()).toISOString().replace(/[:.]/g, '-')}.txt`);
    writeFileSync(
      file,
      `sluice ${context.version} · node ${process.version} · ${process.platform} ${process.arch}\n\n${stack}\n`,
      { mode: 0o600 },
    );
    context.stderr.write(`    report saved to ${file} (no telemetry values inside)\n`);
  } catch {
    context.stderr.write(`${stack}\n`); // nowhere to save it: better on the terminal than lost
  }
  return EXIT.internal;
}
