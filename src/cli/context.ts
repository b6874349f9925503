import type { Clock } from '../lib/index.ts';
import type { ExitCode } from './exit-code.ts';

/** A stream of text out of the process. */
export interface TextStream {
  write(text: string): void;
  readonly isTty: boolean;
  /** Width of the terminal, as it is now. */
  readonly columns?: number | undefined;
}

/** Everything a verb may touch of the world outside; made once in main.ts, replaced in tests. */
export interface CliContext {
  /** The document and nothing else. */
  readonly stdout: TextStream;
  /** Findings and errors for people. */
  readonly stderr: TextStream;
  /** What goes on, for people: stderr, or nowhere with --quiet. */
  readonly progress: TextStream;
  readonly quiet: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Colours and symbols may be used on this stream. */
  readonly color: { readonly stdout: boolean; readonly stderr: boolean };
  readonly unicode: boolean;
  readonly clock: Clock;
  readonly version: string;
  /** How the command was called, for commands to copy: `sluice`, `./bin/sluice`. */
  readonly program: string;
  /** Aborts on the first Ctrl-C or SIGTERM; the reason is the exit code. A second signal ends the process at once. */
  readonly interrupt: AbortSignal;
}

/** Ends a verb with a message for people; main.ts prints `error[CODE]: message` and the hints. */
export class CliError extends Error {
  readonly exitCode: ExitCode;
  readonly code: string;
  /** Indented lines below the message: what to do. Commands in them begin with `sluice`, whatever the program is called. */
  readonly hints: readonly string[];

  constructor(exitCode: ExitCode, code: string, message: string, hints: readonly string[] = []) {
    super(message);
    this.name = 'CliError';
    this.exitCode = exitCode;
    this.code = code;
    this.hints = hints;
  }
}

/** The exit code that an interrupted verb returns: 130 after Ctrl-C, 143 after SIGTERM. */
export function interruptCode(context: CliContext): ExitCode {
  return context.interrupt.reason as ExitCode;
}
