/**
 * `node_modules/.bin/node bench/goodput.ts`: what reaches a backend that answers 503 to a share of its requests, through
 * Sluice's engine and through the real Collector, beside what it takes when the same number of requests is sent to it directly.
 *
 *   [--share 0.7] [--window 20s] [--warmup 10s] [--gateway sluice,otelcol] [-o table|json]
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import {
  cpuPlan,
  freePorts,
  type GatewayProgram,
  type GeneratorProcess,
  machineName,
  type SinkProcess,
  startGateway,
  startGeneratorProcess,
  startSinkProcess,
} from '../src/lab/index.ts';
import { parseDuration } from '../src/lib/index.ts';
import { type ShapeName, totalStats } from '../src/load/index.ts';
import { otelcolProgram, sluiceProgram } from './gateway.ts';

interface Row {
  readonly gateway: string;
  readonly offered: string;
  /** Requests a second that the backend saw. */
  readonly tries: number;
  /** Items a second that it took. */
  readonly goodput: number;
  /** The same when as many requests were sent to it directly. */
  readonly direct: number;
  readonly ratio: number;
  /** By how much the ratio is off by chance alone, two standard deviations: which requests fail is drawn. */
  readonly chance: number;
  /** Beside what the backend would take of what was offered to the gateway: more than 1 is what trying again brings. */
  readonly ratioOfOffered: number;
  /** Items acknowledged by the gateway and not taken by the backend once it answers everything again. */
  readonly lost: number;
  /** Items that the gateway refused, retryable: its queue was full. */
  readonly refused: number;
}

interface Offer {
  readonly shape: ShapeName;
  readonly requestRate: number;
}

/** About what upstream offered (5,929 spans/s), in larger and in smaller requests. */
const OFFERS: readonly Offer[] = [
  { shape: 't100', requestRate: 60 },
  { shape: 't10', requestRate: 600 },
];
const CONNECTIONS = 4;
const DRAIN_MS = 120_000;

const { values: flags } = parseArgs({
  options: {
    share: { type: 'string', default: '0.7' },
    window: { type: 'string', default: '20s' },
    warmup: { type: 'string', default: '10s' },
    gateway: { type: 'string', default: 'sluice,otelcol' },
    output: { type: 'string', short: 'o', default: 'table' },
  },
});
const share = Number(flags.share);
const windowMs = parseDuration(flags.window)!;
const warmupMs = parseDuration(flags.warmup)!;

interface Parts {
  readonly sink: SinkProcess;
  readonly generator: GeneratorProcess;
}

/** The defaults of a pipeline: a queue of 16 MiB, waits between tries as upstream's. */
function config(grpc: number, backendPort: number): string {
  return `receivers: {otlp: {protocols: {grpc: {endpoint: "127.0.0.1:${grpc}"}}}}
exporters:
  otlp_grpc:
    endpoint: "127.0.0.1:${backendPort}"
    tls: {insecure: true}
    sending_queue: {enabled: true, sizer: bytes, queue_size: 16777216, num_consumers: 10}
    retry_on_failure: {enabled: true, initial_interval: 5s, max_interval: 30s, max_elapsed_time: 300s}
service:
  telemetry: {logs: {level: error}, metrics: {level: none}}
  pipelines: {traces: {receivers: [otlp], exporters: [otlp_grpc]}}
`;
}

let seed = 1;
async function load({ generator }: Parts, port: number, { shape, requestRate }: Offer): Promise<void> {
  await generator.start({
    signal: 'traces',
    shape,
    seed: seed++,
    endpoint: { host: '127.0.0.1', port },
    protocol: 'grpc',
    requestRate,
    connections: CONNECTIONS,
    inFlight: 256,
  });
}

/** Requests and items a second, and how many requests that were. */
interface Seen {
  readonly requests: number;
  readonly items: number;
  readonly count: number;
}

async function overWindow({ sink }: Parts): Promise<Seen> {
  await delay(warmupMs);
  const before = totalStats(await sink.stats());
  const startedMs = performance.now();
  await delay(windowMs);
  const after = totalStats(await sink.stats());
  const seconds = (performance.now() - startedMs) / 1000;
  const count = after.requests - before.requests;
  return { count, requests: count / seconds, items: (after.unique - before.unique) / seconds };
}

async function measure(program: GatewayProgram, offer: Offer, parts: Parts): Promise<Row> {
  const { sink, generator } = parts;
  const [grpc] = await freePorts(1);
  const gateway = await startGateway(program, {
    config: config(grpc!, sink.port),
    readyPort: grpc!,
    cpu: cpuPlan().gateway,
  });
  try {
    await sink.clear();
    await sink.setMode({ kind: 'status', status: 503, share });
    await load(parts, grpc!, offer);
    const seen = await overWindow(parts);
    const { accepted, refused } = await generator.stop();
    await sink.setMode({ kind: 'accept' });
    const lost = await lostOf(sink, accepted);
    await sink.clear();
    await sink.setMode({ kind: 'status', status: 503, share });
    await load(parts, sink.port, { ...offer, requestRate: seen.requests });
    const direct = await overWindow(parts);
    await generator.stop();
    // A busy machine does not keep the rate that it was asked for: what one request brings is compared.
    const directItems = (direct.items / direct.requests) * seen.requests;
    return {
      gateway: program.name,
      offered: `${offer.requestRate}/s ${offer.shape}`,
      tries: seen.requests,
      goodput: seen.items,
      direct: directItems,
      ratio: seen.items / directItems,
      chance: 2 * Math.sqrt((share / (1 - share)) * (1 / seen.count + 1 / direct.count)),
      ratioOfOffered: seen.items / ((direct.items / direct.requests) * offer.requestRate),
      lost,
      refused,
    };
  } finally {
    await gateway.stop();
  }
}

async function lostOf(sink: SinkProcess, acknowledged: number): Promise<number> {
  const deadlineMs = performance.now() + DRAIN_MS;
  for (;;) {
    const lost = acknowledged - totalStats(await sink.stats()).unique;
    if (lost <= 0 || performance.now() > deadlineMs) return lost;
    await delay(250);
  }
}

function table(rows: readonly Row[]): string {
  const header =
    '| gateway | offered | requests the backend saw /s | items it took /s | as many sent directly /s | ratio | ± by chance | of what was offered, sent directly | items lost | items refused, to be sent again |';
  const lines = rows.map(
    (row) =>
      `| ${row.gateway} | ${row.offered} | ${row.tries.toFixed(0)} | ${row.goodput.toFixed(0)} | ${row.direct.toFixed(0)} | ${row.ratio.toFixed(3)} | ${row.chance.toFixed(3)} | ${row.ratioOfOffered.toFixed(2)} | ${row.lost} | ${row.refused} |`,
  );
  return `${[machineName(), '', header, '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |', ...lines].join('\n')}\n`;
}

const programs = [sluiceProgram(), otelcolProgram()].filter(
  (program) => program !== undefined && flags.gateway.split(',').includes(program.name),
) as GatewayProgram[];
const sink = await startSinkProcess({ host: '127.0.0.1', port: 0 }, cpuPlan().sink);
const generator = startGeneratorProcess(cpuPlan().generator);
const rows: Row[] = [];
try {
  for (const offer of OFFERS)
    for (const program of programs) rows.push(await measure(program, offer, { sink, generator }));
} finally {
  sink.kill();
  generator.kill();
}
process.stdout.write(flags.output === 'json' ? `${JSON.stringify(rows, null, 2)}\n` : table(rows));
