import type { FlowPlace, ObservedFlow } from '../../flow/index.ts';
import type { FlowPart, FlowRole, ObservedPipeline } from './observed-pipeline.ts';

interface RoleFacts {
  readonly group: FlowPlace['group'];
  /** Senders, or another workload, push data to it. */
  readonly takesData: boolean;
  /** What its exporters send reaches backends. */
  readonly isLast: boolean;
}

const ROLES: Readonly<Record<FlowRole, RoleFacts>> = {
  router: { group: 'gateway', takesData: true, isLast: false },
  entry: { group: 'gateway', takesData: true, isLast: false },
  gateway: { group: 'gateway', takesData: true, isLast: true },
  dispatcher: { group: 'gateway', takesData: true, isLast: true },
  'metric-agent': { group: 'agent', takesData: false, isLast: true },
  'log-agent': { group: 'agent', takesData: false, isLast: true },
  'fluent-bit': { group: 'agent', takesData: false, isLast: true },
};

export function takesData(role: FlowRole): boolean {
  return ROLES[role].takesData;
}

/** Where the figures of a pipeline are found. */
export function observedFlow({ signal, parts }: ObservedPipeline): ObservedFlow {
  return {
    signal,
    // A router holds nothing of its own: what it could not pass on, senders were told.
    places: parts.filter(({ role }) => role !== 'router').map(placeOf),
    intakes: parts.filter(({ role }) => takesData(role)).map(({ workload }) => workload),
  };
}

function placeOf({ workload, role, exporters, refusesWhenFull = false }: FlowPart): FlowPlace {
  const { group, isLast } = ROLES[role];
  return { workload, exporters, group, isLast, isFluentBit: role === 'fluent-bit', refusesWhenFull };
}
