import type { Backend, RunPlan } from '../run.ts';
import type { Moment } from './timeline.ts';

/** Per-second values between neighbouring moments. */
export function seriesOf(moments: readonly Moment[], plan: RunPlan): Readonly<Record<string, readonly number[]>> {
  const pairs = moments.slice(1).map((moment, index) => [moments[index]!, moment] as const);
  const rate = (value: (moment: Moment) => number) =>
    pairs.map(([before, after]) => rounded((value(after) - value(before)) / ((after.atMs - before.atMs) / 1000)));
  const goodput = plan.backends.map((backend) => [
    `goodput_percent_${figureName(backend.name)}`,
    goodputSeries(pairs, backend),
  ]);
  return {
    ...Object.fromEntries(goodput),
    refused_per_second: rate(({ refused, failed }) => refused + failed),
    rss_mib: pairs.map(([, { usage }]) => rounded(usage.rssMiB)),
    cpu_cores: rate(({ usage }) => usage.cpuSeconds),
    queue_disk_mib: pairs.map(([, { queueDiskBytes }]) => rounded(queueDiskBytes / 2 ** 20)),
  };
}

/** What a backend got of what was sent in the same time; more than 100 while a backlog drains. */
function goodputSeries(pairs: readonly (readonly [Moment, Moment])[], { name, signal }: Backend): number[] {
  return pairs.map(([before, after]) => {
    const sent = (after.sent[signal] ?? 0) - (before.sent[signal] ?? 0);
    const delivered = (after.delivered.get(name) ?? 0) - (before.delivered.get(name) ?? 0);
    return sent === 0 ? 0 : rounded((delivered / sent) * 100);
  });
}

/** Names of figures and series have no dashes. */
export function figureName(backend: string): string {
  return backend.replaceAll('-', '_');
}

export function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
