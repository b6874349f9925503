import type { IngestAttempt } from '../../../otlp/index.ts';

const MAX_ATTEMPTS = 100;

/** Attempts of senders on their way to another process: of accepted ones the newest of each sender, as the log keeps them. */
export class AttemptBatch {
  #attempts = new Map<string, IngestAttempt>();
  #sequence = 0;

  add(attempt: IngestAttempt): void {
    const { outcome, peer, protocol, signal } = attempt;
    const key = outcome === 'accepted' ? `${peer} ${protocol} ${signal}` : `#${this.#sequence++}`;
    this.#attempts.delete(key);
    this.#attempts.set(key, attempt);
    if (this.#attempts.size > MAX_ATTEMPTS) {
      const [oldest] = this.#attempts.keys();
      this.#attempts.delete(oldest!);
    }
  }

  take(): readonly IngestAttempt[] {
    const taken = [...this.#attempts.values()];
    this.#attempts = new Map();
    return taken;
  }
}
