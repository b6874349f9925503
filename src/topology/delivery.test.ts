import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PipelineGraph, QueueSetting, ReceiverNode } from '../pipeline/index.ts';
import { agentQueue } from './agents.ts';
import { clusterSettings } from './cluster.ts';
import { deliveryConditions, deliveryConditionsIn } from './delivery-conditions.ts';
import { drainingQueues } from './draining.ts';
import { fits } from './memory-budget.ts';
import { type PlanOptions, planTopology } from './plan-topology.ts';
import { TOPOLOGY_TYPES, type Topology, type TopologyType } from './topology.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const DISK: QueueSetting = { sizeBytes: GIB, onFull: 'Block', disk: {}, guarantee: 'AtLeastOnce' };
const MEMORY: QueueSetting = { sizeBytes: 16 * MIB, onFull: 'DropNewest' };
const SIGNAL = { TracePipeline: 'traces', MetricPipeline: 'metrics', LogPipeline: 'logs' } as const;
const OTLP: ReceiverNode = { kind: 'receiver', type: 'otlp' };
const COLLECTED: ReceiverNode = {
  kind: 'receiver',
  type: 'prometheus',
  namespaces: {},
  diagnosticMetrics: false,
};
const LOG_FILES: ReceiverNode = {
  kind: 'receiver',
  type: 'container-logs',
  namespaces: {},
  containers: {},
  keepOriginalBody: true,
};

interface Rest {
  readonly kind?: keyof typeof SIGNAL;
  readonly queue?: QueueSetting;
  readonly protocol?: 'grpc' | 'http';
  readonly receivers?: readonly ReceiverNode[];
  readonly temporality?: 'delta';
}

function graph(name: string, rest: Rest = {}): PipelineGraph {
  const { kind = 'TracePipeline', queue = DISK, protocol = 'grpc', receivers = [OTLP], temporality } = rest;
  return {
    kind,
    name,
    signal: SIGNAL[kind],
    receivers,
    processors: [],
    exporter: {
      kind: 'exporter',
      type: 'otlp',
      protocol,
      endpoint: 'http://backend:4317',
      exactUrl: false,
      tls: { insecure: true, insecureSkipVerify: false },
      compression: 'gzip',
      headers: [],
      ...(temporality === undefined ? {} : { temporality }),
    },
    queue,
  };
}

const options: PlanOptions = {
  distribution: 'otelcol',
  capBytes: 2 * GIB,
  cluster: clusterSettings({ namespace: 'kyma-system', istio: false }),
};

const plan = (graphs: readonly PipelineGraph[], topology: TopologyType, more: Partial<PlanOptions> = {}) =>
  planTopology(graphs, { ...options, topology, ...more });

const workloadOf = ({ workloads }: Topology, name: string) => workloads.find((one) => one.name === name)!;

