/** Runs at most so many jobs at once; the others wait in the order in which they came. */
export class Turns {
  readonly #limit: number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Calls `job` when its turn has come; the job calls `done` once, later than that. */
  take(job: (done: () => void) => void): void {
    if (this.#running < this.#limit) this.#start(job);
    else this.#waiting.push(() => this.#start(job));
  }

  #start(job: (done: () => void) => void): void {
    this.#running++;
    job(() => {
      this.#running--;
      this.#waiting.shift()?.();
    });
  }
}
