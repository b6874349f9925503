import { performance } from 'node:perf_hooks';

/** Phase lines with the time since the start, on stderr: standard output belongs to results. */
export interface Progress {
  phase(text: string): void;
  /** Repeats the current phase while it lasts, so that a silent compile is not taken for a hang. */
  stop(): void;
}

const REMIND_AFTER_MS = 20_000;

export function createProgress(subject: string): Progress {
  const startedAt = performance.now();
  let current = '';
  const write = (text: string) =>
    process.stderr.write(`${subject}: ${text} (${formatElapsed(performance.now() - startedAt)})\n`);
  const reminder = setInterval(() => current !== '' && write(`still ${current}`), REMIND_AFTER_MS);
  reminder.unref();
  return {
    phase(text) {
      current = text;
      write(text);
    },
    stop: () => clearInterval(reminder),
  };
}

function formatElapsed(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
