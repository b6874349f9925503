import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { type RunningProcess, startProcess } from './process.ts';
import { type Home, SLUICE } from './sluice.ts';

/** A pipeline of traces with a queue on disk, and its parts where tests want others. */
export interface DurablePipeline {
  readonly name: string;
  readonly backendPort: number;
  readonly directory: string;
  readonly queueBytes?: number;
  readonly onFull?: 'block' | 'drop_oldest' | 'drop_newest';
  readonly consumers?: number;
}

/** A Collector configuration of such pipelines behind one receiver. */
export function durableConfig(
  { otlpPort, metricsPort }: { readonly otlpPort: number; readonly metricsPort: number },
  pipelines: readonly DurablePipeline[],
): string {
  const extensions = pipelines.map(
    ({ name, directory, onFull = 'block' }) =>
      `  sluice_queue/${name}: {directory: ${JSON.stringify(directory)}, on_full: ${onFull}}`,
  );
  const exporters = pipelines.map(
    ({ name, backendPort, queueBytes = 2 ** 28, consumers = 4 }) => `  otlp_grpc/${name}:
    endpoint: 127.0.0.1:${backendPort}
    compression: none
    tls: {insecure: true}
    sending_queue: {sizer: bytes, queue_size: ${queueBytes}, num_consumers: ${consumers}, storage: sluice_queue/${name}}
    retry_on_failure: {initial_interval: 50ms, max_interval: 500ms}`,
  );
  const ids = pipelines.map(({ name }) => `    traces/${name}: {receivers: [otlp], exporters: [otlp_grpc/${name}]}`);
  return `receivers:
  otlp: {protocols: {grpc: {endpoint: "127.0.0.1:${otlpPort}"}}}
extensions:
${extensions.join('\n')}
exporters:
${exporters.join('\n')}
service:
  telemetry: {metrics: {readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: ${metricsPort}}}}}]}}
  extensions: [${pipelines.map(({ name }) => `sluice_queue/${name}`).join(', ')}]
  pipelines:
${ids.join('\n')}
`;
}

export interface EnginePorts {
  readonly otlpPort: number;
  readonly metricsPort: number;
}

export async function enginePorts(): Promise<EnginePorts> {
  return { otlpPort: await freePort(), metricsPort: await freePort() };
}

/** `sluice engine` as a process of its own, ready to take data. */
export function startDurableEngine(home: Home, file: string, ports: EnginePorts): Promise<RunningProcess> {
  return startProcess(SLUICE, ['engine', '--config', file], {
    cwd: home.path,
    env: home.env,
    ready: { ports: [ports.otlpPort, ports.metricsPort] },
  });
}

/** The sum of a metric of the engine over all its children, or over those whose labels hold a text. */
export async function engineMetric({ metricsPort }: EnginePorts, name: string, labels = ''): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${metricsPort}/metrics`);
  return (await answer.text())
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) && line.includes(labels))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

/** What the files under a folder take. */
export function bytesUnder(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
