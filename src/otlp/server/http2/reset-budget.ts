import type { Clock } from '../../../lib/index.ts';
import { ConnectionError, ERROR_CODE } from './frame.ts';

const BURST = 1000;
const PER_SECOND = 33;

/** How many streams a peer may have reset or refused: a burst, and a slow refill. Beyond it the connection ends (CVE-2023-44487). */
export class ResetBudget {
  readonly #clock: Clock;
  #left = BURST;
  #refilledMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#refilledMs = clock.monotonicMs();
  }

  take(): void {
    if (this.#left >= 1) {
      this.#left--;
      return;
    }
    const nowMs = this.#clock.monotonicMs();
    this.#left = Math.min(BURST, (PER_SECOND * (nowMs - this.#refilledMs)) / 1000);
    this.#refilledMs = nowMs;
    if (this.#left < 1) throw new ConnectionError(ERROR_CODE.enhanceYourCalm, 'too many resets');
    this.#left--;
  }
}
