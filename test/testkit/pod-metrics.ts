import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

/** Serves what a Pod tells of itself, on the port where Pods of its kind do. */
export interface PodMetrics {
  readonly address: string;
  stop(): Promise<void>;
}

/** Addresses of loopback, of which Linux has sixteen million: those of this process and of no other test. */
export function loopbackAddresses(): () => string {
  const [second, third] = [2 + (process.pid % 200), Math.floor(Math.random() * 250)];
  let last = 1;
  return () => `127.${second}.${third}.${++last}`;
}

/** `text` is asked for every answer. */
export async function startPodMetrics(address: string, port: number, text: () => string): Promise<PodMetrics> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(text());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, resolve);
  });
  return {
    address,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export interface ToldExporter {
  readonly sent?: number;
  readonly failed?: number;
  readonly queueSize?: number;
}

const NOUNS = { traces: 'spans', metrics: 'metric_points', logs: 'log_records' } as const;

export interface ToldCollector {
  readonly signal: keyof typeof NOUNS;
  /** By id. */
  readonly exporters: Readonly<Record<string, ToldExporter>>;
  /** Items that senders were refused at the memory limit. */
  readonly refused?: number;
}

/** Metrics in the names and labels of the stock Collector, with the settings of the reader that our configurations have. */
export function collectorMetrics({ signal, exporters, refused = 0 }: ToldCollector): string {
  const noun = NOUNS[signal];
  const lines = Object.entries(exporters).flatMap(([id, { sent = 0, failed = 0, queueSize = 0 }]) => [
    `otelcol_exporter_sent_${noun}{exporter="${id}"} ${sent}`,
    `otelcol_exporter_send_failed_${noun}{exporter="${id}"} ${failed}`,
    `otelcol_exporter_queue_size{data_type="${signal}",exporter="${id}"} ${queueSize}`,
    `otelcol_exporter_queue_capacity{data_type="${signal}",exporter="${id}"} 1048576`,
  ]);
  return [
    ...lines,
    `otelcol_receiver_accepted_${noun}{receiver="otlp",transport="grpc"} 100`,
    `otelcol_receiver_refused_${noun}{receiver="otlp",transport="grpc"} ${refused}`,
    `otelcol_processor_refused_${noun}{processor="memory_limiter"} ${refused}`,
    'otelcol_process_uptime 600',
    '',
  ].join('\n');
}

const RECORDED = join(import.meta.dirname, '../../src/flow/health/recorded');

/** What a real Fluent Bit 5.1.1 said, with an output `healthy` and one `dead`, whose backend never listened. */
export function recordedFluentBit(after: '8s' | '60s'): string {
  return readFileSync(join(RECORDED, `fluent-bit-5.1.1-${after}.txt`), 'utf8');
}

/** The same of one output under another name, with some of its figures replaced. */
export function recordedOutput(
  after: '8s' | '60s',
  {
    from,
    name,
    replaced = {},
  }: { from: 'healthy' | 'dead'; name: string; replaced?: Readonly<Record<string, number>> },
): string {
  const lines = recordedFluentBit(after)
    .split('\n')
    .filter((line) => line.includes(`{name="${from}"}`));
  return lines
    .map((line) => {
      const [series = '', value = ''] = line.replace(`"${from}"`, `"${name}"`).split(' ');
      return `${series} ${replaced[series.replace(/\{.*/, '')] ?? value}\n`;
    })
    .join('');
}
