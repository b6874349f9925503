import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import {
  assertBalanced,
  configOf,
  createTestBackend,
  DELIVERED,
  exporterType,
  requestOf,
  startTestEngine,
  type TestBackend,
  type TestEngine,
} from '../../../test/testkit/engine.ts';
import { freePort, listen } from '../../../test/testkit/free-port.ts';
import { waitFor } from '../../../test/testkit/wait-for.ts';
import type { PipelineSnapshot } from '../../flow/index.ts';
import { systemClock } from '../../lib/index.ts';
import type { OtelcolConfig } from '../../otelcol/index.ts';
import { createOtlpGrpcClient } from '../../otlp/index.ts';
import { defaultQueue } from '../settings/queue.ts';

type Parts = Parameters<typeof configOf>[0];

/** A configuration whose receiver has ports of its own choice, so that it may be listened on again. */
function configAt(parts: Parts, ports: { readonly grpc: number; readonly http: number }): OtelcolConfig {
  const at = (port: number) => ({ endpoint: `127.0.0.1:${port}` });
  return {
    ...configOf(parts),
    receivers: { otlp: { protocols: { grpc: at(ports.grpc), http: at(ports.http) } } },
  } as unknown as OtelcolConfig;
}

const plain = (pipelines: Parts['pipelines']): Parts => ({
  processors: { batch: { timeout: '5ms' }, 'batch/long': { timeout: '1h' } },
  exporters: { memory: {}, 'memory/2': {} },
  connectors: { forward: {} },
  pipelines,
});

function rowOf(test: TestEngine, id: string): PipelineSnapshot | undefined {
  return test.engine.snapshot().pipelines.find((pipeline) => pipeline.id === id);
}

function start(config: OtelcolConfig, memory: TestBackend): Promise<TestEngine> {
  return startTestEngine(config, { exporters: { memory: exporterType(memory) } });
}

