import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { PipelineGraph, QueueSetting } from '../../src/pipeline/index.ts';
import { type RenderOptions, renderedYaml, renderOtelcol } from '../../src/render/index.ts';
import {
  drainingQueues,
  type PlanOptions,
  planTopology,
  QUEUE_DIRECTORY,
  type Topology,
} from '../../src/topology/index.ts';
import { requirePeer } from '../../testbed/index.ts';
import { type Answer, type Capture, startCapture } from '../testkit/capture.ts';
import { startOtelcol } from '../testkit/collector-process.ts';
import { freePort } from '../testkit/free-port.ts';
import { decodeRequest, encodeRequest, itemsOf } from '../testkit/otlp-proto.ts';
import type { RunningProcess } from '../testkit/process.ts';
import { GRPC_METHOD, sendGrpc, sendHttp } from '../testkit/senders.ts';
import { waitFor } from '../testkit/wait-for.ts';

const peer = requirePeer('otelcol');
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';

const MIB = 2 ** 20;
const DISK: QueueSetting = { sizeBytes: 16 * MIB, onFull: 'Block', disk: {}, guarantee: 'AtLeastOnce' };
const MEMORY: QueueSetting = { sizeBytes: 4 * MIB, onFull: 'DropNewest' };
const DOWN: Answer = { kind: 'error', grpc: 14, http: 503, message: 'down' };

const running: (RunningProcess | Capture)[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const one of running.splice(0).reverse()) await one.stop();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

interface Backend extends Capture {
  /** What it has taken, each as often as it came. */
  bodies(): readonly string[];
}

/** One that refuses everything until it is told otherwise. */
async function startBackend(state: 'up' | 'down'): Promise<Backend> {
  const capture = await startCapture();
  running.push(capture);
  if (state === 'down') capture.script(Array.from({ length: 100_000 }, () => DOWN));
  const bodies = () =>
    capture
      .accepted()
      .flatMap(({ body }) =>
        itemsOf('logs', decodeRequest('logs', body)).map((record) => String(record['body'].value.value)),
      );
  return { ...capture, bodies };
}

function logs(name: string, backend: Backend, queue: QueueSetting, protocol: 'grpc' | 'http' = 'grpc'): PipelineGraph {
  const port = protocol === 'grpc' ? backend.grpcPort : backend.httpPort;
  return {
    kind: 'LogPipeline',
    name,
    signal: 'logs',
    receivers: [{ kind: 'receiver', type: 'otlp' }],
    processors: [],
    exporter: {
      kind: 'exporter',
      type: 'otlp',
      protocol,
      endpoint: `http://127.0.0.1:${port}`,
      exactUrl: false,
      tls: { insecure: true, insecureSkipVerify: false },
      compression: 'none',
      headers: [],
    },
    queue,
  };
}

function plan(graphs: readonly PipelineGraph[], more: Partial<PlanOptions> = {}): Topology {
  const { topology, issues } = planTopology(graphs, { distribution: 'otelcol', capBytes: 2 ** 31, ...more });
  expect(issues).toEqual([]);
  return topology;
}

/** What senders reach, and the folder that stands for the volumes. */
interface Installation {
  readonly grpc: number;
  readonly http: number;
  readonly volume: string;
  readonly peers: Readonly<Record<string, string>>;
}

async function install(): Promise<Installation> {
  const [grpc, http, dispatcher] = await Promise.all([freePort(), freePort(), freePort()]);
  const volume = mkdtempSync(join(tmpdir(), 'sluice-queues-'));
  folders.push(volume);
  return { grpc, http, volume, peers: { 'log-dispatcher-durable': `127.0.0.1:${dispatcher}` } };
}

/** Starts one workload as it is rendered, with its volume in the folder. */
async function start(topology: Topology, name: string, { grpc, http, volume, peers }: Installation) {
  const workload = topology.workloads.find((one) => one.name === name)!;
  const own = peers[name] ?? `127.0.0.1:${grpc}`;
  const options: RenderOptions = {
    otlpGrpc: own,
    otlpHttp: `127.0.0.1:${http}`,
    peers,
    metrics: { host: '127.0.0.1', port: await freePort() },
  };
  const yaml = renderedYaml(renderOtelcol(workload, options)).replaceAll(QUEUE_DIRECTORY, join(volume, name));
  const collector = await startOtelcol(yaml);
  running.push(collector);
  return collector;
}

