import { describe, expect, it } from 'vitest';
import { Account, type EngineSnapshot, type FlowGraph } from '../../flow/index.ts';
import { FlowHistory } from '../overview/flow-history.ts';
import { filterRows } from './filter-figures.ts';
import { hopId, type LiveState, liveGraph } from './live-graph.ts';

const PIPELINE = { kind: 'TracePipeline', name: 'audit' } as const;
const GRAPH: FlowGraph = {
  topology: 'PerPipeline',
  nodes: [
    { id: 'source/otlp', stage: 'source', label: 'OTLP senders' },
    { id: 'input/entry', stage: 'input', label: 'entry', workload: 'entry' },
    { id: 'queue/audit', stage: 'queue', label: 'queue 16 MiB', workload: 'dispatcher', pipeline: PIPELINE },
    { id: 'backend/audit', stage: 'backend', label: 'audit:4317 (gRPC)', pipeline: PIPELINE },
  ],
  edges: [
    { from: 'source/otlp', to: 'input/entry', signal: 'traces' },
    { from: 'input/entry', to: 'queue/audit', signal: 'traces', pipeline: PIPELINE },
    { from: 'queue/audit', to: 'backend/audit', signal: 'traces', pipeline: PIPELINE },
  ],
};

function snapshotOf(account: Account, options: { offered: number; queueBytes?: number }): EngineSnapshot {
  const exporter = {
    id: 'otlp_grpc/tracepipeline-audit',
    destination: 'audit:4317 (gRPC)',
    state: 'failing',
    sinceMs: 0,
    failure: { kind: 'rejected', message: '400' },
    failedTries: 3,
    queueBytes: options.queueBytes ?? 0,
    queueCapacityBytes: 1000,
    ledger: account.row(),
  } as const;
  return {
    takenAtMs: 20_000,
    offered: { traces: options.offered, metrics: 0, logs: 0 },
    pipelines: [{ id: 'traces/tracepipeline-audit', signal: 'traces', ledger: account.row(), exporters: [exporter] }],
  };
}

/** Ten seconds of 100 items each: 10 filtered, 20 lost to the full queue, 30 rejected, 40 delivered. */
function tenSeconds(): LiveState {
  const history = new FlowHistory();
  const account = new Account();
  let offered = 0;
  history.record(snapshotOf(account, { offered }), 0);
  for (let second = 1; second <= 10; second++) {
    offered += 50;
    account.received += 100;
    account.filtered += 10;
    account.drop('queue_full', 20);
    account.drop('rejected_by_backend', 30);
    account.delivered += 40;
    history.record(snapshotOf(account, { offered }), second * 1000);
  }
  return { snapshot: snapshotOf(account, { offered, queueBytes: 500 }), history, pipelines: [], ofWorkload: new Map() };
}

