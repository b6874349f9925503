import { describe, expect, it } from 'vitest';
import type { RunPlan } from '../run.ts';
import type { CollectorConfig } from './collector-config.ts';
import { NAMED_SETTINGS } from './named-settings.ts';

const PLAN: RunPlan = {
  runner: 'otelcol',
  topology: 'Shared',
  settings: 'sluice',
  replicas: 1,
  memoryBytes: 1000 * 2 ** 20,
  backends: [],
  load: [],
  faults: [],
  warmUpMs: 0,
  durationMs: 1000,
  seed: 1,
};

const exporter = {
  endpoint: '127.0.0.1:1',
  timeout: '8s',
  sending_queue: { sizer: 'bytes', queue_size: 1, batch: {} },
};
const chain = (name: string) => ({
  receivers: ['forward/x'],
  processors: [`batch/${name}`],
  exporters: [`otlp_grpc/${name}`],
});
const GATEWAY: CollectorConfig = {
  receivers: { otlp: {} },
  processors: {
    memory_limiter: {},
    'batch/tracepipeline-a': {},
    'batch/tracepipeline-b': {},
    'batch/logpipeline-c': {},
  },
  connectors: { 'forward/x': {} },
  exporters: {
    'otlp_grpc/tracepipeline-a': exporter,
    'otlp_grpc/tracepipeline-b': exporter,
    'otlp_grpc/logpipeline-c': exporter,
  },
  service: {
    pipelines: {
      'traces/input': { receivers: ['otlp'], processors: ['memory_limiter'], exporters: ['forward/x'] },
      'traces/tracepipeline-a': chain('tracepipeline-a'),
      'traces/tracepipeline-b': chain('tracepipeline-b'),
      'logs/logpipeline-c': chain('logpipeline-c'),
    },
  },
};
const ROUTER: CollectorConfig = {
  receivers: { otlp: {} },
  processors: { memory_limiter: {} },
  exporters: { 'otlp_grpc/traces': exporter },
  service: { pipelines: { 'traces/router': { receivers: ['otlp'], exporters: ['otlp_grpc/traces'] } } },
};

const adapt = (name: string, config: CollectorConfig, change: Partial<RunPlan> = {}) =>
  NAMED_SETTINGS[name]!.adapt(config, { plan: { ...PLAN, ...change }, queueFolder: '/queues' });

describe('named settings', () => {
  it('sluice leaves everything as it is rendered', () => {
    expect(adapt('sluice', GATEWAY)).toBe(GATEWAY);
  });

  it("upstream shares Kyma's 256 batches out among the pipelines of a signal, each with a chain of its own", () => {
    const { exporters, processors, connectors, service } = adapt('upstream', GATEWAY);
    const sizes = Object.values(exporters).map(({ sending_queue }) => sending_queue?.['queue_size']);
    expect(sizes).toEqual([128, 128, 256]);
    expect(processors).toEqual({
      memory_limiter: { check_interval: '1s', limit_mib: 750, spike_limit_mib: 150 },
      batch: { send_batch_size: 512, send_batch_max_size: 512, timeout: '10s' },
    });
    expect(connectors).toBeUndefined();
    expect(service.pipelines['traces/tracepipeline-a']).toEqual({
      receivers: ['otlp'],
      processors: ['memory_limiter', 'batch'],
      exporters: ['otlp_grpc/tracepipeline-a'],
    });
    expect(service.pipelines).not.toHaveProperty('traces/input');
  });

  it('file-storage puts what waits behind the batch on disk', () => {
    const { extensions, exporters, service } = adapt('file-storage', GATEWAY, { queueBytes: 3 * 2 ** 30 });
    expect(extensions).toEqual({ file_storage: { directory: '/queues', create_directory: true, fsync: true } });
    expect(service.extensions).toEqual(['file_storage']);
    expect(exporters['otlp_grpc/tracepipeline-a']!.sending_queue).toMatchObject({
      storage: 'file_storage',
      queue_size: 3 * 2 ** 30,
    });
    expect(service.pipelines['logs/logpipeline-c']!.processors).toEqual(['batch/logpipeline-c']);
  });

  it('durable asks for AtLeastOnce, with what a full queue may do in each program', () => {
    const asked = (change: Partial<RunPlan>) => NAMED_SETTINGS['durable']!.delivery!({ ...PLAN, ...change });
    expect(asked({ runner: 'engine', queueBytes: 5 * 2 ** 30 })).toEqual({
      guarantee: 'AtLeastOnce',
      buffer: { maxSize: '5120Mi', onFull: 'DropOldest' },
    });
    expect(asked({ runner: 'otelcol' })).toEqual({
      guarantee: 'AtLeastOnce',
      buffer: { maxSize: '2048Mi', onFull: 'Block' },
    });
  });

  it('durable moves the volume of the rendered configuration into the folder of the run', () => {
    const directory = '/var/lib/telemetry/queues/a';
    const dead_letters = { directory: '/var/lib/telemetry/dead-letters/a', max_bytes: 1 };
    const rendered = { ...GATEWAY, extensions: { 'sluice_queue/a': { directory, fsync: true, dead_letters } } };
    expect(adapt('durable', rendered).extensions).toEqual({
      'sluice_queue/a': {
        directory: '/queues/queues/a',
        fsync: true,
        dead_letters: { directory: '/queues/dead-letters/a', max_bytes: 1 },
      },
    });
  });

  it.each(['upstream', 'file-storage', 'durable'])('%s leaves the exporters of a router as they wait', (name) => {
    expect(adapt(name, ROUTER).exporters).toEqual(ROUTER.exporters);
    expect(adapt(name, ROUTER).service.pipelines).toMatchObject({
      'traces/router': { exporters: ['otlp_grpc/traces'] },
    });
  });
});
