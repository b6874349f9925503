import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { errorMessage } from '../../lib/index.ts';
import type { RunPlan } from '../run.ts';
import { type CollectorConfig, pipelineOfExporter, receivingPort } from './collector-config.ts';
import { freePorts } from './machine.ts';
import type { NamedSettings } from './named-settings.ts';

const run = promisify(execFile);

/** One process of one replica, as it is to be started. */
export interface GatewayUnit {
  /** `otlp-gateway`, `trace-dispatcher-healthy` */
  readonly workload: string;
  /** From 1. A replica is a copy of the whole topology: on one machine there is no Service to choose among the inner ones. */
  readonly replica: number;
  /** Takes data from senders. */
  readonly front: boolean;
  readonly folder: string;
  readonly queueFolder: string;
  readonly config: CollectorConfig;
  readonly grpcPort: number;
  readonly metricsPort: number;
  /** Keys of the pipelines that it delivers or hands on. */
  readonly pipelines: readonly string[];
}

export interface RenderContext {
  readonly plan: RunPlan;
  readonly settings: NamedSettings;
  /** The command line of Sluice. */
  readonly sluice: readonly string[];
  readonly manifests: string;
  /** Of the run; holds everything. */
  readonly folder: string;
  /** Where queues on disk go. */
  readonly queueFolder: string;
  readonly signal: AbortSignal;
}

const PORTS_OF_FRONT = 3;
const PORTS_EACH = 3;
/** Routers, entries and gateways beside one dispatcher for each pipeline. */
const MORE_WORKLOADS = 4;
const AMPLE_MEMORY = '64Gi';

/**
 * The processes of all replicas, those behind others first. Sluice renders the configurations, as it would for a user; what is
 * changed afterwards are the named settings, and where metrics are served.
 */
export async function renderUnits(context: RenderContext): Promise<readonly GatewayUnit[]> {
  const manifestFile = join(context.folder, 'pipelines.yaml');
  writeFileSync(manifestFile, context.manifests);
  const units: GatewayUnit[] = [];
  for (let replica = 1; replica <= context.plan.replicas; replica++)
    units.push(...(await renderReplica(replica, manifestFile, context)));
  return units;
}

async function renderReplica(replica: number, manifestFile: string, context: RenderContext): Promise<GatewayUnit[]> {
  const { plan, settings, folder } = context;
  const workloads = plan.backends.length + MORE_WORKLOADS;
  const [grpc, http, metrics, inner] = await freePorts(PORTS_OF_FRONT + PORTS_EACH * workloads);
  const output = join(folder, `replica-${replica}`);
  const printed = await render(context, [
    ...['-f', manifestFile, '--for', plan.runner, '--topology', TOPOLOGY_WORDS[plan.topology], '--no-source-map'],
    ...['--otlp-grpc', `127.0.0.1:${grpc}`, '--otlp-http', `127.0.0.1:${http}`, '--inner-port', String(inner)],
    ...['--max-memory', settings.rendersFor === 'ample memory' ? AMPLE_MEMORY : String(plan.memoryBytes)],
    ...['--output-dir', output],
  ]);
  return printed.map((file) => {
    const workload = basename(file, '.yaml');
    const rendered = parse(readFileSync(file, 'utf8')) as CollectorConfig;
    const grpcPort = receivingPort(rendered);
    const front = grpcPort === grpc;
    // The front's own metrics have no port in what is printed for a user; those behind it have the third of theirs.
    const metricsPort = front ? metrics! : grpcPort + 2;
    const queueFolder = join(context.queueFolder, `replica-${replica}`, workload);
    const unitFolder = join(output, workload);
    mkdirSync(unitFolder, { recursive: true });
    mkdirSync(queueFolder, { recursive: true });
    const config = withMetrics(settings.adapt(rendered, { plan, queueFolder }), metricsPort);
    const pipelines = Object.keys(config.exporters)
      .map(pipelineOfExporter)
      .filter((key) => key !== undefined);
    return { workload, replica, front, folder: unitFolder, queueFolder, config, grpcPort, metricsPort, pipelines };
  });
}

const TOPOLOGY_WORDS = { Shared: 'shared', PerSignal: 'per-signal', PerPipeline: 'per-pipeline' } as const;

/** The files that were written, those behind others first. */
async function render({ sluice, signal }: RenderContext, args: readonly string[]): Promise<readonly string[]> {
  const [command, ...before] = sluice;
  try {
    const { stdout } = await run(command!, [...before, 'render', ...args], { signal });
    return stdout.trim().split('\n');
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    throw new Error(`Sluice does not render this plan: ${stderr?.trim() || errorMessage(error)}`, { cause: error });
  }
}

/** How many objects a cluster would hold for these pipelines. */
export async function countObjects(context: RenderContext): Promise<number> {
  const [command, ...before] = context.sluice;
  const manifestFile = join(context.folder, 'pipelines.yaml');
  const topology = TOPOLOGY_WORDS[context.plan.topology];
  const args = ['render', '-f', manifestFile, '--for', 'k8s', '--topology', topology, '--max-memory', AMPLE_MEMORY];
  const { stdout } = await run(command!, [...before, ...args], { signal: context.signal, maxBuffer: 64 * 2 ** 20 });
  return stdout.match(/^kind: /gm)?.length ?? 0;
}

function withMetrics(config: CollectorConfig, port: number): CollectorConfig {
  const prometheus = {
    host: '127.0.0.1',
    port,
    without_scope_info: true,
    without_units: true,
    without_type_suffix: true,
  };
  const telemetry = {
    logs: { level: 'warn' },
    metrics: { level: 'normal', readers: [{ pull: { exporter: { prometheus } } }] },
  };
  return { ...config, service: { ...config.service, telemetry } };
}