function request(names: readonly string[], padding = 0): Uint8Array {
  const logRecords = names.map((name) => ({
    body: { value: { case: 'stringValue', value: name } },
    attributes: [{ key: 'padding', value: { value: { case: 'stringValue', value: 'x'.repeat(padding) } } }],
  }));
  return encodeRequest('logs', { resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
}

/** Sends requests of ten records, four at a time, and answers with the names of those that were acknowledged. */
async function send(port: number, count: number, options: { readonly label?: string; readonly padding?: number } = {}) {
  const { label = 'item', padding = 0 } = options;
  const acknowledged: string[] = [];
  const statuses = new Set<number>();
  let next = 0;
  const sender = async () => {
    for (let i = next++; i < count; i = next++) {
      const names = Array.from({ length: 10 }, (_, j) => `${label}-${i}-${j}`);
      const status = await sendHttp(port, {
        path: '/v1/logs',
        body: request(names, padding),
        headers: { 'content-type': 'application/x-protobuf' },
      }).then(
        (answer) => answer.status,
        () => 0,
      );
      statuses.add(status);
      if (status === 200) acknowledged.push(...names);
      if (status === 0) return;
    }
  };
  await Promise.all([sender(), sender(), sender(), sender()]);
  return { acknowledged, statuses };
}

const missing = (wanted: readonly string[], { bodies }: Backend) => {
  const found = new Set(bodies());
  return wanted.filter((name) => !found.has(name)).length;
};

const arrived = (wanted: readonly string[], backend: Backend) =>
  waitFor(`all of ${wanted.length} items`, () => missing(wanted, backend) === 0, { timeoutMs: 30_000 });

describe.skipIf(peer.status === 'missing')(`AtLeastOnce on the real Collector${skipNote}`, { timeout: 60_000 }, () => {
  it('loses nothing that it has acknowledged when it is killed', async () => {
    const backend = await startBackend('down');
    const place = await install();
    const topology = plan([logs('durable', backend, DISK)]);
    const collector = await start(topology, 'otlp-gateway', place);
    const sending = send(place.http, 2_000);
    await waitFor('some are sent', () => backend.requests.length > 3);
    await new Promise((resolve) => setTimeout(resolve, 500));
    collector.kill('SIGKILL');
    const { acknowledged, statuses } = await sending;
    expect(statuses).toEqual(new Set([200, 0]));
    expect(acknowledged.length).toBeGreaterThan(100);
    backend.script([]);
    await start(topology, 'otlp-gateway', place);
    await arrived(acknowledged, backend);
  });

  it('refuses senders while its queue is full, so that they try again, and keeps what it has', async () => {
    const [backend, healthy] = [await startBackend('down'), await startBackend('up')];
    const place = await install();
    const topology = plan([logs('durable', backend, { ...DISK, sizeBytes: MIB }), logs('quick', healthy, MEMORY)]);
    await start(topology, 'otlp-gateway', place);
    const { acknowledged, statuses } = await send(place.http, 200, { padding: 2_000 });
    expect(statuses).toEqual(new Set([200, 503]));
    const refused = await sendGrpc(place.grpc, { path: GRPC_METHOD.logs, message: request(['last'], 20_000) });
    expect(refused.grpcStatus).toBe(14);
    // Its sibling has what it was given before the refusal, and goes on.
    await arrived([...acknowledged, 'last'], healthy);
    backend.script([]);
    await arrived(acknowledged, backend);
    const { statuses: after } = await send(place.http, 10, { label: 'after', padding: 2_000 });
    expect(after).toEqual(new Set([200]));
  });

  it('keeps a queue under the longest name that a pipeline can have', async () => {
    const backend = await startBackend('down');
    const place = await install();
    const topology = plan([logs('n'.repeat(253), backend, DISK), logs(`${'n'.repeat(252)}m`, backend, DISK)]);
    const collector = await start(topology, 'otlp-gateway', place);
    const { acknowledged } = await send(place.http, 5);
    collector.kill('SIGKILL');
    await collector.exited;
    backend.script([]);
    await start(topology, 'otlp-gateway', place);
    await waitFor('each of them delivers', () => backend.bodies().length >= 2 * acknowledged.length);
    expect(acknowledged).toHaveLength(50);
    expect(missing(acknowledged, backend)).toBe(0);
  });

  it('divides what is too large for a backend, and delivers all of it', async () => {
    const backend = await startBackend('up');
    const place = await install();
    await start(plan([logs('durable', backend, DISK)]), 'otlp-gateway', place);
    const names = Array.from({ length: 1_000 }, (_, i) => `large-${i}`);
    const answer = await sendGrpc(place.grpc, { path: GRPC_METHOD.logs, message: request(names, 10_000) });
    expect(answer.grpcStatus).toBe(0);
    await arrived(names, backend);
    expect(Math.max(...backend.requests.map(({ body }) => body.length))).toBeLessThanOrEqual(4_000_000);
  });

  it('does not let a request that a backend refuses for good take its neighbours with it', async () => {
    const backend = await startBackend('up');
    const place = await install();
    await start(plan([logs('durable', backend, DISK)]), 'otlp-gateway', place);
    backend.script([{ kind: 'error', grpc: 3, http: 400, message: 'poison' }]);
    const { acknowledged } = await send(place.http, 50);
    await waitFor('every request is answered', () => backend.requests.length >= 50);
    expect(missing(acknowledged, backend)).toBe(10);
  });

  it('drains what was left behind by a pipeline with another name, another protocol or none at all', async () => {
    const [renamed, moved, gone] = [await startBackend('down'), await startBackend('down'), await startBackend('down')];
    const place = await install();
    const before = plan([
      logs('old-name', renamed, DISK),
      logs('moved', moved, DISK),
      logs('gone', gone, DISK, 'http'),
    ]);
    const collector = await start(before, 'otlp-gateway', place);
    const { acknowledged } = await send(place.http, 30);
    expect(acknowledged).toHaveLength(300);
    await collector.stop();
    const wanted = [logs('new-name', renamed, DISK), logs('moved', moved, DISK, 'http')];
    const draining = drainingQueues(before, plan(wanted));
    expect(draining.map(({ graph }) => graph.name)).toEqual(['gone', 'moved', 'old-name']);
    for (const backend of [renamed, moved, gone]) backend.script([]);
    await start(plan(wanted, { draining }), 'otlp-gateway', place);
    for (const backend of [renamed, moved, gone]) await arrived(acknowledged, backend);
    const { acknowledged: newer } = await send(place.http, 5, { label: 'newer' });
    await arrived(newer, renamed);
    await arrived(newer, moved);
    expect(missing(newer, gone)).toBe(newer.length);
  });

  it('drains where nothing else runs any more', async () => {
    const backend = await startBackend('down');
    const place = await install();
    const before = plan([logs('gone', backend, DISK)]);
    const collector = await start(before, 'otlp-gateway', place);
    const { acknowledged } = await send(place.http, 10);
    await collector.stop();
    backend.script([]);
    await start(plan([], { draining: drainingQueues(before, plan([])) }), 'otlp-gateway', place);
    await arrived(acknowledged, backend);
  });

  it('keeps what an entry has acknowledged while the dispatcher is away and both are killed', async () => {
    const backend = await startBackend('up');
    const place = await install();
    const topology = plan([logs('durable', backend, DISK)], { topology: 'PerPipeline' });
    const entry = await start(topology, 'otlp-entry', place);
    const { acknowledged } = await send(place.http, 30);
    expect(acknowledged).toHaveLength(300);
    entry.kill('SIGKILL');
    await entry.exited;
    const dispatcher = await start(topology, 'log-dispatcher-durable', place);
    await start(topology, 'otlp-entry', place);
    await arrived(acknowledged, backend);
    dispatcher.kill('SIGKILL');
  });
});

describe.skipIf(peer.status === 'missing')(`BestEffort on the real Collector${skipNote}`, { timeout: 60_000 }, () => {
  it('delivers everything to a healthy backend beside a dead one, and refuses nobody', async () => {
    const [dead, healthy] = [await startBackend('down'), await startBackend('up')];
    const place = await install();
    await start(plan([logs('dead', dead, MEMORY), logs('healthy', healthy, MEMORY)]), 'otlp-gateway', place);
    // Five times what the dead one's queue holds.
    const { acknowledged, statuses } = await send(place.http, 1_000, { padding: 2_000 });
    expect(statuses).toEqual(new Set([200]));
    await arrived(acknowledged, healthy);
  });
});
