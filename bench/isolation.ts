/**
 * `node_modules/.bin/node bench/isolation.ts [--duration 60s] [--rate 20000] [--only sluice] [-o json]`: three pipelines on one
 * gateway, whose backends are healthy, hanging and refusing. Ours passes when the healthy one gets at least 99 %, no sender
 * is refused and memory stays under the cap.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { parseDuration } from '../src/lib/index.ts';
import { parseSinkMode, type SinkMode } from '../src/load/index.ts';
import { type GatewayProgram, otelcolProgram, sluiceProgram, startGateway } from './gateway.ts';
import {
  BACKENDS,
  type Backend,
  byteQueues,
  isolationConfig,
  MEMORY_CAP_MIB,
  upstreamQueues,
} from './isolation-config.ts';
import { type GeneratorProcess, type SinkProcess, startGeneratorProcess, startSinkProcess } from './load-process.ts';
import { cpuPlan, cpuSecondsOf, freePorts, machineName, memoryOf } from './machine.ts';
import { type LossByCause, readLosses } from './self-metrics.ts';

const { values: flags } = parseArgs({
  options: {
    duration: { type: 'string', default: '60s' },
    rate: { type: 'string', default: '20000' },
    only: { type: 'string', default: '' },
    output: { type: 'string', short: 'o', default: 'text' },
  },
});

const SPANS_PER_REQUEST = 100;
const SETTLE_MS = 3000;
const MODES: Readonly<Record<Backend, SinkMode>> = {
  healthy: { kind: 'accept' },
  hanging: { kind: 'hang' },
  refusing: parseSinkMode('503')!,
};

interface Setup {
  readonly name: string;
  readonly program: GatewayProgram;
  readonly settings: typeof byteQueues;
  readonly env: Readonly<Record<string, string>>;
}

interface Outcome {
  readonly setup: string;
  readonly offered: number;
  readonly accepted: number;
  readonly refusedToSenders: number;
  /** Unique spans the healthy backend got, of those offered. */
  readonly healthyPercent: number;
  /** The same for each tenth of the time, to see when it breaks. */
  readonly healthyPercentOverTime: readonly number[];
  readonly rssPeakMiB: number;
  readonly cpuCores: number;
  readonly losses: LossByCause;
}

type Sinks = Readonly<Record<Backend, SinkProcess>>;

const say = (line: string) => process.stderr.write(`${line}\n`);

function setups(): Setup[] {
  const goLimits = { GOMAXPROCS: '2', GOMEMLIMIT: `${Math.round(MEMORY_CAP_MIB * 0.8)}MiB` };
  const otelcol = otelcolProgram();
  const all: Setup[] = [
    { name: 'sluice, byte queues', program: sluiceProgram(), settings: byteQueues, env: {} },
    ...(otelcol === undefined
      ? []
      : [
          { name: 'otelcol, upstream settings', program: otelcol, settings: upstreamQueues, env: goLimits },
          { name: 'otelcol, byte queues', program: otelcol, settings: byteQueues, env: goLimits },
        ]),
  ];
  return all.filter((setup) => setup.name.includes(flags.only));
}

