import { resolveEnvRefs } from '../../otelcol/index.ts';
import { machineState, type RenderedConfig, renderOtelcol } from '../../render/index.ts';
import type { Topology } from '../../topology/index.ts';
import type { CliContext } from '../context.ts';
import { startEngine } from '../run-engine.ts';
import { hostAndPort } from './addresses.ts';
import { type Deployment, type DeploymentOptions, LOCAL_ORIGINS, type Target } from './deployment.ts';

/** Runs the one gateway of a Shared topology in this process. Throws CliError when an address cannot be had. */
export async function runInProcess(
  target: Target,
  options: DeploymentOptions,
  context: CliContext,
): Promise<Deployment> {
  let { advice } = target;
  let rendered = render(target.topology, options);
  const { engine, listeners, metrics } = await startEngine(configOf(rendered), context, {
    log: options.log,
    portWays: options.portWays,
    exporters: { sluice_viewer: options.viewerExporter },
    onAttempt: (attempt) => options.onAttempt(attempt),
    stdout: (text) => options.stdout(text),
    advise: (signal) => advice[signal],
  });
  const portOf = (protocol: string) => listeners.find((listener) => listener.protocol === protocol)?.port ?? 0;
  return {
    ports: { grpc: portOf('grpc'), http: portOf('http') },
    get rendered() {
      return [rendered];
    },
    snapshot: () => engine.snapshot(),
    metrics: () => metrics.renderPrometheus(),
    async reload(next) {
      const changed = render(next.topology, options);
      await engine.reload(configOf(changed));
      rendered = changed;
      advice = next.advice;
    },
    shutdown: (grace) => engine.shutdown(grace),
  };
}

/** Port 0 stays 0 in every generation, so that the receiver is the same one. */
function render({ workloads }: Topology, { host, ports, stateFolder }: DeploymentOptions): RenderedConfig {
  const [gateway] = workloads;
  if (gateway === undefined) throw new Error('a local topology has the pipelines of the viewer at least');
  return renderOtelcol(gateway, {
    otlpGrpc: hostAndPort(host, ports.grpc),
    otlpHttp: hostAndPort(host, ports.http),
    corsOrigins: LOCAL_ORIGINS,
    state: machineState(stateFolder, gateway),
  });
}

function configOf({ config, secrets }: RenderedConfig) {
  return resolveEnvRefs(config, secrets);
}
