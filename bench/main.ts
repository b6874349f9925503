/**
 * `npm run bench`: CPU and memory of Sluice's engine and of the real Collector on one configuration, interleaved in one run.
 *
 *   [--quick] [--gateway sluice,otelcol] [--only t10,logs-100] [--rounds N] [--warmup 2s] [--window 5s] [--unpaced]
 *   [-o table|json] [--save] [--profile FOLDER]
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import {
  type CpuPlan,
  cpuPlan,
  freePorts,
  type GatewayProgram,
  machineName,
  startGateway,
  startGeneratorProcess,
  startSinkProcess,
} from '../src/lab/index.ts';
import { parseDuration } from '../src/lib/index.ts';
import { type BenchCase, selectCases } from './bench-case.ts';
import { otelcolProgram, sluiceProgram } from './gateway.ts';
import { gatewayConfig } from './gateway-config.ts';
import { type Measurement, measure } from './measure.ts';
import { formatSummary, summarize } from './summary.ts';

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    gateway: { type: 'string', default: 'sluice,otelcol' },
    rounds: { type: 'string' },
    warmup: { type: 'string' },
    window: { type: 'string' },
    unpaced: { type: 'boolean', default: false },
    output: { type: 'string', short: 'o', default: 'table' },
    save: { type: 'boolean', default: false },
    profile: { type: 'string' },
  },
});

interface Plan {
  readonly cases: readonly BenchCase[];
  readonly programs: readonly GatewayProgram[];
  readonly rounds: number;
  readonly warmupMs: number;
  readonly windowMs: number;
  readonly cpu: CpuPlan;
}

const say = (line: string) => process.stderr.write(`${line}\n`);

function readPlan(): Plan {
  const wanted = flags.gateway.split(',');
  const profile = flags.profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', resolve(flags.profile)];
  const programs = [sluiceProgram(profile), otelcolProgram()].filter((program) => program !== undefined);
  const fallback = flags.quick ? { rounds: 1, warmup: '1s', window: '2s' } : { rounds: 3, warmup: '2s', window: '5s' };
  return {
    cases: selectCases(flags.only.split(',').filter((name) => name !== '')),
    programs: programs.filter((program) => wanted.includes(program.name)),
    rounds: Number(flags.rounds ?? fallback.rounds),
    warmupMs: parseDuration(flags.warmup ?? fallback.warmup) ?? 0,
    windowMs: parseDuration(flags.window ?? fallback.window) ?? 0,
    cpu: cpuPlan(),
  };
}

async function measureAll(plan: Plan): Promise<Measurement[]> {
  const sink = await startSinkProcess({ host: '127.0.0.1', port: 0 }, plan.cpu.sink);
  const generator = startGeneratorProcess(plan.cpu.generator);
  const end = () => {
    sink.kill();
    generator.kill();
  };
  process.on('exit', end);
  const measurements: Measurement[] = [];
  try {
    await fillCaches(plan);
    for (let round = 0; round < plan.rounds; round++) {
      // The order of the gateways turns around from round to round, so that drift of the machine meets both.
      const programs = round % 2 === 0 ? plan.programs : [...plan.programs].reverse();
      for (const benchCase of plan.cases) {
        for (const program of programs) {
          const { warmupMs, windowMs, cpu } = plan;
          const seed = measurements.length + 1;
          const options = { program, plan: cpu, sink, generator, warmupMs, windowMs, seed, unpaced: flags.unpaced };
          const measurement = await measure(benchCase, options);
          measurements.push(measurement);
          say(progressLine(round, plan.rounds, measurement));
        }
      }
    }
  } finally {
    end();
  }
  return measurements;
}

/** Starts each gateway once, unmeasured: what compiling leaves in caches is not to be one round's cost. */
async function fillCaches(plan: Plan): Promise<void> {
  for (const program of plan.programs) {
    const [grpc, http, metrics, backendPort] = await freePorts(4);
    const ports = { grpc: grpc!, http: http!, metrics: metrics! };
    const config = gatewayConfig({ ports, backendPort: backendPort!, compression: 'none' });
    const gateway = await startGateway(program, { config, readyPort: ports.grpc, cpu: undefined });
    await gateway.stop();
  }
}

function progressLine(round: number, rounds: number, m: Measurement): string {
  const figures = [
    `${m.cpuSecondsPerMillion.toFixed(2)} CPU-s/M`,
    `${Math.round(m.itemsPerSecond)} items/s`,
    `${m.cores.toFixed(2)} cores (machine ${m.machineBusyCores.toFixed(1)})`,
    `${Math.round(m.rssPeakMiB)} MiB`,
    `p95 ${m.latencyP95Ms.toFixed(1)} ms`,
  ];
  return `[${round + 1}/${rounds}] ${m.case} ${m.gateway}: ${figures.join(', ')}${m.invalid ? `  INVALID: ${m.invalid}` : ''}`;
}

const plan = readPlan();
const about = {
  machine: machineName(),
  cores: plan.cpu.description,
  load: flags.unpaced ? 'as fast as each gateway answers' : 'the same fixed rate for each gateway',
  rounds: plan.rounds,
  windowSeconds: plan.windowMs / 1000,
  gateways: Object.fromEntries(plan.programs.map((program) => [program.name, program.version])),
};
for (const [key, value] of Object.entries(about))
  say(`${key.padEnd(14)} ${typeof value === 'object' ? JSON.stringify(value) : value}`);
const measurements = await measureAll(plan);
const summary = summarize(plan.cases, measurements);
const table = formatSummary(summary);
process.stdout.write(
  flags.output === 'json' ? `${JSON.stringify({ about, ...summary, measurements }, null, 2)}\n` : table,
);
if (flags.save) save();
process.exit(measurements.some((measurement) => measurement.invalid !== undefined) ? 1 : 0);

/** Writes bench/results/<date>.md, to be committed with the change it speaks for. */
function save(): void {
  const folder = join(import.meta.dirname, 'results');
  const date = new Date().toISOString().slice(0, 10);
  const facts = Object.entries(about).map(
    ([key, value]) => `- ${key}: ${typeof value === 'object' ? JSON.stringify(value) : value}`,
  );
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${date}.md`), `# Benchmark of ${date}\n\n${facts.join('\n')}\n\n${table}`);
  say(`written to bench/results/${date}.md`);
}