async function run(setup: Setup, sinks: Sinks, generator: GeneratorProcess, durationMs: number): Promise<Outcome> {
  const [grpc, http, metrics] = await freePorts(3);
  const ports = { grpc: grpc!, http: http!, metrics: metrics! };
  const backendPorts = { healthy: sinks.healthy.port, hanging: sinks.hanging.port, refusing: sinks.refusing.port };
  for (const name of BACKENDS) await sinks[name].clear();
  const config = isolationConfig(setup.settings, ports, backendPorts);
  const gateway = await startGateway(setup.program, { config, readyPort: grpc!, cpu: undefined, env: setup.env });
  try {
    await generator.start({
      signal: 'traces',
      shape: 't40-100',
      seed: 1,
      endpoint: { host: '127.0.0.1', port: grpc! },
      protocol: 'grpc',
      requestRate: Number(flags.rate) / SPANS_PER_REQUEST,
      connections: 4,
      inFlight: 256,
    });
    const healthyPercentOverTime = await watch(setup, sinks.healthy, generator, durationMs);
    const cpuCores = cpuSecondsOf(gateway.pid) / (durationMs / 1000);
    const report = await generator.stop();
    await delay(SETTLE_MS);
    const { unique } = (await sinks.healthy.stats()).signals.traces;
    return {
      setup: setup.name,
      offered: report.sent,
      accepted: report.accepted,
      refusedToSenders: report.refused + report.failed,
      healthyPercent: (unique / report.sent) * 100,
      healthyPercentOverTime,
      rssPeakMiB: memoryOf(gateway.pid).peak,
      cpuCores,
      losses: await readLosses(ports.metrics),
    };
  } finally {
    await gateway.stop();
  }
}

async function watch(setup: Setup, sink: SinkProcess, generator: GeneratorProcess, durationMs: number) {
  const shares: number[] = [];
  let before = { sent: 0, unique: 0 };
  for (let tenth = 0; tenth < 10; tenth++) {
    await delay(durationMs / 10);
    const [{ sent }, stats] = await Promise.all([generator.progress(), sink.stats()]);
    const { unique } = stats.signals.traces;
    const share = ((unique - before.unique) / (sent - before.sent)) * 100;
    shares.push(Math.round(share * 10) / 10);
    before = { sent, unique };
    say(`${setup.name}: ${(((tenth + 1) * durationMs) / 10_000).toFixed(0)} s, healthy gets ${share.toFixed(1)} %`);
  }
  return shares;
}

function formatOutcome(outcome: Outcome): string {
  const losses = Object.entries(outcome.losses).map(([cause, count]) => `    ${count} ${cause}`);
  return [
    outcome.setup,
    `  healthy backend got   ${outcome.healthyPercent.toFixed(2)} % of ${outcome.offered} spans`,
    `  refused to senders    ${outcome.refusedToSenders}`,
    `  peak RSS              ${Math.round(outcome.rssPeakMiB)} MiB of ${MEMORY_CAP_MIB}`,
    `  CPU                   ${outcome.cpuCores.toFixed(2)} cores`,
    ...(losses.length > 0 ? ['  lost', ...losses] : []),
    '',
  ].join('\n');
}

function passes(outcome: Outcome): boolean {
  return outcome.healthyPercent >= 99 && outcome.refusedToSenders === 0 && outcome.rssPeakMiB <= MEMORY_CAP_MIB;
}

async function main(): Promise<number> {
  const durationMs = parseDuration(flags.duration) ?? 60_000;
  const cpu = cpuPlan();
  const about = { machine: machineName(), spansPerSecond: Number(flags.rate), seconds: durationMs / 1000 };
  say(JSON.stringify(about));
  const generator = startGeneratorProcess(cpu.generator);
  const started: SinkProcess[] = [];
  const outcomes: Outcome[] = [];
  try {
    for (const name of BACKENDS) {
      const options = { host: '127.0.0.1', port: 0, mode: MODES[name], countOnly: name !== 'healthy' };
      started.push(await startSinkProcess(options, cpu.sink));
    }
    const [healthy, hanging, refusing] = started;
    const sinks = { healthy: healthy!, hanging: hanging!, refusing: refusing! };
    for (const setup of setups()) outcomes.push(await run(setup, sinks, generator, durationMs));
  } finally {
    generator.kill();
    for (const sink of started) sink.kill();
  }
  const json = `${JSON.stringify({ about, outcomes }, null, 2)}\n`;
  process.stdout.write(flags.output === 'json' ? json : outcomes.map(formatOutcome).join('\n'));
  return outcomes.filter((outcome) => outcome.setup.startsWith('sluice')).every(passes) ? 0 : 1;
}

process.exit(await main());
