import { describe, expect, it } from 'vitest';
import type { GeneratorReport } from '../../load/index.ts';
import type { Fault, RunPlan } from '../run.ts';
import { figuresOf, healthyBackends, type Observed } from './figures.ts';
import type { Moment } from './timeline.ts';

const HEALTHY = { name: 'healthy', signal: 'traces', mode: 'accept' } as const;
const OTHER = { name: 'the-other', signal: 'traces', mode: 'drop' } as const;
const PLAN: RunPlan = {
  runner: 'engine',
  topology: 'Shared',
  settings: 'sluice',
  replicas: 2,
  memoryBytes: 2 ** 29,
  backends: [HEALTHY, OTHER],
  load: [{ signal: 'traces', shape: 't100', itemsPerRequest: 100, itemsPerSecond: 100 }],
  faults: [],
  warmUpMs: 0,
  durationMs: 10_000,
  seed: 1,
};
const EMPTY = {
  request: new Float64Array(),
  dueAtMs: new Float64Array(),
  settledAtMs: new Float64Array(),
  ok: new Uint8Array(),
};

/** 100 items a second for ten seconds, of which the healthy backend got so many each second. */
function observed(gotEachSecond: readonly number[], change: Partial<Observed> = {}): Observed {
  let got = 0;
  const moments = [0, ...gotEachSecond].map((more, second): Moment => {
    got += more;
    return {
      atMs: second * 1000,
      usage: { cpuSeconds: second * 0.5, rssMiB: 100 + second, rssLargestMiB: 60, metrics: [] },
      delivered: new Map([
        ['healthy', got],
        ['the-other', 0],
      ]),
      sent: { traces: second * 100 },
      accepted: second * 90,
      refused: 0,
      failed: 0,
      queueDiskBytes: 2 ** 20,
    };
  });
  const report = { sent: 1000, accepted: 900, refused: 60, failed: 40, bytes: 0 } as GeneratorReport;
  const account = {
    acknowledged: 900,
    offered: 1000,
    rejectedInPart: 0,
    dropped: {},
    queued: { items: 0, exact: true },
  };
  return {
    plan: PLAN,
    moments,
    sent: [{ signal: 'traces', itemsPerSecond: 100, report }],
    accounts: [
      { ...account, backend: HEALTHY, delivered: got },
      { ...account, backend: OTHER, delivered: 0 },
    ],
    duplicates: 9,
    loads: [],
    probes: [{ signal: 'traces', requests: EMPTY }],
    fromMs: 0,
    untilMs: 10_000,
    rssPeakMiB: 70,
    processes: 2,
    objects: 13,
    ...change,
  };
}

describe('figures', () => {
  it('are those of the healthy pipelines, of senders and of processes', () => {
    expect(figuresOf(observed(Array(10).fill(90))).figures).toMatchObject({
      goodput_percent: 90,
      goodput_percent_healthy: 90,
      goodput_percent_the_other: 0,
      accepted_per_second: 90,
      accepted_per_second_per_replica: 45,
      refused_percent: 6,
      failed_percent: 4,
      lost_items: 0,
      duplicates_percent: 1,
      cpu_cores: 0.5,
      rss_peak_mib: 70,
      rss_total_mib: 110,
      unavailable_seconds: 10,
    });
  });

  it('have no latency where nothing arrived, and no recovery where nothing happened', () => {
    const { figures } = figuresOf(observed(Array(10).fill(0)));
    expect(Object.keys(figures)).not.toContain('p99_ms');
    expect(Object.keys(figures)).not.toContain('recovery_seconds');
    expect(Object.values(figures).every(Number.isFinite)).toBe(true);
  });

  it('count what senders had to wait for against a gateway', () => {
    const slow = observed(Array(10).fill(50));
    const accounts = slow.accounts.map((account) => ({ ...account, acknowledged: 500, offered: 500 }));
    expect(figuresOf({ ...slow, accounts }).figures).toMatchObject({ goodput_percent: 50 });
  });

  it('tell how long a fault was felt, and by how many', () => {
    const kill: Fault = { afterMs: 2000, kind: 'kill', target: 'all' };
    const plan = { ...PLAN, faults: [kill] };
    const felt = observed([100, 100, 0, 0, 0, 100, 100, 100, 100, 100], { plan });
    expect(figuresOf(felt)).toMatchObject({ figures: { recovery_seconds: 3, disturbed_percent: 100 }, censored: [] });
    const unfelt = observed(Array(10).fill(100), { plan });
    expect(figuresOf(unfelt).figures).toMatchObject({ recovery_seconds: 0, disturbed_percent: 0 });
    const burst = observed([100, 100, 0, 200, 100, 100, 100, 100, 100, 100], { plan });
    expect(figuresOf(burst).figures).toMatchObject({ recovery_seconds: 1 });
    const never = observed([100, 100, 0, 0, 0, 0, 0, 0, 0, 0], { plan });
    expect(figuresOf(never)).toMatchObject({ figures: { recovery_seconds: 8 }, censored: ['recovery_seconds'] });
  });

  it('are measured between the first look and the last, whatever was planned and comes afterwards', () => {
    const late = observed(Array(10).fill(90));
    const moments = late.moments.map((moment) => ({ ...moment, atMs: moment.atMs * 2 }));
    const accounts = late.accounts.map((account) => ({ ...account, delivered: account.delivered + 500 }));
    expect(figuresOf({ ...late, moments, accounts }).figures).toMatchObject({
      accepted_per_second: 45,
      delivered_per_second: 45,
      cpu_cores: 0.25,
    });
  });

  it('call lost what was acknowledged and is neither delivered nor held, by counts and by requests', () => {
    const account = observed(Array(10).fill(90)).accounts[0]!;
    const lost = (delivered: number, held: number, change: Partial<Observed> = {}) => {
      const queued = { items: held, exact: true };
      const accounts = [
        { ...account, delivered, queued },
        { ...account, backend: OTHER, delivered: 100, queued },
      ];
      return figuresOf(observed(Array(10).fill(90), { accounts, ...change })).figures;
    };
    expect(lost(900, 0)).toMatchObject({ lost_items: 0, lost_items_the_other: 800 });
    expect(lost(850, 20)).toMatchObject({ lost_items: 30, lost_items_the_other: 780 });
    const requests = {
      request: Float64Array.of(0, 1, 2),
      dueAtMs: Float64Array.of(0, 0, 0),
      settledAtMs: Float64Array.of(1, 1, 1),
      ok: Uint8Array.of(1, 1, 0),
    };
    // The second was acknowledged and never came; the third came although its sender heard an error.
    const arrivals = new Map([['healthy', Float64Array.of(5, Number.NaN, 5)]]);
    const loads = [{ signal: 'traces', requests, arrivals, itemsPerRequest: 100 }];
    expect(lost(900, 0, { loads })).toMatchObject({ lost_items: 100 });
  });

  it('call healthy what accepts from the beginning to the end', () => {
    const fault: Fault = { afterMs: 1, kind: 'backend', target: 'healthy', mode: 'hang' };
    expect(healthyBackends(PLAN)).toEqual([HEALTHY]);
    expect(healthyBackends({ ...PLAN, faults: [fault] })).toEqual([]);
  });
});