describe('a queue on disk', () => {
  it('gives its workload a volume of twice its size, or as large as the user says', () => {
    const own = { ...DISK, disk: { volumeBytes: 3 * GIB, storageClass: 'fast' } };
    const storageOf = (queues: readonly QueueSetting[]) =>
      workloadOf(
        plan(
          queues.map((queue, i) => graph(`p${i}`, { queue })),
          'Shared',
        ).topology,
        'otlp-gateway',
      ).storage;
    const directory = '/var/lib/telemetry/queues';
    expect(storageOf([DISK])).toEqual({ sizeBytes: 2 * GIB + 64 * MIB, directory });
    expect(storageOf([own, own])).toEqual({ sizeBytes: 6 * GIB, storageClass: 'fast', directory });
    expect(storageOf([MEMORY])).toBeUndefined();
  });

  it('takes memory for what is being sent, not for what it holds, until there is no more', () => {
    const graphs = Array.from({ length: 20 }, (_, i) => graph(`p${String(i).padStart(2, '0')}`));
    const { topology, issues } = plan(graphs, 'Shared');
    expect(workloadOf(topology, 'otlp-gateway')).toMatchObject({ pipelines: { length: 12 } });
    expect(issues).toHaveLength(8);
    expect(issues[0]).toMatchObject({
      code: 'SL0405',
      message: 'the queue of TracePipeline `p12` does not fit into the memory of `otlp-gateway` (MaxPipelinesExceeded)',
      help: 'give `otlp-gateway` more memory, or use the topology PerPipeline, in which each pipeline has its own',
      notes: [
        'needed: 64 MiB for the program + 80 MiB in flight + 1.2 GiB for what is sent from queues on disk = 1.4 GiB',
        'available: 1.3 GiB of 2 GiB, the rest is kept for peaks',
        'this pipeline is left out, the others run',
      ],
    });
  });

  it('is in the entry too where each pipeline has a dispatcher, and small there', () => {
    const { topology } = plan([graph('kept'), graph('quick', { queue: MEMORY })], 'PerPipeline');
    const storage = topology.workloads.map(({ name, storage }) => [name, (storage?.sizeBytes ?? 0) / MIB]);
    expect(storage).toEqual([
      ['trace-dispatcher-kept', 2048 + 64],
      ['trace-dispatcher-quick', 0],
      ['otlp-entry', 2 * 64 + 64],
    ]);
  });

  it('stays on the node for logs, and for metrics that agents collect nothing is on disk', () => {
    const collected = graph('m', { kind: 'MetricPipeline', receivers: [COLLECTED] });
    const files = graph('l', { kind: 'LogPipeline', receivers: [LOG_FILES] });
    const { agents } = plan([collected, files], 'Shared').topology;
    const queues = agents.map(({ role, pipelines }) => [role, agentQueue(role, pipelines[0]!)]);
    // Who looks for a pipeline finds the one that was given.
    for (const { pipelines } of agents) expect([collected, files]).toContain(pipelines[0]);
    expect(Object.fromEntries(queues)).toEqual({
      'metric-agent': { sizeBytes: 16 * MIB, onFull: 'DropNewest', guarantee: 'AtLeastOnce' },
      'log-agent': DISK,
    });
  });

  it('takes memory of the engine for what is sent, and for the list of what it holds', () => {
    const queues = [DISK, { ...DISK, sizeBytes: 8 * GIB }];
    const needed = queues.map((queue) => {
      const { topology } = planTopology([graph('a', { queue })], { distribution: 'sluice', capBytes: GIB });
      return workloadOf(topology, 'otlp-gateway').memory.diskBytes;
    });
    expect(needed).toEqual([24 * MIB + DISK.sizeBytes / 32, 24 * MIB + (8 * GIB) / 32]);
  });

  it('leaves room in the engine for what a cluster tells of its Pods, where that is added to data', () => {
    const base = (more: Partial<PlanOptions>, type: TopologyType) =>
      plan([graph('a')], type, { distribution: 'sluice', ...more }).topology.workloads.map(({ role, memory }) => [
        role,
        memory.baseBytes / MIB,
      ]);
    expect(base({}, 'Shared')).toEqual([['gateway', 232]]);
    expect(base({}, 'PerSignal')).toEqual([
      ['gateway', 232],
      ['router', 96],
    ]);
    expect(base({}, 'PerPipeline')).toEqual([
      ['dispatcher', 96],
      ['entry', 232],
    ]);
    const { workloads } = planTopology([graph('a')], { distribution: 'sluice', capBytes: GIB }).topology;
    expect(workloads.map(({ memory }) => memory.baseBytes / MIB)).toEqual([96]);
  });

  it.each<[string, QueueSetting]>([
    ['`onFull: DropOldest`', { sizeBytes: MIB, onFull: 'DropOldest' }],
    ['`maxAge`', { ...DISK, maxAgeMs: 1000 }],
    ['way to drop what `AtLeastOnce` keeps', { ...DISK, onFull: 'DropNewest' }],
  ])('has %s on the engine alone', (what, queue) => {
    const one = graph('a', { queue });
    expect(planTopology([one], { distribution: 'sluice', capBytes: GIB }).issues).toEqual([]);
    expect(planTopology([one], { distribution: 'otelcol', capBytes: GIB }).issues).toMatchObject([
      { code: 'SL0107', message: `the OpenTelemetry Collector has no ${what}` },
    ]);
  });

  it('keeps every process within its memory', () => {
    const sizes = fc.array(fc.record({ onDisk: fc.boolean(), mib: fc.integer({ min: 1, max: 4096 }) }), {
      minLength: 1,
      maxLength: 25,
    });
    fc.assert(
      fc.property(sizes, fc.constantFrom(...TOPOLOGY_TYPES), fc.integer({ min: 256, max: 4096 }), (list, type, cap) => {
        const graphs = list.map(({ onDisk, mib }, i) =>
          graph(`p${i}`, { queue: { ...(onDisk ? DISK : MEMORY), sizeBytes: mib * MIB } }),
        );
        const { workloads } = plan(graphs, type, { capBytes: cap * MIB }).topology;
        for (const { memory } of workloads) expect(fits(memory)).toBe(true);
      }),
    );
  });
});

