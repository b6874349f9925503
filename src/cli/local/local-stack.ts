import { randomBytes } from 'node:crypto';
import type { EngineLog } from '../../engine/index.ts';
import { componentType, type OtelcolConfig, resolveEnvRefs } from '../../otelcol/index.ts';
import type { RenderedConfig, RenderedPipeline } from '../../render/index.ts';
import {
  createAttemptLog,
  createServer,
  createViewer,
  type OverviewDocument,
  type PipelineRef,
  type Server,
} from '../../server/index.ts';
import { type Compiled, compileFiles } from '../compile.ts';
import type { CliContext } from '../context.ts';
import type { InputFile } from '../input-files.ts';
import { explainListenError } from '../network-error.ts';
import { type RunningConfig, startEngine } from '../run-engine.ts';
import { connectHost, hostAndPort, shownAddress } from './addresses.ts';
import { UI_DIR } from './built-ui.ts';
import { generateSample } from './sample.ts';
import type { Ports } from './up-flags.ts';
import { viewerExporter } from './viewer-exporter.ts';

export interface LocalPlanOptions {
  /** None: the built-in pipelines run, which end in the viewer. */
  readonly files: readonly InputFile[];
  readonly host: string;
  /** 0: any free port. */
  readonly ports: Ports;
  readonly capBytes: number;
}

/** What `sluice up` will run, before anything is started. */
export interface LocalPlan extends LocalPlanOptions {
  readonly compiled: Compiled;
  readonly rendered: RenderedConfig;
  /** The pipelines that people know about; none when files were given and nothing in them can run. */
  readonly pipelines: readonly PipelineRef[];
}

export interface LocalOptions {
  /** What the overview calls the configuration. */
  readonly source: string;
  readonly log: EngineLog;
  /** Commands that help when a port is taken. */
  readonly portWays: readonly string[];
}

/** Engine, viewer and UI of `sluice up`, running. */
export interface LocalStack extends RunningConfig {
  readonly server: Server;
  readonly pipelines: readonly PipelineRef[];
  readonly endpoints: OverviewDocument['endpoints'];
  readonly ports: Ports;
  /** Where this machine reaches the listeners. */
  readonly host: string;
  /** Allows writes through the HTTP API. */
  readonly token: string;
  /** Takes no more data, delivers what is queued within the time given, closes the UI. */
  shutdown(options: { readonly graceMs: number }): Promise<void>;
}

/** Compiles the files for this machine: every pipeline in them, and a copy of all data for the viewer. */
export function planLocal(options: LocalPlanOptions): LocalPlan {
  const { files, host, ports, capBytes } = options;
  const compiled = compileFiles(files, {
    distribution: 'sluice',
    capBytes,
    viewer: true,
    addresses: () => ({ otlpGrpc: hostAndPort(host, ports.grpc), otlpHttp: hostAndPort(host, ports.http) }),
  });
  const rendered = compiled.rendered[0] as RenderedConfig; // the viewer's pipelines are always there
  const pipelines = rendered.pipelines.flatMap((pipeline): PipelineRef[] => {
    if (!endsInViewer(rendered.config, pipeline)) return [pipeline];
    return files.length === 0 ? [{ ...pipeline, name: 'viewer' }] : [];
  });
  return { ...options, compiled, rendered, pipelines };
}

/** Starts everything. Throws CliError when an address cannot be had. */
export async function startLocalStack(
  context: CliContext,
  plan: LocalPlan,
  { source, log, portWays }: LocalOptions,
): Promise<LocalStack> {
  const { rendered, pipelines, host, ports, capBytes } = plan;
  const viewer = createViewer({ clock: context.clock });
  const attempts = createAttemptLog();
  const running = await startEngine(resolveEnvRefs(rendered.config, rendered.secrets), context, {
    log,
    portWays,
    exporters: { sluice_viewer: viewerExporter(viewer) },
    onAttempt: (attempt) => attempts.record(attempt),
    stdout: (text) => context.stdout.write(text),
  });

  const portOf = (protocol: string) => running.listeners.find((listener) => listener.protocol === protocol)?.port ?? 0;
  const otlp = { grpc: portOf('grpc'), http: portOf('http') };
  const endpoints = {
    grpc: shownAddress(host, otlp.grpc),
    http: `http://${shownAddress(host, otlp.http)}`,
    ui: '',
  };
  const token = randomBytes(24).toString('base64url');
  const reachedAt = connectHost(host);
  const server = createServer({
    snapshot: () => running.engine.snapshot(),
    pipelines,
    viewer,
    metrics: () => running.metrics.renderPrometheus(),
    attempts,
    clock: context.clock,
    version: context.version,
    source,
    program: context.program,
    startedAt: new Date(context.clock.nowMs()).toISOString(),
    endpoints,
    memoryLimitBytes: capBytes,
    token,
    uiDir: UI_DIR,
    generateSample: () => generateSample({ host: reachedAt, port: otlp.http }, context.clock),
    onError: (error) => log.error('the HTTP API failed to answer', { error: String(error) }),
  });
  const listening = await listen(server, running, { host, port: ports.ui, portWays });
  endpoints.ui = `http://${shownAddress(host, listening.port)}`;
  return {
    ...running,
    server,
    pipelines,
    endpoints,
    ports: { ...otlp, ui: listening.port },
    host: reachedAt,
    token,
    async shutdown(grace) {
      await running.engine.shutdown(grace);
      await server.close();
    },
  };
}

/** A UI that cannot listen takes the engine down with it: half a product would only confuse. */
async function listen(
  server: Server,
  running: RunningConfig,
  at: { host: string; port: number; portWays: readonly string[] },
) {
  try {
    return await server.listen(at);
  } catch (error) {
    await running.engine.shutdown({ graceMs: 0 });
    throw explainListenError(error, at.portWays);
  }
}

function endsInViewer(config: OtelcolConfig, { pipelineId }: RenderedPipeline): boolean {
  return config.service.pipelines[pipelineId]?.exporters.some((id) => componentType(id) === 'sluice_viewer') ?? false;
}
