import type { IngestAttempt } from '../otlp/index.ts';
import type { AttemptDocument } from './api.ts';

/** The last connections and requests of senders, whatever became of them. */
export interface AttemptLog {
  record(attempt: IngestAttempt): void;
  /** Newest first. */
  list(): readonly AttemptDocument[];
  /** Whether any sender has reached the receiver since the start. */
  readonly connected: boolean;
}

/** Keeps the last `capacity` attempts, and of accepted ones only the newest per peer and signal, so that a busy sender hides nobody. */
export function createAttemptLog(capacity = 100): AttemptLog {
  const attempts = new Map<string, IngestAttempt>();
  let sequence = 0;
  return {
    record(attempt) {
      const key = attempt.outcome === 'accepted' ? acceptedKey(attempt) : `#${sequence++}`;
      attempts.delete(key);
      attempts.set(key, attempt);
      if (attempts.size > capacity) {
        const [oldest] = attempts.keys();
        attempts.delete(oldest);
      }
    },
    list: () => [...attempts.values()].reverse().map(toDocument),
    get connected() {
      return attempts.size > 0;
    },
  };
}

function acceptedKey(attempt: IngestAttempt): string {
  return `${attempt.peer} ${attempt.protocol} ${attempt.signal ?? ''}`;
}

function toDocument({ atMs, ...rest }: IngestAttempt): AttemptDocument {
  return { at: new Date(atMs).toISOString(), ...rest };
}