describe('reload', () => {
  it('takes 20 configurations under load without a failed request, on a kept connection', async () => {
    const memory = createTestBackend({ queue: { ...defaultQueue, capacity: 100_000 } });
    const one = configOf(plain({ 'traces/a': { processors: ['batch'], exporters: ['memory'] } }));
    const test = await start(one, memory);
    const client = createOtlpGrpcClient({
      endpoint: test.url('grpc'),
      headers: {},
      compression: 'none',
      clock: systemClock,
    });
    let loading = true;
    const failures: unknown[] = [];
    let sent = 0;
    const sender = async () => {
      while (loading) {
        const outcome = await client.export('traces', requestOf([`${sent++}`]), { signal: AbortSignal.timeout(5000) });
        if (outcome.status !== 'delivered') failures.push(outcome);
      }
    };
    const load = Promise.all([sender(), sender(), sender()]);
    for (let i = 0; i < 20; i++) {
      const before = sent;
      const report = await test.engine.reload(
        configOf(
          plain({
            'traces/a': { processors: i % 2 === 0 ? [] : ['batch'], exporters: ['memory'] },
            ...(i % 3 > 0 && { 'traces/b': { processors: ['batch'], exporters: ['memory/2'] } }),
          }),
        ),
      );
      expect(report.listeners).toEqual(test.listeners);
      assertBalanced(test.engine);
      await waitFor('more requests', () => sent > before + 5);
    }
    loading = false;
    await load;
    expect(failures).toEqual([]);
    await client.close();
    await test.stop();
    expect(rowOf(test, 'traces/a')!.ledger).toMatchObject({ received: sent, delivered: sent });
  });

  it('to the same configuration keeps everything', async () => {
    const config = configOf({
      ...plain({ traces: { processors: ['batch'], exporters: ['memory'] } }),
      extensions: { health_check: { endpoint: '127.0.0.1:0' } },
    });
    const test = await start(config, createTestBackend());
    const report = await test.engine.reload(structuredClone(config));
    expect(report).toEqual({ listeners: test.listeners, started: [], stopped: [], kept: 4 });
    await test.stop();
  });

  it('touches only the pipeline that changed, of 50', async () => {
    const pipelines = (changed: string) =>
      Object.fromEntries(
        Array.from({ length: 50 }, (_, i) => [
          `traces/${i}`,
          { receivers: ['forward'], processors: [i === 7 ? changed : 'batch/long'], exporters: [`memory/${i}`] },
        ]),
      );
    const exporters = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`memory/${i}`, {}]));
    const config = (changed: string) =>
      configOf({ ...plain({ 'traces/in': { exporters: ['forward'] }, ...pipelines(changed) }), exporters });
    const memory = createTestBackend();
    const test = await start(config('batch/long'), memory);
    await test.send(['held']);
    const report = await test.engine.reload(config('batch'));
    expect(report).toMatchObject({ started: ['batch'], stopped: [], kept: 52 });
    await waitFor('the changed pipeline has flushed', () => memory.taken.length === 1);
    expect(test.engine.snapshot().pipelines.filter(({ ledger }) => ledger.queued === 1)).toHaveLength(49);
    await test.stop();
  });

  it('refuses a configuration it cannot execute, and one that cannot be opened, and goes on as before', async () => {
    const taken = createServer();
    const port = await listen(taken);
    const parts = plain({ traces: { processors: ['batch'], exporters: ['memory'] } });
    const test = await start(configOf(parts), createTestBackend());
    await expect(test.engine.reload(configOf({ ...parts, exporters: { nothing: {} } }))).rejects.toMatchObject({
      code: 'invalid_config',
    });
    const closed = configAt(plain({ traces: { exporters: ['memory/2'] } }), { grpc: 0, http: port });
    await expect(test.engine.reload(closed)).rejects.toMatchObject({ code: 'EADDRINUSE', port });
    const file = { file: { path: '/nowhere/at/all' } };
    const pipelines = { traces: { exporters: ['memory/2', 'file'] } };
    await expect(
      test.engine.reload(configOf({ ...parts, exporters: { ...parts.exporters, ...file }, pipelines })),
    ).rejects.toMatchObject({ code: 'file_unwritable' });
    expect(await test.send(['a'])).toEqual(DELIVERED);
    expect(test.engine.snapshot().pipelines).toMatchObject([{ id: 'traces', exporters: [{ id: 'memory' }] }]);
    await test.stop();
    taken.close();
  });

  it('opens a receiver with other settings on the same ports, and gives up none when a new one is taken', async () => {
    const ports = { grpc: await freePort(), http: await freePort() };
    const parts = plain({ traces: { exporters: ['memory'] } });
    const config = configAt(parts, ports);
    const test = await start(config, createTestBackend());
    const limited = {
      ...config,
      receivers: {
        otlp: {
          protocols: {
            grpc: { endpoint: `127.0.0.1:${ports.grpc}`, max_recv_msg_size_mib: 1 },
            http: { endpoint: `127.0.0.1:${ports.http}` },
          },
        },
      },
    } as unknown as OtelcolConfig;
    const report = await test.engine.reload(limited);
    expect(report).toMatchObject({ started: ['otlp'], stopped: ['otlp'], kept: 1 });
    expect(report.listeners.map(({ port }) => port)).toEqual([ports.grpc, ports.http]);
    expect(await test.send(['a'])).toEqual(DELIVERED);
    const other = createServer();
    const port = await listen(other);
    await expect(test.engine.reload(configAt(parts, { grpc: ports.grpc, http: port }))).rejects.toMatchObject({ port });
    expect(await test.send(['b'])).toEqual(DELIVERED);
    const grpc = createOtlpGrpcClient({
      endpoint: test.url('grpc'),
      headers: {},
      compression: 'none',
      clock: systemClock,
    });
    expect(await grpc.export('traces', requestOf(['c']), { signal: AbortSignal.timeout(5000) })).toEqual(DELIVERED);
    await grpc.close();
    other.close();
    await test.stop();
  });

  it('answers a request that is under way at a receiver that goes, and takes none on it after', async () => {
    const memory = createTestBackend();
    let answer = (): void => {};
    memory.answer = () => new Promise((resolve) => (answer = () => resolve(DELIVERED)));
    const parts = plain({ traces: { exporters: ['memory'] } });
    const config = configOf(parts);
    const test = await start(config, memory);
    const waiting = test.send(['a']);
    await waitFor('the request is under way', () => memory.tries.length === 1);
    const moved = { ...config, receivers: { 'otlp/new': config.receivers['otlp' as never] } };
    const report = await test.engine.reload({
      ...moved,
      service: {
        ...config.service,
        pipelines: { traces: { receivers: ['otlp/new'], exporters: ['memory'], processors: [] } },
      },
    } as unknown as OtelcolConfig);
    expect(report).toMatchObject({ started: ['otlp/new'], stopped: ['otlp'] });
    answer();
    expect(await waiting).toEqual(DELIVERED);
    expect(await test.send(['b'])).toMatchObject({ status: 'retryable' });
    await test.stop();
  });

  it('keeps rows of what is gone, delivers what it holds, and takes it up again when it comes back', async () => {
    const memory = createTestBackend({ queue: defaultQueue });
    const answers: (() => void)[] = [];
    memory.answer = () => new Promise((resolve) => answers.push(() => resolve(DELIVERED)));
    const both = configOf(plain({ 'traces/a': { exporters: ['memory'] }, 'traces/b': { exporters: ['memory/2'] } }));
    const test = await start(both, memory);
    await test.send(['1']);
    const report = await test.engine.reload(configOf(plain({ 'traces/a': { exporters: ['memory'] } })));
    expect(report).toMatchObject({ started: [], stopped: ['memory/2'], kept: 2 });
    expect(rowOf(test, 'traces/b')).toMatchObject({ retired: true, ledger: { queued: 1 } });
    await test.send(['2']);
    expect(await test.engine.reload(both)).toMatchObject({ started: ['memory/2'], stopped: [] });
    expect(rowOf(test, 'traces/b')).not.toHaveProperty('retired');
    await test.send(['3']);
    await test.engine.reload(configOf(plain({ 'traces/a': { exporters: ['memory'] } })));
    for (const answer of answers) answer();
    await waitFor('everything is delivered', () => rowOf(test, 'traces/b')!.ledger.queued === 0);
    expect(rowOf(test, 'traces/b')).toMatchObject({
      retired: true,
      ledger: { received: 2, delivered: 2 },
      exporters: [{ id: 'memory/2', retired: true, ledger: { delivered: 2 } }],
    });
    const metrics = () => test.deps.metrics.renderPrometheus();
    await waitFor(
      'its queue is gone',
      () => !metrics().includes('otelcol_exporter_queue_size{data_type="traces",exporter="memory/2"}'),
    );
    expect(metrics()).toContain('sluice_pipeline_items_out{outcome="delivered",pipeline="traces/b"} 2');
    await test.stop();
  });

  it('does not shut down what comes back, when it becomes empty while the configuration with it is being put in place', async () => {
    const memory = createTestBackend({ queue: defaultQueue });
    let shut = false;
    let answer = (): void => {};
    memory.answer = () => new Promise((resolve) => (answer = () => resolve(DELIVERED)));
    let opened: (() => void) | undefined;
    const slow = createTestBackend();
    const shutdown = async () => {
      shut = true;
    };
    const exporters = {
      memory: exporterType({ ...memory, exporter: { ...memory.exporter, shutdown } }),
      slow: exporterType({
        ...slow,
        exporter: { ...slow.exporter, start: () => new Promise<void>((resolve) => (opened = resolve)) },
      }),
      other: exporterType(createTestBackend()),
    };
    const to = (...names: string[]) =>
      configOf({
        exporters: Object.fromEntries(names.map((name) => [name, {}])),
        pipelines: Object.fromEntries(names.map((name) => [`traces/${name}`, { exporters: [name] }])),
      });
    const test = await startTestEngine(to('memory', 'other'), { exporters });
    await test.send(['a']);
    await test.engine.reload(to('other'));
    const back = test.engine.reload(to('memory', 'slow'));
    await waitFor('the slow one to start', () => opened !== undefined);
    answer();
    await waitFor('delivery', () => rowOf(test, 'traces/memory')!.ledger.delivered === 1);
    opened!();
    await back;
    expect(shut).toBe(false);
    memory.answer = () => DELIVERED;
    await test.send(['b']);
    await test.engine.reload(to('other'));
    await waitFor('the shutdown of the empty one', () => shut);
    await test.stop();
  });

  it('lists the newest 64 of what is gone and sums up the others', async () => {
    const memory = createTestBackend();
    const named = (i: number) =>
      configOf({
        ...plain({ [`traces/${i}`]: { exporters: [`memory/${i}`] } }),
        exporters: { [`memory/${i}`]: {} },
      });
    const test = await start(named(0), memory);
    for (let i = 1; i <= 70; i++) {
      await test.send([`${i}`]);
      await test.engine.reload(named(i));
    }
    await test.engine.reload(named(71));
    const { pipelines, folded } = test.engine.snapshot();
    expect(pipelines.filter(({ retired }) => retired)).toHaveLength(64);
    expect(folded).toMatchObject({ received: 7, delivered: 7, unaccounted: 0 });
    const delivered = pipelines.reduce((sum, { ledger }) => sum + ledger.delivered, folded!.delivered);
    expect(delivered).toBe(70);
    const metrics = test.deps.metrics.renderPrometheus();
    for (const label of ['pipeline="traces/0"', 'exporter="memory/0"']) expect(metrics).not.toContain(label);
    for (const label of ['pipeline="traces/70"', 'exporter="memory/70"']) expect(metrics).toContain(label);
    await test.stop();
  });

  it('shows no figures of processors that are gone', async () => {
    const memory = createTestBackend();
    const test = await start(
      configOf(plain({ 'traces/a': { processors: ['batch', 'batch/long'], exporters: ['memory'] } })),
      memory,
    );
    expect(test.deps.metrics.renderPrometheus()).toContain('processor="batch/long"');
    await test.engine.reload(configOf(plain({ 'traces/a': { processors: ['batch'], exporters: ['memory'] } })));
    await waitFor('them to go', () => !test.deps.metrics.renderPrometheus().includes('processor="batch/long"'));
    expect(test.deps.metrics.renderPrometheus()).toContain('processor="batch"');
    await test.stop();
  });

  it('takes one after the other, and none after the stop began', async () => {
    const test = await start(configOf(plain({ 'traces/0': { exporters: ['memory'] } })), createTestBackend());
    const to = (id: string) => test.engine.reload(configOf(plain({ [id]: { exporters: ['memory'] } })));
    await Promise.all([to('traces/1'), to('traces/2'), to('traces/3')]);
    expect(
      test.engine
        .snapshot()
        .pipelines.filter(({ retired }) => !retired)
        .map(({ id }) => id),
    ).toEqual(['traces/3']);
    const late = to('traces/4');
    const stopped = test.stop();
    await expect(late).rejects.toMatchObject({ code: expect.stringMatching(/engine_stopping|not_running/) });
    await stopped;
    await expect(to('traces/5')).rejects.toMatchObject({ code: 'not_running' });
  });
});
