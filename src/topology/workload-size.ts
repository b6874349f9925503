import { quantityBytes, type Telemetry } from '../apis/index.ts';
import { SIGNALS, type Signal } from '../pdata/index.ts';
import type { EndpointType, Replicas } from './topology.ts';

/** How large a workload is, and how often it is there. */
export interface WorkloadSize {
  /** Memory of each replica. */
  readonly capBytes: number;
  readonly replicas: Replicas;
}

/** What the Telemetry resource says of gateways; what it leaves open is absent, as its default depends on where they run. */
export interface GatewaySettings {
  readonly endpoint: EndpointType;
  readonly gateways: Readonly<Record<Signal, OneGateway>>;
}

interface OneGateway {
  readonly replicas: Replicas;
  readonly memoryBytes?: number;
  /** Of its signal beside others, 1 to 10. */
  readonly priority?: number;
}

/** The sizes of all workloads of a plan. */
export interface WorkloadSizes {
  /** Of what runs pipelines of one signal. */
  readonly of: Readonly<Record<Signal, WorkloadSize>>;
  /** Of what takes the data of all signals: the largest of the three. */
  readonly ofAll: WorkloadSize;
  readonly ofRouter: WorkloadSize;
}

/** Two are there while one is replaced. */
const DEFAULT_REPLICAS = 2;

/** Where a scaled gateway is given no upper bound. */
const DEFAULT_MOST_REPLICAS = 10;

const ALONE: Replicas = { min: 1, max: 1 };

const SECTIONS = { traces: 'trace', metrics: 'metric', logs: 'log' } as const satisfies Record<Signal, string>;

export function gatewaySettings(telemetry?: Telemetry): GatewaySettings {
  const { spec } = telemetry ?? {};
  const entries = SIGNALS.map((signal) => {
    const { scaling, memory, priority } = spec?.[SECTIONS[signal]]?.gateway ?? {};
    const memoryBytes = memory === undefined ? undefined : quantityBytes(memory);
    const gateway: OneGateway = {
      replicas: replicasOf(scaling),
      ...(memoryBytes === undefined ? {} : { memoryBytes }),
      ...(priority === undefined ? {} : { priority }),
    };
    return [signal, gateway] as const;
  });
  return {
    endpoint: spec?.endpoint?.type ?? 'Router',
    gateways: Object.fromEntries(entries) as unknown as GatewaySettings['gateways'],
  };
}

/** For whoever says otherwise how much each process gets. */
export function withoutMemory({ endpoint, gateways }: GatewaySettings): GatewaySettings {
  const { traces, metrics, logs } = gateways;
  const rest = ({ memoryBytes: _, ...others }: OneGateway): OneGateway => others;
  return { endpoint, gateways: { traces: rest(traces), metrics: rest(metrics), logs: rest(logs) } };
}

type Scaling = NonNullable<NonNullable<NonNullable<Telemetry['spec']['trace']>['gateway']>['scaling']>;

function replicasOf({ type, static: fixed, auto }: Scaling = {}): Replicas {
  if (type !== 'Auto') {
    const count = fixed?.replicas ?? DEFAULT_REPLICAS;
    return { min: count, max: count };
  }
  const most = auto?.maxReplicas ?? Math.max(DEFAULT_MOST_REPLICAS, auto?.minReplicas ?? 0);
  return { min: auto?.minReplicas ?? Math.min(DEFAULT_REPLICAS, most), max: most };
}

/** Sizes for a plan. Outside a cluster each workload is one process. */
export function workloadSizes(
  capBytes: number,
  { settings = gatewaySettings(), inCluster }: { readonly settings?: GatewaySettings; readonly inCluster: boolean },
): WorkloadSizes {
  const sizeOf = (signal: Signal): WorkloadSize => {
    const { replicas, memoryBytes = capBytes } = settings.gateways[signal];
    return { capBytes: memoryBytes, replicas: inCluster ? replicas : ALONE };
  };
  const of = { traces: sizeOf('traces'), metrics: sizeOf('metrics'), logs: sizeOf('logs') };
  const usual = DEFAULT_REPLICAS;
  return {
    of,
    ofAll: largest(Object.values(of)),
    ofRouter: { capBytes, replicas: inCluster ? { min: usual, max: usual } : ALONE },
  };
}

function largest(sizes: readonly WorkloadSize[]): WorkloadSize {
  const most = (values: readonly number[]) => Math.max(...values);
  return {
    capBytes: most(sizes.map(({ capBytes }) => capBytes)),
    replicas: {
      min: most(sizes.map(({ replicas }) => replicas.min)),
      max: most(sizes.map(({ replicas }) => replicas.max)),
    },
  };
}
