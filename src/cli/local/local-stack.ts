import { randomBytes } from 'node:crypto';
import type { EngineLog } from '../../engine/index.ts';
import type { FlowGraph } from '../../flow/index.ts';
import { describeFlow } from '../../render/index.ts';
import {
  type AttemptLog,
  createAttemptLog,
  createServer,
  createViewer,
  type OverviewDocument,
  type Server,
  type ValidateDocument,
  type Viewer,
} from '../../server/index.ts';
import type { TopologyType } from '../../topology/index.ts';
import { compileFiles, STOCK_ADDRESSES } from '../compile.ts';
import type { CliContext } from '../context.ts';
import { explainListenError } from '../network-error.ts';
import { connectHost, shownAddress } from './addresses.ts';
import { adviceOf } from './advice.ts';
import type { AppliedResources } from './applied-resources.ts';
import { UI_DIR } from './built-ui.ts';
import type { Deployment, DeploymentOptions, Target } from './deployment.ts';
import { type Generation, readGeneration, topologyOf } from './generation.ts';
import { runInProcess } from './in-process.ts';
import type { InputSources, SourcesRead } from './input-sources.ts';
import { inputsOf, LiveConfiguration } from './live-configuration.ts';
import { withPlacesNow } from './place-now.ts';
import { previewDraft } from './preview-draft.ts';
import { runProcesses } from './processes/run-processes.ts';
import { listenForViewer, type ViewerListener } from './processes/viewer-listener.ts';
import { onceFree, type QueueFolder } from './queue-folder.ts';
import { generateSample } from './sample.ts';
import { SecretAddresses } from './secret-addresses.ts';
import type { Ports } from './up-flags.ts';
import { viewerExporter } from './viewer-exporter.ts';

export interface LocalPlanOptions {
  readonly sources: InputSources;
  readonly read: SourcesRead;
  readonly applied: AppliedResources;
  readonly host: string;
  /** 0: any free port. */
  readonly ports: Ports;
  /** Of each process. */
  readonly capBytes: number;
  /** Absent: what a Telemetry resource in the files says, else Shared. */
  readonly topology: TopologyType | undefined;
}

/** What `sluice up` will run, before anything is started. */
export interface LocalPlan extends LocalPlanOptions {
  readonly generation: Generation;
  readonly viewer: Viewer;
  /** Where other processes reach the viewer. */
  readonly viewerListener: ViewerListener | undefined;
}

export interface LocalOptions {
  readonly queueFolder: QueueFolder;
  /** What the overview calls the configuration. */
  readonly source: () => string;
  readonly log: EngineLog;
  /** Commands that help when a port is taken. */
  readonly portWays: readonly string[];
  /** Keeps applied resources across restarts; does not throw. Called when they run. */
  readonly save: ((text: string) => void) | undefined;
}