describe('the single endpoint', () => {
  const graphs = [graph('a', { queue: MEMORY }), graph('b', { kind: 'LogPipeline', queue: MEMORY })];
  const planned = (endpoint: 'Router' | 'GatewayAPI' | 'None', type: TopologyType = 'PerSignal') =>
    plan(graphs, type, { settings: settingsWith(endpoint) }).topology;
  const settingsWith = (endpoint: 'Router' | 'GatewayAPI' | 'None') => {
    const usual = { replicas: { min: 2, max: 2 } };
    return { endpoint, gateways: { traces: usual, metrics: usual, logs: usual } };
  };

  it.each(['GatewayAPI', 'None'] as const)('needs no router with %s: every gateway takes data from senders', (type) => {
    const { endpoint, workloads } = planned(type);
    expect(endpoint).toBe(type);
    expect(workloads.map(({ name }) => name)).toEqual(['trace-gateway', 'log-gateway']);
    for (const one of workloads) expect(one).not.toHaveProperty('behind');
    expect(workloads.map((one) => 'proxied' in one)).toEqual([type === 'GatewayAPI', type === 'GatewayAPI']);
  });

  it('is the one workload that takes all signals in the other topologies', () => {
    expect(planned('GatewayAPI', 'Shared')).toMatchObject({
      endpoint: 'Router',
      workloads: [{ name: 'otlp-gateway' }],
    });
    expect(planned('None', 'PerPipeline').endpoint).toBe('Router');
  });
});

