import type { GeneratorOptions, GeneratorReport } from '../../load/index.ts';
import { isShapeName, runOfSeed } from '../../load/index.ts';
import type { Load, RunPlan } from '../run.ts';
import { type GeneratorProcess, type SettledRequests, startGeneratorProcess } from './load-process.ts';
import type { Cores } from './machine.ts';

/** Everyone who sends: a generator for each load, and a prober for each signal, a request of one or few items every tenth of a second. */
export interface Senders {
  /** Starts all of them; the items of each phase are different ones. */
  start(fronts: readonly Front[], phase: SendingPhase): Promise<void>;
  /** Sums by signal since the start of the phase. */
  progress(): Promise<readonly SenderProgress[]>;
  /** Stops all of them and waits for missing answers. */
  stop(): Promise<readonly SenderProgress[]>;
  /** The requests of each load of this phase, and the run that its items belong to. */
  requests(): Promise<readonly { readonly load: Load; readonly run: number; readonly requests: SettledRequests }[]>;
  probes(): Promise<readonly { readonly signal: Load['signal']; readonly requests: SettledRequests }[]>;
  kill(): void;
}

/** Where data is taken. */
export interface Front {
  /** Default: loopback. */
  readonly host?: string;
  readonly grpcPort: number;
}

export interface SendingPhase {
  readonly phase: keyof typeof PHASES;
  /** Whatever the plan's rate is. */
  readonly asFastAsAnswersCome?: boolean;
}

/** Between two phases everything is delivered, and counts begin at 0. */
const PHASES = { 'warm-up': 1, backlog: 2, measurement: 3 } as const;

export interface SenderProgress {
  readonly signal: Load['signal'];
  /** What the load asks for; 0 of probers, and where answers set the pace. */
  readonly itemsPerSecond: number;
  readonly report: GeneratorReport;
}

const CONNECTIONS = 4;
const IN_FLIGHT = { paced: 256, unpaced: 128 };
const PROBE_SHAPES = { traces: 't1', metrics: 'simple', logs: 'simple' } as const;
const PROBES_PER_SECOND = 10;
const PROBE_TIMEOUT_MS = 2000;

interface Sender {
  readonly process: GeneratorProcess;
  readonly options: Omit<GeneratorOptions, 'endpoint' | 'seed'>;
  /** Tells the items of senders and phases apart. */
  readonly seed: number;
  readonly load?: Load;
}

export function startSenders(plan: RunPlan, cores: Cores): Senders {
  const signals = [...new Set(plan.load.map(({ signal }) => signal))];
  const senders: readonly Sender[] = [
    ...plan.load.map((load) => ({ load, options: loadOptions(load) })),
    ...signals.map((signal) => ({ options: probeOptions(signal) })),
  ].map((one, index) => ({ ...one, process: startGeneratorProcess(cores), seed: plan.seed * 1000 + index * 10 }));
  let phase = 0;
  const reports = (ask: (process: GeneratorProcess) => Promise<GeneratorReport>) =>
    Promise.all(
      senders.map(async ({ process, options, load }) => ({
        signal: options.signal,
        itemsPerSecond: load?.itemsPerSecond ?? 0,
        report: await ask(process),
      })),
    );
  return {
    async start(fronts, started) {
      phase = PHASES[started.phase];
      // As many for each replica: one that waits for its share of a core keeps what is in flight from no other.
      const fastest = {
        requestRate: 0,
        connections: CONNECTIONS * fronts.length,
        inFlight: IN_FLIGHT.unpaced * fronts.length,
      };
      const [endpoint, ...replicas] = fronts.map(({ host = '127.0.0.1', grpcPort }) => ({ host, port: grpcPort }));
      const places = { endpoint: endpoint!, replicas };
      const isFastest = (load: Load | undefined) =>
        load !== undefined && (started.asFastAsAnswersCome || load.itemsPerSecond === 0);
      await Promise.all(
        senders.map(({ process, options, seed, load }) =>
          process.start({ ...options, ...(isFastest(load) && fastest), ...places, seed: seed + phase }),
        ),
      );
    },
    progress: () => reports((process) => process.progress()),
    stop: () => reports((process) => process.stop()),
    requests: () =>
      Promise.all(
        senders
          .filter((sender): sender is Sender & { readonly load: Load } => sender.load !== undefined)
          .map(async ({ process, seed, load }) => ({
            load,
            run: runOfSeed(seed + phase),
            requests: await process.requests(),
          })),
      ),
    probes: () =>
      Promise.all(
        senders
          .filter(({ load }) => load === undefined)
          .map(async ({ process, options }) => ({ signal: options.signal, requests: await process.requests() })),
      ),
    kill() {
      for (const { process } of senders) process.kill();
    },
  };
}

function loadOptions(load: Load): Sender['options'] {
  if (!isShapeName(load.shape)) throw new Error(`there is no shape \`${load.shape}\``);
  return {
    signal: load.signal,
    shape: load.shape,
    protocol: 'grpc',
    requestRate: load.itemsPerSecond / load.itemsPerRequest,
    connections: CONNECTIONS,
    inFlight: IN_FLIGHT.paced,
    retry: load.retry ?? false,
  };
}

function probeOptions(signal: Load['signal']): Sender['options'] {
  return {
    signal,
    shape: PROBE_SHAPES[signal],
    protocol: 'grpc',
    requestRate: PROBES_PER_SECOND,
    timeoutMs: PROBE_TIMEOUT_MS,
    retry: false,
  };
}