/** Engine, viewer and UI of `sluice up`, running. */
export interface LocalStack {
  readonly server: Server;
  readonly live: LiveConfiguration;
  readonly deployment: Deployment;
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
export async function planLocal(options: LocalPlanOptions, log: EngineLog, context: CliContext): Promise<LocalPlan> {
  const inputs = inputsOf(options.read, options.applied);
  const topology = options.topology ?? topologyOf(inputs) ?? 'Shared';
  const viewer = createViewer({ clock: context.clock });
  const exporter = viewerExporter(viewer);
  const viewerListener = topology === 'Shared' ? undefined : await listenForViewer(exporter, log, context);
  const { capBytes } = options;
  const elsewhere = viewerListener && { viewerEndpoint: viewerListener.endpoint };
  const generation = readGeneration(inputs, { capBytes, topology, nowMs: context.clock.nowMs(), ...elsewhere });
  return { ...options, generation, viewer, viewerListener };
}

/** Starts everything. Throws CliError when an address cannot be had. */
export async function startLocalStack(
  context: CliContext,
  plan: LocalPlan,
  options: LocalOptions,
): Promise<LocalStack> {
  const startedMs = context.clock.monotonicMs();
  const { host, ports } = plan;
  const { log, portWays } = options;
  const attempts = createAttemptLog();
  const addresses = new SecretAddresses();
  addresses.learn(plan.generation.topology);
  const running = await deploy(plan, { ...options, attempts, log: addresses.log(log) }, context);
  const deployment = addresses.deployment(running);
  const live = new LiveConfiguration({
    ...plan,
    deployment,
    first: plan.generation,
    clock: context.clock,
    viewerEndpoint: plan.viewerListener?.endpoint,
    topologyIsFixed: plan.topology !== undefined,
    save: options.save,
    activatedMs: Math.round(context.clock.monotonicMs() - startedMs),
  });
  const otlp = deployment.ports;
  const endpoints = {
    grpc: shownAddress(host, otlp.grpc),
    http: `http://${shownAddress(host, otlp.http)}`,
    ui: '',
  };
  const token = randomBytes(24).toString('base64url');
  const server = createStackServer({ plan, options, attempts, live, deployment, endpoints, token }, context);
  const listening = await server.listen({ host, port: ports.ui }).catch(async (error: unknown) => {
    // Half a product would only confuse.
    await deployment.shutdown({ graceMs: 0 });
    throw explainListenError(error, portWays);
  });
  endpoints.ui = `http://${shownAddress(host, listening.port)}`;
  log.info('listening', { ...endpoints });
  return {
    server,
    live,
    deployment,
    endpoints,
    ports: { ...otlp, ui: listening.port },
    host: connectHost(host),
    token,
    async shutdown(grace) {
      await deployment.shutdown(grace);
      await plan.viewerListener?.close();
      await server.close();
    },
  };
}

/** What keeps queues on disk has the folder for itself before it runs. */
async function deploy(
  plan: LocalPlan,
  { log, portWays, attempts, queueFolder }: LocalOptions & { readonly attempts: AttemptLog },
  context: CliContext,
): Promise<Deployment> {
  const options: DeploymentOptions = {
    host: plan.host,
    ports: plan.ports,
    stateFolder: queueFolder,
    log,
    portWays,
    viewerExporter: viewerExporter(plan.viewer),
    onAttempt: (attempt) => attempts.record(attempt),
    stdout: (text) => context.stdout.write(text),
  };
  const target = { topology: plan.generation.topology, advice: adviceOf(plan.generation) };
  const run = plan.generation.topology.type === 'Shared' ? runInProcess : runProcesses;
  queueFolder.claim(target.topology);
  const deployment = await onceFree(() => run(target, options, context), context.clock);
  const reload = deployment.reload.bind(deployment);
  return Object.assign(deployment, {
    async reload(next: Target): Promise<void> {
      queueFolder.claim(next.topology);
      await reload(next);
    },
  });
}

interface ServerParts {
  readonly plan: LocalPlan;
  readonly options: LocalOptions;
  readonly attempts: AttemptLog;
  readonly live: LiveConfiguration;
  readonly deployment: Deployment;
  readonly endpoints: OverviewDocument['endpoints'];
  readonly token: string;
}

function createStackServer(parts: ServerParts, context: CliContext): Server {
  const { plan, options, attempts, live, deployment, endpoints, token } = parts;
  const target = { host: connectHost(plan.host), port: deployment.ports.http };
  const changed = <T>(change: Promise<T>) => change.finally(() => server.configurationChanged());
  const server = createServer({
    snapshot: () => deployment.snapshot(),
    get pipelines() {
      return live.pipelines;
    },
    get source() {
      return options.source();
    },
    viewer: plan.viewer,
    metrics: () => deployment.metrics(),
    attempts,
    clock: context.clock,
    version: context.version,
    program: context.program,
    startedAt: new Date(context.clock.nowMs()).toISOString(),
    endpoints,
    memoryLimitBytes: plan.capBytes,
    token,
    uiDir: UI_DIR,
    generateSample: () => generateSample(target, context.clock),
    graph: pictureOf(live),
    configuration: () => live.document,
    validate: (text) => validateText(text, plan.capBytes),
    preview: (request) => previewDraft(request, plan.viewer),
    apply: (request) => changed(live.apply(request)),
    delete: (request) => changed(live.delete(request)),
    ...(deployment.processes === undefined ? {} : { processes: () => deployment.processes!() }),
    onError: (error) => options.log.error('the HTTP API failed to answer', { error: String(error) }),
  });
  return server;
}

/** The same picture until another generation is looked at. */
function pictureOf(live: LiveConfiguration): () => FlowGraph {
  let drawn: { readonly of: Generation; readonly picture: FlowGraph } | undefined;
  return () => {
    const { running, looked } = live;
    if (drawn?.of !== looked) {
      drawn = { of: looked, picture: withPlacesNow(describeFlow(running.topology), running, looked) };
    }
    return drawn.picture;
  };
}

/** One text as if it stood alone; Secrets it refers to may be elsewhere. */
function validateText(text: string, capBytes: number): ValidateDocument {
  const files = [{ file: 'telemetry.yaml', text }];
  const { issues, resourceCount } = compileFiles(files, {
    distribution: 'sluice',
    capBytes,
    addresses: () => STOCK_ADDRESSES,
  });
  return { issues, resourceCount };
}
