import { createEngine, type Engine, type EngineListener, type EngineLog, type EngineOptions } from '../engine/index.ts';
import { errorCode, errorMessage, MetricsRegistry } from '../lib/index.ts';
import type { OtelcolConfig } from '../otelcol/index.ts';
import { type CliContext, CliError } from './context.ts';
import { EXIT } from './exit-code.ts';
import { explainListenError } from './network-error.ts';
import { writeFileOrExplain } from './output-file.ts';

/** An engine that listens, with the registry its metrics are in. */
export interface RunningConfig {
  readonly engine: Engine;
  readonly listeners: readonly EngineListener[];
  readonly metrics: MetricsRegistry;
}

export interface StartOptions extends EngineOptions {
  readonly log: EngineLog;
  /** Commands that help when a port is taken. */
  readonly portWays: readonly string[];
}

/** Starts the engine on a checked configuration. Throws CliError when an address cannot be had. */
export async function startEngine(
  config: OtelcolConfig,
  context: CliContext,
  options: StartOptions,
): Promise<RunningConfig> {
  const metrics = new MetricsRegistry();
  const { log, portWays, ...engineOptions } = options;
  const engine = createEngine(config, { clock: context.clock, random: Math.random, metrics, log }, engineOptions);
  try {
    const { listeners } = await engine.start();
    return { engine, listeners, metrics };
  } catch (error) {
    if (errorCode(error) === 'file_unwritable') throw explainFileError(error);
    throw explainClusterError(error) ?? explainListenError(error, portWays);
  }
}

function explainFileError(error: unknown): CliError {
  return new CliError(EXIT.cannotStart, 'SL0605', errorMessage(error), [
    'correct the path of the file output, or the permissions of its folder',
  ]);
}

/** What `k8s_attributes` needs and does not find. */
function explainClusterError(error: unknown): CliError | undefined {
  const ways = {
    kube_config: ['outside of a Pod:  k8s_attributes: {auth_type: kubeConfig}'],
    kube_wait: ['look for what the log says of watching, or leave out `wait_for_metadata`'],
  };
  const code = errorCode(error);
  if (code !== 'kube_config' && code !== 'kube_wait') return undefined;
  return new CliError(EXIT.cannotStart, 'SL0710', errorMessage(error), ways[code]);
}

/** Tells scripts that listeners accept: the file appears with its content in one step. */
export function writeReadyFile(file: string | undefined, content: unknown): void {
  if (file !== undefined) writeFileOrExplain(file, `${JSON.stringify(content)}\n`);
}
