import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../src/lib/index.ts';
import {
  createGenerator,
  createRandom,
  createSink,
  type GeneratorReport,
  runOfSeed,
  type SinkMode,
} from '../../src/load/index.ts';
import { durableConfig, engineMetric, enginePorts, startDurableEngine } from './durable-engine.ts';
import { createHome } from './sluice.ts';
import { waitFor } from './wait-for.ts';

export interface KillSoakOptions {
  readonly kills: number;
  readonly seed: number;
  /** How long the engine runs between two kills, ms, at most. */
  readonly lifeMs?: number;
  onKill?(kill: number): void;
}

export interface KillSoakResult {
  readonly sender: GeneratorReport;
  /** Requests that were acknowledged and have not arrived. */
  readonly lostRequests: number;
  /** Whether every request that arrived did so with all of its items. */
  readonly isWhole: boolean;
  /** Items that the backend has, each once, and how many came again. */
  readonly unique: number;
  readonly duplicates: number;
  /** What may have come twice, had every kill and every fault met as many requests as can be under way. */
  readonly duplicatesAllowed: number;
  /** Items that an engine found at its start. */
  readonly recovered: number;
  /** Of the last engine, when everything had arrived. */
  readonly unaccounted: number;
}

const ITEMS = 100;
const IN_FLIGHT = 16;
const CONSUMERS = 4;
const FAULTS: readonly SinkMode[] = [
  { kind: 'accept' },
  { kind: 'accept' },
  { kind: 'status', status: 503, share: 0.5 },
  { kind: 'status', status: 503, share: 1 },
  { kind: 'status', status: 429, share: 0.2 },
  { kind: 'slow', delayMs: 100 },
  { kind: 'drop', forMs: 150 },
];

/**
 * Kills an engine again and again (`SIGKILL`, of its whole process group) while a sender that tries again until it is answered
 * loads it and the backend fails in turns; then lets everything arrive and counts.
 */
export async function soakWithKills({ kills, seed, lifeMs = 700, onKill }: KillSoakOptions): Promise<KillSoakResult> {
  const random = createRandom(seed);
  const home = createHome();
  const arrivalsOf = { itemsPerRequest: ITEMS };
  const sink = await createSink({ host: '127.0.0.1', port: 0, seed, arrivalsOf }, { clock: systemClock });
  const acknowledged: number[] = [];
  const ports = await enginePorts();
  const pipeline = { name: 'a', backendPort: sink.address.port, directory: `${home.path}/queue`, consumers: CONSUMERS };
  const file = home.write('otelcol.yaml', durableConfig(ports, [pipeline]));
  let engine = await startDurableEngine(home, file, ports);
  let recovered = 0;
  try {
    const ended = new AbortController();
    const sending = createGenerator(
      {
        signal: 'traces',
        shape: 't100',
        seed,
        endpoint: { host: '127.0.0.1', port: ports.otlpPort },
        protocol: 'grpc',
        requestRate: 300,
        connections: 4,
        inFlight: IN_FLIGHT,
        timeoutMs: 2000,
        retry: true,
        retryBackoff: { initialIntervalMs: 20, maxIntervalMs: 200, multiplier: 2, randomizationFactor: 0.2 },
      },
      {
        clock: systemClock,
        onSettled: ({ request, status }) => {
          if (status === 'ok') acknowledged.push(request);
        },
      },
    ).run({ signal: ended.signal });
    let faults = 0;
    for (let kill = 0; kill < kills; kill++) {
      await sink.setMode(random.pick(FAULTS));
      faults++;
      await sleep(50 + random.next() * lifeMs);
      engine.kill('SIGKILL');
      await engine.exited;
      engine = await startDurableEngine(home, file, ports);
      recovered += await engineMetric(ports, 'sluice_pipeline_items_in', 'source="recovered"');
      onKill?.(kill);
    }
    await sink.setMode({ kind: 'accept' });
    ended.abort();
    const sender = await sending;
    await waitFor(
      'everything has arrived',
      async () => (await engineMetric(ports, 'sluice_pipeline_items_queued')) === 0,
      {
        timeoutMs: 60_000,
      },
    );
    const { unique, duplicates } = sink.stats().signals.traces;
    const arrivals = sink.arrivals().get(runOfSeed(seed)) ?? [];
    const arrived = arrivals.filter((atMs) => atMs !== undefined).length;
    return {
      sender,
      lostRequests: acknowledged.filter((request) => arrivals[request] === undefined).length,
      isWhole: unique === arrived * ITEMS,
      unique,
      duplicates,
      duplicatesAllowed: (kills + faults) * (IN_FLIGHT + CONSUMERS) * ITEMS,
      recovered,
      unaccounted: await engineMetric(ports, 'sluice_pipeline_items_unaccounted'),
    };
  } finally {
    await engine.stop({ graceMs: 1000 });
    await sink.close();
    home.remove();
  }
}