describe('what is left behind on disk', () => {
  const left = (before: Topology, after: Topology) =>
    drainingQueues(before, after).map(({ workload, graph: { name } }) => `${workload} ${name}`);
  const topology = (graphs: readonly PipelineGraph[], type: TopologyType) => plan(graphs, type).topology;

  it('is the queue of a pipeline that was renamed, has another protocol, or is gone or in memory now', () => {
    const before = topology([graph('old'), graph('moved'), graph('gone'), graph('memory'), graph('stays')], 'Shared');
    const wanted = [graph('new'), graph('moved', { protocol: 'http' }), graph('memory', { queue: MEMORY })];
    const after = topology([...wanted, graph('stays', { queue: { ...DISK, sizeBytes: 2 * GIB } })], 'Shared');
    const names = ['gone', 'memory', 'moved', 'old'];
    expect(left(before, after)).toEqual(names.map((name) => `otlp-gateway ${name}`));
    expect(left(before, before)).toEqual([]);
  });

  it('is every queue when the topology changes, and none where nothing was on disk', () => {
    const graphs = [graph('a'), graph('b', { queue: MEMORY })];
    expect(left(topology(graphs, 'Shared'), topology(graphs, 'PerSignal'))).toEqual(['otlp-gateway a']);
    expect(left(topology(graphs, 'PerPipeline'), topology(graphs, 'Shared'))).toEqual([
      'trace-dispatcher-a a',
      'otlp-entry a',
    ]);
  });

  it('keeps its workload: beside what runs there, or alone and before the others', () => {
    const before = topology([graph('old'), graph('gone', { kind: 'LogPipeline' })], 'PerSignal');
    const wanted = [graph('new')];
    const draining = drainingQueues(before, topology(wanted, 'PerSignal'));
    const { workloads } = plan(wanted, 'PerSignal', { draining }).topology;
    const shown = workloads.map(({ name, draining: drained = [], storage }) => [
      name,
      drained.map((one) => one.name),
      (storage?.sizeBytes ?? 0) / MIB,
    ]);
    expect(shown).toEqual([
      ['log-gateway', ['gone'], 2112],
      ['trace-gateway', ['old'], 2 * 2112],
      ['otlp-router', [], 0],
    ]);
  });

  it('is drained until it is empty, over any number of changes', () => {
    const first = topology([graph('a')], 'Shared');
    const second = plan([graph('b')], 'Shared', { draining: drainingQueues(first, topology([graph('b')], 'Shared')) });
    expect(left(second.topology, topology([graph('c')], 'Shared'))).toEqual(['otlp-gateway b', 'otlp-gateway a']);
    // The pipeline is back under its name, and so is its queue.
    expect(left(second.topology, topology([graph('a')], 'Shared'))).toEqual(['otlp-gateway b']);
  });

  it('leaves a dispatcher as it was while its entry has something for it', () => {
    const before = topology([graph('a')], 'PerPipeline');
    const draining = drainingQueues(before, topology([graph('a')], 'Shared'));
    const kept = plan([graph('a')], 'Shared', { draining }).topology;
    expect(kept.workloads.map(({ name }) => name)).toEqual(['trace-dispatcher-a', 'otlp-entry', 'otlp-gateway']);
    expect(workloadOf(kept, 'trace-dispatcher-a')).toMatchObject({ role: 'dispatcher', pipelines: [{ name: 'a' }] });
    expect(workloadOf(kept, 'trace-dispatcher-a').draining).toBeUndefined();
    const later = plan([graph('a')], 'Shared', {
      draining: draining.filter(({ workload }) => workload !== 'otlp-entry'),
    });
    expect(workloadOf(later.topology, 'trace-dispatcher-a')).toMatchObject({
      pipelines: [],
      draining: [{ name: 'a' }],
    });
  });

  it('keeps an agent for the logs of its nodes', () => {
    const files = graph('files', { kind: 'LogPipeline', receivers: [LOG_FILES] });
    const draining = drainingQueues(topology([files], 'Shared'), topology([], 'Shared'));
    expect(plan([], 'Shared', { draining }).topology.agents).toMatchObject([
      { name: 'log-agent', pipelines: [], draining: [{ name: 'files' }] },
    ]);
  });

  it('displaces nothing that runs', () => {
    const running = Array.from({ length: 12 }, (_, i) => graph(`p${i}`));
    const draining = drainingQueues(topology([graph('gone')], 'Shared'), topology(running, 'Shared'));
    const { issues, topology: after } = plan(running, 'Shared', { draining });
    expect(issues).toEqual([]);
    expect(workloadOf(after, 'otlp-gateway')).toMatchObject({ pipelines: { length: 12 }, draining: { length: 1 } });
  });
});

