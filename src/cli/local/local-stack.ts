import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { EngineLog } from '../../engine/index.ts';
import { componentType, type OtelcolConfig, resolveEnvRefs } from '../../otelcol/index.ts';
import { type RenderedConfig, type RenderedPipeline, renderedYaml } from '../../render/index.ts';
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
import { generateSample } from './sample.ts';
import { viewerExporter } from './viewer-exporter.ts';

export interface Ports {
  readonly grpc: number;
  readonly http: number;
  readonly ui: number;
}

export interface LocalOptions {
  /** None: the built-in pipelines run, which end in the viewer. */
  readonly files: readonly InputFile[];
  /** What the overview calls the configuration. */
  readonly source: string;
  readonly host: string;
  /** 0: any free port. */
  readonly ports: Ports;
  readonly capBytes: number;
  readonly log: EngineLog;
  /** Commands that help when a port is taken. */
  readonly portWays: readonly string[];
}

/** Engine, viewer and UI of `sluice up`, running. */
export interface LocalStack extends RunningConfig {
  readonly compiled: Compiled;
  readonly server: Server;
  readonly pipelines: readonly PipelineRef[];
  readonly endpoints: OverviewDocument['endpoints'];
  readonly ports: Ports;
  /** Allows writes through the HTTP API. */
  readonly token: string;
  /** The configuration that runs, as the Collector's YAML; secrets stand in it as references. */
  readonly configText: string;
  /** Takes no more data, delivers what is queued within the time given, closes the UI. */
  shutdown(options: { readonly graceMs: number }): Promise<void>;
}

const UI_DIR = join(import.meta.dirname, '../../../dist/ui');

/** Compiles and starts everything. Throws CliError when an address cannot be had. */
export async function startLocalStack(context: CliContext, options: LocalOptions): Promise<LocalStack> {
  const { host, ports, capBytes, log, portWays } = options;
  const compiled = compileFiles(options.files, {
    distribution: 'sluice',
    capBytes,
    viewer: true,
    otlpGrpc: address(host, ports.grpc),
    otlpHttp: address(host, ports.http),
  });
  const rendered = compiled.rendered as RenderedConfig; // the viewer's pipelines are always there
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
  const endpoints = {
    grpc: shownAddress(host, portOf('grpc')),
    http: `http://${shownAddress(host, portOf('http'))}`,
    ui: '',
  };
  const pipelines = rendered.pipelines.flatMap((pipeline): PipelineRef[] => {
    if (!endsInViewer(rendered.config, pipeline)) return [pipeline];
    return options.files.length === 0 ? [{ ...pipeline, name: 'viewer' }] : [];
  });
  const token = randomBytes(24).toString('base64url');
  const server = createServer({
    snapshot: () => running.engine.snapshot(),
    pipelines,
    viewer,
    metrics: () => running.metrics.renderPrometheus(),
    attempts,
    clock: context.clock,
    version: context.version,
    source: options.source,
    startedAt: new Date(context.clock.nowMs()).toISOString(),
    endpoints,
    memoryLimitBytes: capBytes,
    token,
    uiDir: UI_DIR,
    generateSample: () => generateSample(portOf('http'), context.clock),
    onError: (error) => log.error('the HTTP API failed to answer', { error: String(error) }),
  });
  const listening = await listen(server, running, { host, port: ports.ui, portWays });
  endpoints.ui = `http://${shownAddress(host, listening.port)}`;
  return {
    ...running,
    compiled,
    server,
    pipelines,
    endpoints,
    ports: { grpc: portOf('grpc'), http: portOf('http'), ui: listening.port },
    token,
    configText: renderedYaml(rendered),
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

/** To listen on; IPv6 addresses get their brackets. */
function address(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** To show; loopback is called by the name that people know. */
function shownAddress(host: string, port: number): string {
  return address(host === '127.0.0.1' ? 'localhost' : host, port);
}
