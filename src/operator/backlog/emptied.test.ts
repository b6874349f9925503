import { describe, expect, it } from 'vitest';
import type { MetricsSample } from '../../flow/index.ts';
import { isEmptied } from './emptied.ts';

const EXPORTER = 'otlp_grpc/tracepipeline-shop';
const QUEUES = [{ exporter: EXPORTER }];
const START_MS = 1_000_000;

interface Seen {
  /** Of the process. */
  readonly startedMs?: number;
  readonly queueSize?: number;
  readonly exporter?: string;
  readonly queueCapacity?: number;
  readonly diskTrouble?: number;
}

function sample(atMs: number, { startedMs = START_MS, queueSize = 0, queueCapacity = 100, ...seen }: Seen = {}) {
  const { exporter = EXPORTER, diskTrouble = 0 } = seen;
  return {
    atMs,
    exporters: { [exporter]: { sent: 0, sendFailed: 0, enqueueFailed: 0, queueSize, queueCapacity, diskTrouble } },
    intake: {},
    usage: { cpuSeconds: 0, rssBytes: 0, heapBytes: 0, uptimeSeconds: (atMs - startedMs) / 1000 },
  } satisfies MetricsSample;
}

const emptied = (
  samples: readonly MetricsSample[],
  rest: Partial<Parameters<typeof isEmptied>[1]> & { readonly sinceMs?: number } = {},
) => {
  const { sinceMs = START_MS, ...others } = rest;
  return isEmptied(QUEUES, { settled: true, replicas: 1, hasVolumes: true, pods: [{ sinceMs, samples }], ...others });
};

const at = (seconds: number) => START_MS + seconds * 1000;

describe('whether a backlog is delivered', () => {
  it('is so when a Pod said twice that nothing is left', () => {
    expect(emptied([sample(at(30)), sample(at(40))])).toBe(true);
  });

  it.each<[string, boolean]>([
    ['once', emptied([sample(at(30))])],
    ['and then something was left', emptied([sample(at(30)), sample(at(40), { queueSize: 1 })])],
    ['after something was left', emptied([sample(at(30), { queueSize: 1 }), sample(at(40))])],
    ['of a disk that cannot be read', emptied([sample(at(30)), sample(at(40), { diskTrouble: 1 })])],
    ['right after its start', emptied([sample(at(10)), sample(at(20))])],
    ['of a process that was another one', emptied([sample(at(30), { startedMs: 0 }), sample(at(60))])],
    ['before it drained', emptied([sample(at(30)), sample(at(40))], { sinceMs: at(35) })],
    ['of another exporter', emptied([sample(at(30), { exporter: 'x' }), sample(at(40), { exporter: 'x' })])],
    [
      'of an exporter without a queue',
      emptied([sample(at(30), { queueCapacity: 0 }), sample(at(40), { queueCapacity: 0 })]),
    ],
    ['while a rollout goes on', emptied([sample(at(30)), sample(at(40))], { settled: false })],
    ['while another replica is missing', emptied([sample(at(30)), sample(at(40))], { replicas: 2 })],
  ])('is not so when it was said %s', (_when, is) => {
    expect(is).toBe(false);
  });

  it('is not known of volumes without a replica', () => {
    expect(emptied([], { replicas: 0, pods: [] })).toBe(false);
  });

  it('is so where there is no node that could hold anything', () => {
    expect(emptied([], { replicas: 0, pods: [], hasVolumes: false })).toBe(true);
  });
});
