import { type Compiled, compileFiles } from '../../src/cli/compile.ts';
import { createAskBackend } from '../../src/cli/online/ask-backend.ts';
import type { FlowVerdict } from '../../src/flow/index.ts';
import type { KubeLog } from '../../src/kube/index.ts';
import { systemClock } from '../../src/lib/index.ts';
import {
  type FlowHealth,
  type MetricsEndpoint,
  type ObservedPipeline,
  observedPipelines,
  startFlowHealth,
} from '../../src/operator/index.ts';
import { renderedYaml } from '../../src/render/index.ts';
import { startOtelcol } from './collector-process.ts';
import { freePort } from './free-port.ts';
import type { RunningProcess } from './process.ts';

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

export interface GatewayReplica {
  readonly pod: string;
  readonly http: number;
  readonly grpc: number;
  readonly process: RunningProcess;
}

/** A gateway of real Collectors on this machine, and the flow health of an operator that watches it. */
export interface ObservedGateway {
  readonly replicas: readonly GatewayReplica[];
  readonly health: FlowHealth;
  /** What the log of the flow health got to read. */
  readonly logged: readonly string[];
  /** Verdicts in the order they came, with the time since the start of the watch. */
  readonly changes: readonly { readonly name: string; readonly afterMs: number; readonly verdict: FlowVerdict }[];
  verdictOf(name: string): FlowVerdict | undefined;
  stop(): Promise<void>;
}

export interface ObservedGatewayOptions {
  readonly manifests: readonly Manifest[];
  readonly secrets?: readonly object[];
  readonly capBytes?: number;
  readonly replicas?: number;
  readonly intervalMs?: number;
  /** Changes the rendered text before it is started. */
  readonly edit?: (yaml: string) => string;
  readonly env?: Readonly<Record<string, string>>;
}

const WORKLOAD = 'otlp-gateway';

export async function startObservedGateway(options: ObservedGatewayOptions): Promise<ObservedGateway> {
  const { manifests, replicas: count = 1, intervalMs } = options;
  const compiled = await Promise.all(Array.from({ length: count }, () => compile(options)));
  const replicas = await Promise.all(compiled.map((one, i) => startReplica(one, `${WORKLOAD}-${i}`, options)));
  const pipelines = observe(compiled[0]!.compiled, manifests);
  const [rendered] = compiled[0]!.compiled.rendered;
  const logged: string[] = [];
  const write = (message: string, fields?: object) => void logged.push(`${message} ${JSON.stringify(fields)}`);
  const log: KubeLog = { info: write, warn: write, error: write };
  const health = startFlowHealth({
    clock: systemClock,
    random: () => 0.5,
    log,
    endpointsOf: () =>
      compiled.map(
        ({ metrics }, i): MetricsEndpoint => ({
          pod: `${WORKLOAD}-${i}`,
          workload: rendered!.workload,
          role: 'gateway',
          url: `http://127.0.0.1:${metrics}/metrics`,
        }),
      ),
    pipelines: () => pipelines,
    askBackend: createAskBackend(systemClock),
    ...(intervalMs === undefined ? {} : { intervalMs }),
  });
  const startedMs = performance.now();
  const changes: { name: string; afterMs: number; verdict: FlowVerdict }[] = [];
  health.onChange(({ kind, name }) => {
    changes.push({ name, afterMs: performance.now() - startedMs, verdict: health.verdictOf(kind, name)! });
  });
  const kinds = new Map(pipelines.map(({ kind, name }) => [name, kind]));
  return {
    replicas,
    health,
    logged,
    changes,
    verdictOf: (name) => health.verdictOf(kinds.get(name)!, name),
    async stop() {
      await health.stop();
      await Promise.all(replicas.map(({ process }) => process.stop()));
    },
  };
}

interface CompiledReplica {
  readonly compiled: Compiled;
  readonly http: number;
  readonly grpc: number;
  readonly metrics: number;
}

async function compile({
  manifests,
  secrets = [],
  capBytes = 2 ** 31,
}: ObservedGatewayOptions): Promise<CompiledReplica> {
  const [http, grpc, metrics] = [await freePort(), await freePort(), await freePort()];
  const compiled = compileFiles(
    manifests.map((manifest) => ({ file: `${manifest.metadata.name}.yaml`, text: JSON.stringify(manifest) })),
    {
      distribution: 'otelcol',
      topology: 'Shared',
      capBytes,
      secretFiles: secrets.map((secret, i) => ({ file: `secret-${i}.yaml`, text: JSON.stringify(secret) })),
      secretsRequired: true,
      addresses: () => ({
        otlpGrpc: `127.0.0.1:${grpc}`,
        otlpHttp: `127.0.0.1:${http}`,
        metrics: { host: '127.0.0.1', port: metrics },
      }),
    },
  );
  const errors = compiled.issues.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return { compiled, http, grpc, metrics };
}

async function startReplica(
  { compiled, http, grpc }: CompiledReplica,
  pod: string,
  { edit = (yaml) => yaml, env = {} }: ObservedGatewayOptions,
): Promise<GatewayReplica> {
  const [rendered] = compiled.rendered;
  const yaml = edit(renderedYaml(rendered!));
  return { pod, http, grpc, process: await startOtelcol(yaml, { env: { ...rendered!.secrets, ...env } }) };
}

function observe(compiled: Compiled, manifests: readonly Manifest[]): readonly ObservedPipeline[] {
  const names = manifests.map(({ kind, metadata }) => ({
    kind: kind as ObservedPipeline['kind'],
    name: metadata.name,
  }));
  return observedPipelines({ ...compiled, rendered: compiled.rendered }, names);
}
