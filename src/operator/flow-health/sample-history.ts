import type { MetricsSample } from '../../flow/index.ts';

/** The window of the autoscaler, and at the interval of rounds so many samples. */
const KEPT_MS = 300_000;
const MOST_SAMPLES = 64;

/** The last samples of each Pod; those of a Pod that is gone are dropped. */
export class SampleHistory {
  readonly #pods = new Map<string, { readonly workload: string; samples: readonly MetricsSample[] }>();

  /** The Pods that run now. */
  expect(pods: readonly string[]): void {
    const running = new Set(pods);
    for (const pod of this.#pods.keys()) if (!running.has(pod)) this.#pods.delete(pod);
  }

  add(workload: string, pod: string, sample: MetricsSample): void {
    const before = this.#pods.get(pod)?.samples ?? [];
    const kept = before.filter(({ atMs }) => sample.atMs - atMs <= KEPT_MS).slice(1 - MOST_SAMPLES);
    this.#pods.set(pod, { workload, samples: [...kept, sample] });
  }

  of(workload: string): Readonly<Record<string, readonly MetricsSample[]>> {
    const own = [...this.#pods].filter(([, kept]) => kept.workload === workload);
    return Object.fromEntries(own.map(([pod, { samples }]) => [pod, samples]));
  }
}
