/** Of about how many tries the share is. */
const WINDOW = 64;
/** So few tries say nothing. */
const LEAST_TRIES = 20;
/** A run of failures that is less likely than this is not chance. */
const CHANCE_OF_RUN = 1e-9;
const LONGEST_RUN = 1000;
/** A consignment whose failures are less likely than this has a reason of its own. */
const CHANCE_OF_ONE = 0.01;

/** Which share of its latest tries a backend takes. */
export class SuccessShare {
  #share = 0;
  #tries = 0;

  add(success: boolean): void {
    this.#tries++;
    this.#share += ((success ? 1 : 0) - this.#share) / Math.min(this.#tries, WINDOW);
  }

  reset(): void {
    this.#share = 0;
    this.#tries = 0;
  }

  /** Failures in a row that can still be chance. */
  get longestRunOfFailures(): number {
    const failing = 1 - this.#share;
    if (failing <= 0 || failing >= 1) return 0;
    return Math.min(LONGEST_RUN, Math.ceil(Math.log(CHANCE_OF_RUN) / Math.log(failing)));
  }

  /** Whether as many failures of one consignment are what is to be expected; undefined: too little is known. */
  explains(failures: number): boolean | undefined {
    if (this.#tries < LEAST_TRIES || this.#share === 0) return undefined;
    return (1 - this.#share) ** failures >= CHANCE_OF_ONE;
  }
}
