/** Whoever waits until an exporter holds nothing. */
export class IdleWaits {
  readonly #isIdle: () => boolean;
  #waiting: (() => void)[] = [];

  constructor(isIdle: () => boolean) {
    this.#isIdle = isIdle;
  }

  /** Resolves as soon as it holds nothing. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#isIdle()) resolve();
      else this.#waiting.push(resolve);
    });
  }

  /** It may hold nothing any more. */
  tell(): void {
    if (this.#waiting.length === 0 || !this.#isIdle()) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
