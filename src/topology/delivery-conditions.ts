import type { PipelineGraph, QueueSetting } from '../pipeline/index.ts';
import { hopQueue } from './hop-queue.ts';
import type { Agent, Topology, Workload } from './topology.ts';

/** What the program that runs a pipeline cannot keep of what the pipeline asks for; it is there only while it holds. */
export interface DeliveryCondition {
  readonly type: 'IsolationLimited' | 'GuaranteeWeakened';
  readonly status: 'True';
  readonly reason: DeliveryReason;
  /** A sentence for people, at most 256 characters. */
  readonly message: string;
}

export type DeliveryReason =
  | 'FullQueueRefusesSiblings'
  | 'SiblingQueueRefuses'
  | 'CollectedInMemory'
  | 'LogFilesRotate'
  | 'DeltaStateInMemory';

/**
 * What holds for a pipeline in one of the workloads that run it. A request that one pipeline refuses is refused for all; the
 * others have it all the same. Of the stock Collector they get it again when the sender does as it is told, of the engine not.
 */
export function deliveryConditions(graph: PipelineGraph, workload: Workload | Agent): readonly DeliveryCondition[] {
  return [...isolation(graph, workload), ...guarantee(graph, workload)];
}

/** The same over all workloads of a topology that run it: at most one condition of each type. */
export function deliveryConditionsIn(
  { workloads, agents }: Topology,
  { kind, name }: Pick<PipelineGraph, 'kind' | 'name'>,
): readonly DeliveryCondition[] {
  const found = [...workloads, ...agents].flatMap((workload) =>
    runBy(workload)
      .filter((graph) => graph.kind === kind && graph.name === name)
      .flatMap((graph) => deliveryConditions(graph, workload)),
  );
  return TYPES.flatMap((type) => {
    const [first, ...others] = found.filter((condition) => condition.type === type);
    if (first === undefined) return [];
    const messages = [...new Set([first, ...others].map(({ message }) => message))];
    return { ...first, message: cut(messages.join('; ')) };
  });
}

const TYPES = ['IsolationLimited', 'GuaranteeWeakened'] as const satisfies readonly DeliveryCondition['type'][];

function runBy(workload: Workload | Agent): readonly PipelineGraph[] {
  switch (workload.role) {
    case 'router':
      return [];
    case 'entry':
      return sharing(workload);
    default:
      return workload.pipelines;
  }
}

/** What fits into a condition that people read in a line. */
function cut(message: string): string {
  return message.length <= LONGEST ? message : `${message.slice(0, LONGEST - 1)}…`;
}

const LONGEST = 256;

function isolation(graph: PipelineGraph, workload: Workload | Agent): readonly DeliveryCondition[] {
  const siblings = sharing(workload).filter(({ signal, name }) => signal === graph.signal && name !== graph.name);
  if (
    siblings.length === 0 ||
    !sharing(workload).some(({ name, kind }) => name === graph.name && kind === graph.kind)
  ) {
    return [];
  }
  if (refuses(graph, workload)) {
    return [
      {
        type: 'IsolationLimited',
        status: 'True',
        reason: 'FullQueueRefusesSiblings',
        message: `when the queue of this pipeline is full, senders of ${listed(siblings)} are refused too and send again (in ${workload.name})`,
      },
    ];
  }
  const refusing = siblings.filter((one) => refuses(one, workload));
  if (refusing.length === 0) return [];
  const again = workload.distribution === 'sluice' ? ', what it has it gets once' : ', so it gets duplicates';
  return [
    {
      type: 'IsolationLimited',
      status: 'True',
      reason: 'SiblingQueueRefuses',
      message: `when the queue of ${listed(refusing)} is full, senders of this pipeline are refused too and send again${again} (in ${workload.name})`,
    },
  ];
}

/** The pipelines that get the same requests. An agent's read for themselves. */
function sharing(workload: Workload | Agent): readonly PipelineGraph[] {
  switch (workload.role) {
    case 'gateway':
      return workload.pipelines;
    case 'entry':
      return [...workload.hops.map(({ pipeline }) => pipeline), ...workload.pipelines];
    case 'router':
    case 'dispatcher':
    case 'metric-agent':
    case 'log-agent':
      return [];
  }
}

/** Whether whoever brings data to this pipeline in a workload is told when its queue is full, and keeps it. */
export function refusesWhenFull(
  workload: Workload | Agent,
  { kind, name }: Pick<PipelineGraph, 'kind' | 'name'>,
): boolean {
  const graph = runBy(workload).find((one) => one.kind === kind && one.name === name);
  if (graph === undefined) return false;
  // Whatever is asked for: the reader of files waits, and a scrape is over.
  return workload.role === 'log-agent' || (workload.role !== 'metric-agent' && refuses(graph, workload));
}

function refuses(graph: PipelineGraph, { role }: Workload | Agent): boolean {
  const queue: QueueSetting | undefined = role === 'entry' ? hopQueue(graph) : graph.queue;
  return queue?.onFull === 'Block';
}

function guarantee(graph: PipelineGraph, { role }: Workload | Agent): readonly DeliveryCondition[] {
  const weakened = (reason: DeliveryReason, message: string): DeliveryCondition => ({
    type: 'GuaranteeWeakened',
    status: 'True',
    reason,
    message,
  });
  const { queue, exporter } = graph;
  const collected =
    role === 'metric-agent' && queue?.disk !== undefined
      ? [
          weakened(
            'CollectedInMemory',
            'metrics that agents collect wait in memory, as nothing that could send them again is told: a crash or a full queue loses some',
          ),
        ]
      : [];
  if (queue?.guarantee !== 'AtLeastOnce') return collected;
  const isDelta = exporter.type === 'otlp' && exporter.temporality === 'delta';
  return [
    ...collected,
    ...(role === 'log-agent'
      ? [
          weakened(
            'LogFilesRotate',
            'while the queue of a node is full its log files are not read; what the kubelet rotates away meanwhile is lost',
          ),
        ]
      : []),
    ...(isDelta && (role === 'gateway' || role === 'dispatcher' || role === 'metric-agent')
      ? [
          weakened(
            'DeltaStateInMemory',
            'what a cumulative series has added up is remembered in memory: after a restart the first difference of each series is missing',
          ),
        ]
      : []),
  ];
}

const SHOWN = 3;

function listed(graphs: readonly PipelineGraph[]): string {
  const names = graphs.map(({ kind, name }) => `${kind} ${shortened(name)}`);
  const shown = names.length > SHOWN ? [...names.slice(0, SHOWN - 1), `${names.length - SHOWN + 1} more`] : names;
  return shown.length === 1 ? shown[0]! : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

/** A name may have 253 characters, a message 256. */
function shortened(name: string): string {
  return name.length <= 24 ? name : `${name.slice(0, 23)}…`;
}