describe('what the Collector cannot promise', () => {
  const reasons = (graphs: readonly PipelineGraph[], one: PipelineGraph, type: TopologyType = 'Shared') =>
    deliveryConditionsIn(plan(graphs, type).topology, one).map(
      ({ type: condition, reason }) => `${condition}: ${reason}`,
    );

  it('is that siblings of a full queue are served, where they get the same requests', () => {
    const [kept, quick] = [graph('kept'), graph('quick', { queue: MEMORY })];
    const other = graph('kept', { kind: 'LogPipeline' });
    for (const type of TOPOLOGY_TYPES) {
      expect(reasons([kept, quick, other], kept, type)).toEqual(['IsolationLimited: FullQueueRefusesSiblings']);
      expect(reasons([kept, quick, other], quick, type)).toEqual(['IsolationLimited: SiblingQueueRefuses']);
      expect(reasons([kept, quick, other], other, type)).toEqual([]);
    }
    expect(reasons([kept], kept)).toEqual([]);
    expect(reasons([quick, graph('other', { queue: MEMORY })], quick)).toEqual([]);
    expect(reasons([quick, graph('blocks', { queue: { ...MEMORY, onFull: 'Block' } })], quick)).toHaveLength(1);
  });

  it('is less of the engine: siblings wait beside a full queue too, and get nothing twice', () => {
    const [kept, quick] = [graph('kept'), graph('quick', { queue: MEMORY })];
    const told = (one: PipelineGraph, ...those: PipelineGraph[]) =>
      deliveryConditionsIn(plan([one, ...those], 'Shared', { distribution: 'sluice' }).topology, one);
    expect(told(kept, quick)).toMatchObject([{ reason: 'FullQueueRefusesSiblings' }]);
    expect(told(quick, kept)).toMatchObject([
      {
        reason: 'SiblingQueueRefuses',
        message:
          'when the queue of TracePipeline kept is full, senders of this pipeline are refused too and send again, what it has it gets once (in otlp-engine-gateway)',
      },
    ]);
    const dropping = graph('dropping', { queue: { ...DISK, onFull: 'DropOldest' } });
    expect(told(dropping, quick)).toEqual([]);
    expect(told(quick, dropping)).toEqual([]);
  });

  it('is what nobody could send again, or is remembered in memory', () => {
    const collected = graph('m', { kind: 'MetricPipeline', receivers: [OTLP, COLLECTED] });
    const files = graph('l', { kind: 'LogPipeline', receivers: [LOG_FILES] });
    const delta = graph('d', { kind: 'MetricPipeline', temporality: 'delta' });
    expect(reasons([collected], collected)).toEqual(['GuaranteeWeakened: CollectedInMemory']);
    expect(reasons([files], files)).toEqual(['GuaranteeWeakened: LogFilesRotate']);
    expect(reasons([delta], delta, 'PerPipeline')).toEqual(['GuaranteeWeakened: DeltaStateInMemory']);
    const onDisk: QueueSetting = { sizeBytes: MIB, onFull: 'DropNewest', disk: {} };
    const best = graph('b', { kind: 'MetricPipeline', receivers: [COLLECTED], queue: onDisk });
    expect(reasons([best], best)).toEqual(['GuaranteeWeakened: CollectedInMemory']);
    const careless = graph('d', { kind: 'MetricPipeline', temporality: 'delta', queue: MEMORY });
    expect(reasons([careless], careless)).toEqual([]);
  });

  it('is said in at most 256 characters, whatever the names', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,250}[a-z]$/);
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 2, maxLength: 9 }), (names) => {
        const graphs = names.map((one, i) => graph(one, { queue: i % 2 === 0 ? { ...DISK, sizeBytes: MIB } : MEMORY }));
        const { workloads } = plan(graphs, 'Shared', { capBytes: 8 * GIB }).topology;
        for (const one of graphs) {
          const found = deliveryConditions(one, workloads[0]!);
          expect(found).toHaveLength(1);
          expect(found[0]!.message.length).toBeLessThanOrEqual(256);
        }
      }),
    );
  });
});