describe('liveGraph', () => {
  it('gives shared edges what was offered once, and each edge of a pipeline what passes there, rejected or not', () => {
    expect(liveGraph(GRAPH, tenSeconds()).edges.map(({ perSecond }) => perSecond)).toEqual([50, 90, 70]);
  });

  it('puts a loss where it happens: in front of the network or behind it', () => {
    const { nodes } = liveGraph(GRAPH, tenSeconds());
    expect(nodes.map(({ live }) => live)).toEqual([
      undefined,
      undefined,
      { queue: { sizeBytes: 500, capacityBytes: 1000 }, dropped: { queue_full: 200 }, droppedPerSecond: 20 },
      {
        backend: {
          state: 'failing',
          since: '1970-01-01T00:00:00.000Z',
          failure: { kind: 'rejected', code: 'SL0507', message: '400' },
        },
        dropped: { rejected_by_backend: 300 },
        droppedPerSecond: 30,
      },
    ]);
  });

  it('puts what is filtered at the filter, and what goes on behind it on the edges; namespaces apart', () => {
    const node = (name: string) =>
      ({ id: `processor/tracepipeline-audit/${name}`, stage: 'processor', label: name, pipeline: PIPELINE }) as const;
    const [namespaces, transform, filter, batch] = ['namespaces', 'transform', 'filter', 'batch'].map(node);
    const [source, entry, queue, backend] = GRAPH.nodes;
    const nodes = [source, entry, namespaces, transform, filter, batch, queue, backend];
    const edges = nodes.slice(1).map((to, i) => {
      const from = nodes[i].id;
      return { from, to: to.id, signal: 'traces' as const, ...(i > 0 && { pipeline: PIPELINE }) };
    });
    const state = tenSeconds();
    const live = liveGraph({ ...GRAPH, nodes: nodes.filter((one) => one !== namespaces), edges }, state);
    expect(live.nodes.find(({ label }) => label === 'filter')?.live).toEqual({ filtered: 100, filteredPerSecond: 10 });

    const history = new FlowHistory();
    const account = new Account();
    const record = (items: number, atMs: number) => {
      const filtered = [{ processor: 'filter/tracepipeline-audit/namespaces', items }];
      const snapshot = { ...snapshotOf(account, { offered: account.received }), filtered };
      history.record({ ...snapshot, pipelines: [...snapshot.pipelines, ...filterRows(snapshot)] }, atMs);
      return snapshot;
    };
    record(0, 0);
    account.received = 1000;
    account.filtered = 500;
    account.delivered = 500;
    const snapshot = record(200, 10_000);
    const both = liveGraph({ ...GRAPH, nodes, edges }, { ...state, snapshot, history });
    expect(both.nodes.slice(2, 6).map(({ live: own }) => own)).toEqual([
      { filtered: 200, filteredPerSecond: 20 },
      undefined,
      { filtered: 300, filteredPerSecond: 30 },
      undefined,
    ]);
    expect(both.edges.map(({ perSecond }) => perSecond)).toEqual([100, 100, 80, 80, 50, 50, 50]);
  });

  it('tells what a filter of metrics leaves out from the first values of series, of which there is no delta', () => {
    const pipeline = { kind: 'MetricPipeline', name: 'audit' } as const;
    const nodes = ['filter', 'delta', 'batch'].map(
      (name) => ({ id: `processor/metricpipeline-audit/${name}`, stage: 'processor', label: name, pipeline }) as const,
    );
    const [filter, delta, batch] = nodes.map(({ id }) => id);
    const edges = [
      { from: filter, to: delta, signal: 'metrics', pipeline },
      { from: delta, to: batch, signal: 'metrics', pipeline },
    ] as const;
    const history = new FlowHistory();
    const account = new Account();
    const record = (items: number, atMs: number) => {
      const { pipelines, ...rest } = snapshotOf(account, { offered: 0 });
      const filtered = [{ processor: 'filter/metricpipeline-audit', items }];
      const own = pipelines.map((one) => ({ ...one, id: 'metrics/metricpipeline-audit', signal: 'metrics' as const }));
      const snapshot = { ...rest, filtered, pipelines: own };
      history.record({ ...snapshot, pipelines: [...own, ...filterRows(snapshot)] }, atMs);
      return snapshot;
    };
    record(0, 0);
    account.received = 1000;
    account.filtered = 300;
    account.delivered = 700;
    const snapshot = record(200, 10_000);
    const live = liveGraph({ ...GRAPH, nodes, edges }, { ...tenSeconds(), snapshot, history });
    expect(live.nodes.map(({ live: own }) => own?.filtered)).toEqual([200, 100, undefined]);
    expect(live.edges.map(({ perSecond }) => perSecond)).toEqual([80, 70]);
  });

  it('lets a pipeline without a queue lose everything at its backend', () => {
    const nodes = GRAPH.nodes.filter(({ stage }) => stage !== 'queue');
    const backend = liveGraph({ ...GRAPH, nodes }, tenSeconds()).nodes.at(-1);
    expect(backend?.live).toMatchObject({
      dropped: { queue_full: 200, rejected_by_backend: 300 },
      droppedPerSecond: 50,
    });
  });

  it('reads a queue from the process that holds it', () => {
    const state = tenSeconds();
    const own = snapshotOf(new Account(), { offered: 0, queueBytes: 123 });
    const { nodes } = liveGraph(GRAPH, { ...state, ofWorkload: new Map([['dispatcher', own]]) });
    expect(nodes[2].live?.queue).toEqual({ sizeBytes: 123, capacityBytes: 1000 });
  });

  it('tells what an entry holds and loses apart from what the process behind it does', () => {
    const [source, entry, queue, backend] = GRAPH.nodes;
    const hop = { id: 'hop/audit', stage: 'hop', label: 'queue 8 MiB', workload: 'entry', pipeline: PIPELINE } as const;
    const [arriving, , leaving] = GRAPH.edges;
    const own = { signal: 'traces', pipeline: PIPELINE } as const;
    const graph: FlowGraph = {
      ...GRAPH,
      nodes: [source, entry, hop, queue, backend],
      edges: [
        arriving,
        { from: 'input/entry', to: 'hop/audit', ...own },
        { from: 'hop/audit', to: 'queue/audit', ...own },
        leaving,
      ],
    };
    const history = new FlowHistory();
    const front = new Account();
    const inAll = new Account();
    const record = (atMs: number) => {
      const all = snapshotOf(inAll, { offered: 0 });
      const held = snapshotOf(front, { offered: 0, queueBytes: 700 });
      const hops = held.pipelines.map((one) => ({ ...one, id: hopId('entry', one.id) }));
      history.record({ ...all, pipelines: [...all.pipelines, ...hops] }, atMs);
      return { all, held };
    };
    record(0);
    front.received = inAll.received = 1000;
    front.drop('queue_full', 400);
    front.delivered = 600;
    inAll.drop('queue_full', 450);
    inAll.delivered = 500;
    const { all, held } = record(10_000);
    const ofWorkload = new Map([['entry', held]]);
    const { nodes, edges } = liveGraph(graph, { snapshot: all, history, pipelines: [], ofWorkload });
    expect(nodes[2].live).toEqual({
      queue: { sizeBytes: 700, capacityBytes: 1000 },
      dropped: { queue_full: 400 },
      droppedPerSecond: 40,
    });
    expect(nodes[3].live).toMatchObject({ dropped: { queue_full: 50 }, droppedPerSecond: 5 });
    expect(edges.map(({ perSecond }) => perSecond)).toEqual([0, 100, 60, 50]);
  });

  it('finds what is built in, which no list of pipelines holds', () => {
    const account = new Account();
    const { pipelines, ...rest } = snapshotOf(account, { offered: 0 });
    const snapshot = { ...rest, pipelines: pipelines.map((one) => ({ ...one, id: 'traces/tracepipeline-_viewer' })) };
    const pipeline = { kind: 'TracePipeline', name: 'viewer', builtIn: true } as const;
    const nodes = GRAPH.nodes.map((node) => (node.pipeline === undefined ? node : { ...node, pipeline }));
    const live = liveGraph({ ...GRAPH, nodes }, { ...tenSeconds(), snapshot });
    expect(live.nodes.at(-1)?.live?.backend).toBeDefined();
  });

  it('speaks of the backend a pipeline ends in, not of one that still delivers what it holds', () => {
    const state = tenSeconds();
    const [pipeline] = state.snapshot.pipelines;
    const [old] = pipeline.exporters;
    const current = { ...old, id: 'file/new', destination: 'out.jsonl', state: 'ok', queueBytes: 0 } as const;
    const exporters = [{ ...old, retired: true } as const, current];
    const snapshot = { ...state.snapshot, pipelines: [{ ...pipeline, exporters }] };
    const { nodes } = liveGraph(GRAPH, { ...state, snapshot });
    expect(nodes[3].live?.backend?.state).toBe('ok');
    expect(nodes[2].live?.queue).toEqual({ sizeBytes: 0, capacityBytes: 1000 });
  });

  it('shows nothing for a pipeline that does not run', () => {
    const state = tenSeconds();
    const { nodes, edges } = liveGraph(GRAPH, { ...state, snapshot: { ...state.snapshot, pipelines: [] } });
    expect(nodes.every(({ live }) => live === undefined)).toBe(true);
    expect(edges).toHaveLength(3);
  });
});
