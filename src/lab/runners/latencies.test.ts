import { describe, expect, it } from 'vitest';
import { latenciesMs, longestGapMs, quantile } from './latencies.ts';
import type { SettledRequests } from './load-process.ts';

function requests(rows: readonly { request?: number; dueAtMs?: number; settledAtMs?: number; ok?: boolean }[]) {
  return {
    request: Float64Array.from(rows, ({ request = 0 }) => request),
    dueAtMs: Float64Array.from(rows, ({ dueAtMs = 0 }) => dueAtMs),
    settledAtMs: Float64Array.from(rows, ({ settledAtMs = 0 }) => settledAtMs),
    ok: Uint8Array.from(rows, ({ ok = true }) => (ok ? 1 : 0)),
  } satisfies SettledRequests;
}

describe('latencies', () => {
  it('go from the start of each request to its arrival, whatever the order of the answers', () => {
    const sent = requests([
      { request: 1, dueAtMs: 110 },
      { request: 0, dueAtMs: 100 },
      { request: 2, dueAtMs: 120 },
    ]);
    expect(latenciesMs(sent, Float64Array.of(150, 115, Number.NaN))).toEqual([5, 50]);
  });

  it('have quantiles, and none where nothing arrived', () => {
    const sorted = Array.from({ length: 100 }, (_, index) => index + 1);
    expect([quantile(sorted, 0.5), quantile(sorted, 0.99), quantile([7], 0.5)]).toEqual([50, 99, 7]);
    expect(quantile([], 0.5)).toBeNaN();
  });
});

describe('longestGapMs', () => {
  it('is the longest time between acknowledged probes, both ends of the measurement included', () => {
    const probes = requests([{ settledAtMs: 1100 }, { settledAtMs: 1500, ok: false }, { settledAtMs: 1900 }]);
    expect(longestGapMs(probes, 1000, 2000)).toBe(800);
    expect(longestGapMs(probes, 1000, 3000)).toBe(1100);
    expect(longestGapMs(requests([]), 1000, 2000)).toBe(1000);
  });

  it('leaves out probes before and after the measurement', () => {
    const probes = requests([{ settledAtMs: 900 }, { settledAtMs: 1200 }, { settledAtMs: 2100 }]);
    expect(longestGapMs(probes, 1000, 2000)).toBe(800);
  });
});