describe('the program of a workload', () => {
  const [kept, quick] = [graph('kept'), graph('quick', { queue: MEMORY })];
  const logs = graph('logs', { kind: 'LogPipeline', queue: MEMORY });
  const programs = (type: TopologyType, distribution: PlanOptions['distribution'], graphs = [kept, quick, logs]) =>
    plan(graphs, type, { distribution }).topology.workloads.map((one) => `${one.name}: ${one.distribution}`);

  it('is the Collector, and the engine where a queue of AtLeastOnce is', () => {
    expect(programs('Shared', 'auto')).toEqual(['otlp-engine-gateway: sluice']);
    expect(programs('PerSignal', 'auto')).toEqual([
      'trace-engine-gateway: sluice',
      'log-gateway: otelcol',
      'otlp-router: otelcol',
    ]);
    expect(programs('PerPipeline', 'auto')).toEqual([
      'trace-engine-dispatcher-kept: sluice',
      'trace-dispatcher-quick: otelcol',
      'log-dispatcher-logs: otelcol',
      'otlp-engine-entry: sluice',
    ]);
    for (const type of TOPOLOGY_TYPES) {
      expect(programs(type, 'auto', [quick, logs])).toEqual(programs(type, 'otelcol', [quick, logs]));
    }
  });

  it.each(TOPOLOGY_TYPES)('is the one that was chosen, of all of %s', (type) => {
    for (const program of ['otelcol', 'sluice'] as const) {
      for (const line of programs(type, program)) expect(line).toContain(`: ${program}`);
    }
  });

  it('never decides about the room of a pipeline that does not choose it', () => {
    const onDisk = fc.record({ onDisk: fc.boolean(), mib: fc.integer({ min: 1, max: 300 }) });
    const some = fc.array(onDisk, { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(some, fc.constantFrom(...TOPOLOGY_TYPES), (list, type) => {
        const graphs = list.map(({ onDisk, mib }, i) =>
          graph(`p${i}`, { queue: { ...(onDisk ? DISK : MEMORY), sizeBytes: mib * MIB } }),
        );
        const placed = (those: readonly PipelineGraph[]) => {
          const { leftOut } = plan(those, type, { distribution: 'auto' });
          return those.filter((one) => one.queue?.guarantee === undefined && !leftOut.has(one)).map(({ name }) => name);
        };
        const careless = graphs.filter(({ queue }) => queue?.guarantee === undefined);
        // Those that choose it come last: the order is that of admission.
        const sorted = [...careless, ...graphs.filter((one) => !careless.includes(one))];
        expect(placed(sorted)).toEqual(placed(careless));
      }),
    );
  });

  it('leaves what the other one has queued where it is, to be drained there', () => {
    const [before, after] = (['otelcol', 'auto'] as const).map(
      (distribution) => plan([kept], 'PerSignal', { distribution }).topology,
    );
    const draining = drainingQueues(before!, after!);
    expect(draining).toMatchObject([{ workload: 'trace-gateway' }]);
    const { workloads } = plan([kept], 'PerSignal', { distribution: 'auto', draining }).topology;
    expect(workloads).toMatchObject([
      { name: 'trace-gateway', distribution: 'otelcol', pipelines: [], draining: [{ name: 'kept' }] },
      { name: 'trace-engine-gateway', distribution: 'sluice', pipelines: [{ name: 'kept' }] },
      { name: 'otlp-router' },
    ]);
    expect(drainingQueues(after!, before!)).toMatchObject([{ workload: 'trace-engine-gateway' }]);
    const back = plan([kept], 'PerSignal', { distribution: 'otelcol', draining: drainingQueues(after!, before!) });
    expect(back.topology.workloads).toMatchObject([
      { name: 'trace-engine-gateway', distribution: 'sluice', pipelines: [] },
      { name: 'trace-gateway', distribution: 'otelcol' },
      { name: 'otlp-router' },
    ]);
  });
});
