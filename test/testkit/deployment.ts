import { compileFiles } from '../../src/cli/compile.ts';
import { encodeEnvValue } from '../../src/otelcol/index.ts';
import { type RenderedConfig, renderedYaml } from '../../src/render/index.ts';
import type { DistributionName, TopologyType } from '../../src/topology/index.ts';
import { startOtelcol, startSluiceEngine } from './collector-process.ts';
import { freePort } from './free-port.ts';
import type { RunningProcess } from './process.ts';

export interface DeploymentOptions {
  readonly topology: TopologyType;
  /** The program that runs every workload. */
  readonly distribution: DistributionName;
  /** Secrets that the manifests refer to. */
  readonly secrets?: readonly object[];
  /** Added to the environment of every process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Every workload of a topology as a process on this machine, run from what `sluice render` writes. */
export interface Deployment {
  /** In start order; the last one takes data from senders. */
  readonly workloads: readonly string[];
  /** Ports of the workload that takes data from senders. */
  readonly front: { readonly grpc: number; readonly http: number };
  /** Ends a workload's process as the kernel would, without a word. */
  kill(workload: string): Promise<void>;
  /** Starts it again, with the same configuration and ports. */
  restart(workload: string): Promise<void>;
  stop(): Promise<void>;
}

interface Ports {
  readonly grpc: number;
  readonly http: number;
  readonly metrics: number;
}

const START = { otelcol: startOtelcol, sluice: startSluiceEngine } as const;

/** What the Collector does less well than the engine is no mistake of a manifest. */
const LESS_THAN_THE_ENGINE = 'SL0310';

/** Throws when a manifest has another finding. */
export async function deploy(
  manifests: readonly object[],
  { topology: type, distribution, secrets, env = {} }: DeploymentOptions,
): Promise<Deployment> {
  const files = [{ file: 'telemetry.yaml', text: textOf(manifests) }];
  const ports = new Map<string, Ports>();
  // The first look only tells which workloads there are.
  const portsOf = (name: string) => ports.get(name) ?? { grpc: 1, http: 2, metrics: 3 };
  const compile = () =>
    compileFiles(files, {
      distribution,
      topology: type,
      capBytes: 2 ** 30,
      ...(secrets === undefined
        ? {}
        : { secretFiles: [{ file: 'secrets.yaml', text: textOf(secrets) }], secretsRequired: true }),
      addresses: (workload, { workloads }) => {
        const { grpc, http, metrics } = portsOf(workload.name);
        const peers = Object.fromEntries(workloads.map(({ name }) => [name, `127.0.0.1:${portsOf(name).grpc}`]));
        return {
          otlpGrpc: `127.0.0.1:${grpc}`,
          otlpHttp: `127.0.0.1:${http}`,
          metrics: { host: '127.0.0.1', port: metrics },
          peers,
        };
      },
    });
  for (const { name } of compile().topology.workloads)
    ports.set(name, { grpc: await freePort(), http: await freePort(), metrics: await freePort() });
  const { topology, rendered, issues } = compile();
  const findings = issues.filter(({ code }) => code !== LESS_THAN_THE_ENGINE);
  if (findings.length > 0) throw new Error(JSON.stringify(findings));

  const configs = new Map(rendered.map((config) => [config.workload, config]));
  const running = new Map<string, RunningProcess>();
  const start = async (workload: string) => {
    running.set(workload, await startWorkload(configs.get(workload)!, { distribution, env }));
  };
  for (const { name } of topology.workloads) await start(name);
  const workloads = topology.workloads.map(({ name }) => name);
  return {
    workloads,
    front: ports.get(workloads.at(-1)!)!,
    async kill(workload) {
      const process = running.get(workload)!;
      process.kill('SIGKILL');
      await process.exited;
    },
    restart: start,
    async stop() {
      for (const name of workloads.toReversed()) await running.get(name)!.stop();
    },
  };
}

function startWorkload(
  config: RenderedConfig,
  { distribution, env }: Pick<DeploymentOptions, 'distribution' | 'env'>,
): Promise<RunningProcess> {
  const secrets = Object.entries(config.secrets).map(([name, value]) => [name, encodeEnvValue(value)]);
  return START[distribution](renderedYaml(config), { env: { ...env, ...Object.fromEntries(secrets) } });
}

function textOf(manifests: readonly object[]): string {
  return manifests.map((manifest) => JSON.stringify(manifest)).join('\n---\n');
}
