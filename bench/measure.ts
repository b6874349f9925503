import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  busySecondsOfMachine,
  type CpuPlan,
  cpuSecondsOf,
  freePorts,
  type GatewayProgram,
  type GeneratorProcess,
  memoryOf,
  type SinkProcess,
  startGateway,
} from '../src/lab/index.ts';
import { totalStats } from '../src/load/index.ts';
import type { BenchCase } from './bench-case.ts';
import { type GatewayConfigOptions, gatewayConfig } from './gateway-config.ts';

/** One gateway under one load for one window. */
export interface Measurement {
  readonly case: string;
  readonly gateway: GatewayProgram['name'];
  /** CPU seconds of the gateway per million items it acknowledged in the window. */
  readonly cpuSecondsPerMillion: number;
  /** Share of one core the gateway used. */
  readonly cores: number;
  readonly itemsPerSecond: number;
  readonly rssPeakMiB: number;
  readonly latencyP50Ms: number;
  readonly latencyP95Ms: number;
  readonly accepted: number;
  readonly delivered: number;
  readonly duplicates: number;
  /** Cores that programs other than gateway, generator and sink may have used. */
  readonly machineBusyCores: number;
  /** Why the row does not count; absent when it does. */
  readonly invalid?: string;
}

export interface MeasureOptions {
  readonly program: GatewayProgram;
  readonly plan: CpuPlan;
  readonly sink: SinkProcess;
  readonly generator: GeneratorProcess;
  readonly warmupMs: number;
  readonly windowMs: number;
  readonly seed: number;
  /** As fast as the gateway answers instead of the case's rate. */
  readonly unpaced: boolean;
}

const CONNECTIONS = 4;
const IN_FLIGHT = { paced: 256, unpaced: 32 };
const DRAIN_TIMEOUT_MS = 15_000;

export async function measure(benchCase: BenchCase, options: MeasureOptions): Promise<Measurement> {
  const { program, plan, sink } = options;
  const [grpc, http, metrics] = await freePorts(3);
  const ports = { grpc: grpc!, http: http!, metrics: metrics! };
  const { compression, ottl = false } = benchCase;
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const queue = queueOf(benchCase, program, folder);
  const config = gatewayConfig({ ports, backendPort: sink.port, compression, ottl, ...(queue && { queue }) });
  await sink.clear();
  const gateway = await startGateway(program, { config, readyPort: ports.grpc, cpu: plan.gateway });
  try {
    return await loadAndRead(benchCase, options, gateway.pid, ports.grpc);
  } catch (error) {
    throw new Error(`${benchCase.name} with ${program.name}: ${String(error)}\n${gateway.log()}`);
  } finally {
    await gateway.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Only of cases that are about the queue; the stock Collector has its own storage. */
function queueOf({ queue }: BenchCase, { name }: GatewayProgram, directory: string): GatewayConfigOptions['queue'] {
  if (queue === undefined) return undefined;
  const storage = name === 'sluice' ? 'sluice_queue' : 'file_storage';
  return { storage, ...(queue === 'disk' && { directory }) };
}

async function loadAndRead(
  benchCase: BenchCase,
  options: MeasureOptions,
  pid: number,
  port: number,
): Promise<Measurement> {
  const { sink, generator } = options;
  await generator.start({
    signal: benchCase.signal,
    shape: benchCase.shape,
    seed: options.seed,
    endpoint: { host: '127.0.0.1', port },
    protocol: 'grpc',
    requestRate: options.unpaced ? 0 : benchCase.requestRate,
    connections: CONNECTIONS,
    inFlight: options.unpaced ? IN_FLIGHT.unpaced : IN_FLIGHT.paced,
    retry: true,
  });
  await delay(options.warmupMs);
  const before = await read(generator, pid);
  await delay(options.windowMs);
  const after = await read(generator, pid);
  const report = await generator.stop();
  const delivered = await drained(sink, keptItems(benchCase, report.accepted));
  const rssPeakMiB = memoryOf(pid).peak;
  const items = after.accepted - before.accepted;
  const cpuSeconds = after.cpuSeconds - before.cpuSeconds;
  const seconds = after.atSeconds - before.atSeconds;
  const itemsPerSecond = items / seconds;
  const invalid = problem(benchCase, options, { ...report, delivered, itemsPerSecond });
  return {
    case: benchCase.name,
    gateway: options.program.name,
    cpuSecondsPerMillion: (cpuSeconds / items) * 1e6,
    cores: cpuSeconds / seconds,
    itemsPerSecond,
    rssPeakMiB,
    latencyP50Ms: report.latencyMs?.p50 ?? Number.NaN,
    latencyP95Ms: report.latencyMs?.p95 ?? Number.NaN,
    accepted: report.accepted,
    delivered: delivered.unique,
    duplicates: delivered.duplicates,
    machineBusyCores: (after.machineSeconds - before.machineSeconds) / seconds,
    ...(invalid === undefined ? {} : { invalid }),
  };
}

async function read(generator: GeneratorProcess, pid: number) {
  const cpuSeconds = cpuSecondsOf(pid);
  const machineSeconds = busySecondsOfMachine();
  const atSeconds = performance.now() / 1000;
  return { cpuSeconds, machineSeconds, atSeconds, accepted: (await generator.progress()).accepted };
}

/** How many items must come through at least; the share that a filter takes is random. */
function keptItems({ ottl = false }: BenchCase, accepted: number): number {
  return ottl ? Math.floor(accepted * 0.8) : accepted;
}

/** Waits until the sink has every item that must come, or nothing more comes. */
async function drained(sink: SinkProcess, expected: number): Promise<{ unique: number; duplicates: number }> {
  const deadline = performance.now() + DRAIN_TIMEOUT_MS;
  for (;;) {
    const { unique, duplicates } = totalStats(await sink.stats());
    if (unique >= expected || performance.now() > deadline) return { unique, duplicates };
    await delay(100);
  }
}

function problem(
  benchCase: BenchCase,
  options: MeasureOptions,
  figures: {
    readonly accepted: number;
    readonly failed: number;
    readonly itemsPerSecond: number;
    readonly delivered: { readonly unique: number };
  },
): string | undefined {
  const { accepted, failed, delivered, itemsPerSecond } = figures;
  // A request whose answer got lost may have been delivered all the same.
  if (delivered.unique < keptItems(benchCase, accepted) || delivered.unique > accepted + failed)
    return `acknowledged ${accepted}, delivered ${delivered.unique}`;
  const offered = benchCase.requestRate * benchCase.itemsPerRequest;
  if (!options.unpaced && itemsPerSecond < offered * 0.95)
    return `only ${Math.round((itemsPerSecond / offered) * 100)} % of the offered ${offered} items/s`;
  return undefined;
}
