import { describe, expect, it } from 'vitest';
import { configOf } from '../../../test/testkit/engine.ts';
import { checkEngineConfig } from '../engine.ts';

const BYTES = { sizer: 'bytes', queue_size: 1_000_000 };

/** Exporters `otlp_grpc/a`, `otlp_grpc/b` and so on, one a pipeline of traces, with these queues. */
function check(
  extensions: Readonly<Record<string, unknown>>,
  queues: readonly Readonly<Record<string, unknown>>[],
  pipelines?: Parameters<typeof configOf>[0]['pipelines'],
) {
  const names = queues.map((_, i) => String.fromCharCode(97 + i));
  const exporters = names.map((name, i) => [
    `otlp_grpc/${name}`,
    { endpoint: 'backend:4317', sending_queue: queues[i] },
  ]);
  const own = names.map((name) => [`traces/${name}`, { exporters: [`otlp_grpc/${name}`] }]);
  const config = configOf({
    extensions,
    exporters: Object.fromEntries(exporters),
    pipelines: pipelines ?? Object.fromEntries(own),
  });
  return checkEngineConfig(config).map(({ code, message, path }) => `${code} ${path?.join('.')}: ${message}`);
}

describe('the storage of a queue', () => {
  it('is a sluice_queue of its own, on disk or in memory, or a file_storage that others have, too', () => {
    const own = {
      'sluice_queue/a': { directory: '/q/a', max_age: '24h', on_full: 'drop_oldest' },
      'sluice_queue/b': {},
    };
    const [a, b] = ['sluice_queue/a', 'sluice_queue/b'];
    expect(check(own, [{ ...BYTES, storage: a }, { storage: b }])).toEqual([]);
    const shared = { file_storage: { directory: '/q', create_directory: true } };
    expect(check(shared, [{ storage: 'file_storage' }, { storage: 'file_storage' }])).toEqual([]);
  });

  it('must be an extension that runs, and a storage', () => {
    expect(check({}, [{ storage: 'sluice_queue' }])).toEqual([
      'SL0406 exporters.otlp_grpc/a.sending_queue.storage: storage `sluice_queue` is not an extension of the service',
    ]);
    expect(check({ health_check: {} }, [{ storage: 'health_check' }])).toEqual([
      'SL0406 exporters.otlp_grpc/a.sending_queue.storage: extension `health_check` is no storage for queues',
    ]);
  });

  it('is not asked for where the queue is off', () => {
    expect(check({}, [{ enabled: false, storage: 'sluice_queue' }])).toEqual([]);
  });

  it('has a folder that no other exporter has', () => {
    const two = { 'sluice_queue/a': { directory: '/q/x' }, 'sluice_queue/b': { directory: '/q/../q/x/' } };
    const queues = [
      { ...BYTES, storage: 'sluice_queue/a' },
      { ...BYTES, storage: 'sluice_queue/b' },
    ];
    expect(check(two, queues)).toEqual([
      'SL0420 exporters.otlp_grpc/b.sending_queue.storage: `otlp_grpc/b` would keep its queue in `/q/x/traces`, where `otlp_grpc/a` keeps its own',
    ]);
    const one = { 'sluice_queue/a': { directory: '/q/x' } };
    expect(check(one, [queues[0]!, queues[0]!])).toHaveLength(1);
    const letters = { directory: '/letters' };
    const rejected = {
      'sluice_queue/a': { directory: '/q/a', dead_letters: letters },
      'sluice_queue/b': { directory: '/q/b', dead_letters: letters },
    };
    expect(check(rejected, queues)).toHaveLength(1);
  });

  it('counts bytes on disk, and lets nobody wait', () => {
    const extensions = { sluice_queue: { directory: '/q' } };
    expect(check(extensions, [{ storage: 'sluice_queue' }])).toEqual([
      'SL0105 exporters.otlp_grpc/a.sending_queue.storage: a queue on disk is limited in bytes, as a disk is',
    ]);
    expect(check(extensions, [{ ...BYTES, storage: 'sluice_queue', block_on_overflow: true }])[0]).toContain('SL0107');
    expect(check(extensions, [{ ...BYTES, storage: 'sluice_queue', wait_for_result: true }])[0]).toContain('SL0114');
    const memory = { sluice_queue: { on_full: 'drop_oldest' } };
    expect(check(memory, [{ ...BYTES, storage: 'sluice_queue', block_on_overflow: true }])[0]).toContain('SL0114');
  });

  it('belongs to one pipeline of a signal', () => {
    const extensions = { sluice_queue: { directory: '/q' } };
    const exporters = ['otlp_grpc/a'];
    const pipelines = { 'traces/a': { exporters }, 'traces/b': { exporters }, logs: { exporters } };
    expect(check(extensions, [{ ...BYTES, storage: 'sluice_queue' }], pipelines)).toEqual([
      'SL0107 exporters.otlp_grpc/a.sending_queue.storage: pipelines `traces/a` and `traces/b` end in `otlp_grpc/a`, whose queue is on disk: what is found there at the start could be of either',
    ]);
  });
});
