import { expect, it } from 'vitest';
import type { ExporterFigures, MetricsSample } from '../../flow/index.ts';
import { loadOf } from './workload-load.ts';

const STEP_MS = 40_000;

function queued(queueSize: number): ExporterFigures {
  return { sent: 0, sendFailed: 0, enqueueFailed: 0, queueSize, queueCapacity: 1e9 };
}

function sample(atMs: number, exporters: MetricsSample['exporters']): MetricsSample {
  return { atMs, exporters, intake: {}, usage: { cpuSeconds: 0, rssBytes: 0, heapBytes: 0 } };
}

it('counts queues in memory as memory, and those on disk not', () => {
  const samples = [0, STEP_MS].map((atMs) => sample(atMs, { memory: queued(1e6), disk: queued(9e8) }));
  const limits = { cpuCores: 1, softLimitBytes: 1e7, queueFactor: 5 };
  const shareOf = (...onDisk: readonly string[]) =>
    loadOf({ pod: samples }, { ...limits, onDisk: new Set(onDisk) }, STEP_MS)!.queueShare;
  expect(shareOf('disk')).toBe(0.5);
  expect(shareOf('disk', 'memory')).toBe(0);
  expect(shareOf()).toBe(450.5);
});
