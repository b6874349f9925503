import { stringify } from 'yaml';
import type { RunPlan } from '../run.ts';
import type { GatewayUnit } from './configurations.ts';
import { type GatewayProgram, type RunningGateway, startGateway } from './gateway-process.ts';
import { type Cores, cpuSecondsOf, memoryOf, resetPeakMemory } from './machine.ts';
import { readSelfMetrics, type SelfMetrics } from './self-metrics.ts';

export interface DeploymentOptions {
  readonly plan: RunPlan;
  readonly program: GatewayProgram;
  readonly cores: Cores;
  /** Told of every process that is ready, so that it can be limited. */
  readonly onReady: (unit: GatewayUnit, pid: number) => void;
}

/** What all processes together use, and say of the pipelines. */
export interface DeploymentSample {
  /** Of all processes that ran so far. */
  readonly cpuSeconds: number;
  readonly rssMiB: number;
  /** Of the largest process. */
  readonly rssLargestMiB: number;
  /** What every process said last; those that ended kept what they said before. */
  readonly metrics: readonly SelfMetrics[];
}

interface Place {
  readonly unit: GatewayUnit;
  process: RunningGateway;
  /** Of the process that runs. */
  cpuSeconds: number;
  rssPeakMiB: number;
  /** Its peak began anew with the measurement; otherwise the highest of what was looked at counts. */
  readsPeak: boolean;
  /** A fault ended it, and a new one is under way. */
  isReplaced: boolean;
  metrics: SelfMetrics;
}

/** All processes of a run: starts them, ends them one by one or all, and reads what they use. */
export class Deployment {
  readonly #options: DeploymentOptions;
  readonly #places: Place[] = [];
  readonly #starting = new Set<Promise<RunningGateway>>();
  /** Of processes that ended. */
  #endedCpuSeconds = 0;
  #endedRssPeakMiB = 0;
  readonly #endedMetrics: SelfMetrics[] = [];
  #ends = 0;

  constructor(options: DeploymentOptions) {
    this.#options = options;
  }

  /** Starts those behind others first, as a sender must find everything ready. */
  async start(units: readonly GatewayUnit[]): Promise<void> {
    for (const unit of units) {
      const process = await this.#startProcess(unit, unit.config);
      this.#places.push({
        ...{ unit, process, metrics: {}, cpuSeconds: 0, rssPeakMiB: 0 },
        ...{ readsPeak: true, isReplaced: false },
      });
    }
  }

  get units(): readonly GatewayUnit[] {
    return this.#places.map(({ unit }) => unit);
  }

  /** From here on peaks of memory count: not what starting, warming up and filling a backlog took. */
  beginPeaks(): void {
    this.#endedRssPeakMiB = 0;
    for (const place of this.#places) {
      place.rssPeakMiB = 0;
      place.readsPeak = resetPeakMemory(place.process.pid);
    }
  }

  /** Highest memory of one process since peaks count, MiB. */
  get rssPeakMiB(): number {
    return Math.max(this.#endedRssPeakMiB, ...this.#places.map(({ rssPeakMiB }) => rssPeakMiB));
  }

  /** How many processes ended, each with counters that nobody read to the end. */
  get ends(): number {
    return this.#ends;
  }

  /** What processes wrote that ended although nobody asked them to. */
  crashes(): readonly string[] {
    return this.#places
      .filter(({ process, isReplaced }) => !process.alive && !isReplaced)
      .map(
        ({ unit, process }) =>
          `${unit.workload} of replica ${unit.replica} ended by itself: ${process.log().slice(-500)}`,
      );
  }

  async sample(): Promise<DeploymentSample> {
    await Promise.all(this.#places.map((place) => this.#look(place)));
    const alive = this.#places.filter(({ process }) => process.alive);
    const rss = alive.map(({ process }) => memoryOf(process.pid).now);
    return {
      cpuSeconds: this.#places.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, this.#endedCpuSeconds),
      rssMiB: rss.reduce((sum, one) => sum + one, 0),
      rssLargestMiB: Math.max(0, ...rss),
      metrics: [...this.#endedMetrics, ...this.#places.map(({ metrics }) => metrics)],
    };
  }

  /** SIGKILL, and as kubelet would do, a new process a moment later. */
  async kill(unit: GatewayUnit, startAfterMs: number): Promise<void> {
    const place = this.#placeOf(unit);
    await this.#replace(place, async () => {
      await place.process.kill();
      this.#forget(place);
      await new Promise((resolve) => setTimeout(resolve, startAfterMs));
      return unit.config;
    });
  }

  /** SIGTERM, its end, and a new process, with a changed configuration. */
  async restart(unit: GatewayUnit): Promise<void> {
    const place = this.#placeOf(unit);
    await this.#replace(place, async () => {
      await place.process.stop();
      this.#forget(place);
      return changed(unit);
    });
  }

  /** The process stays and reads a changed configuration. */
  async reload(unit: GatewayUnit, write: (file: string, text: string) => void): Promise<void> {
    write(`${unit.folder}/config.yaml`, stringify(changed(unit)));
    this.#placeOf(unit).process.signal('SIGHUP');
  }

  async stop(): Promise<void> {
    const starting = [...this.#starting].map((one) => one.then((process) => process.kill()).catch(() => undefined));
    await Promise.all([...this.#places.map(({ process }) => process.kill()), ...starting]);
  }

  /** `end` ends the process and says which configuration the next one has. */
  async #replace(place: Place, end: () => Promise<unknown>): Promise<void> {
    await this.#look(place);
    place.isReplaced = true;
    place.process = await this.#startProcess(place.unit, await end());
    place.isReplaced = false;
    place.readsPeak = true;
  }

  #placeOf(unit: GatewayUnit): Place {
    return this.#places.find((place) => place.unit === unit)!;
  }

  /** Reads what a process uses and says; keeps what it said before when it does not answer. */
  async #look(place: Place): Promise<void> {
    const { process, unit } = place;
    if (!process.alive) return;
    // Before it is asked: what it says comes when it has time.
    readUsage(place);
    const metrics = await readSelfMetrics(unit.metricsPort);
    if (place.process === process && process.alive) place.metrics = metrics ?? place.metrics;
  }

  #forget(place: Place): void {
    this.#endedCpuSeconds += place.cpuSeconds;
    this.#endedRssPeakMiB = Math.max(this.#endedRssPeakMiB, place.rssPeakMiB);
    this.#endedMetrics.push(withoutQueues(place.metrics));
    this.#ends++;
    place.cpuSeconds = 0;
    place.rssPeakMiB = 0;
    place.metrics = {};
  }

  async #startProcess(unit: GatewayUnit, config: unknown): Promise<RunningGateway> {
    const { plan, program, cores, onReady } = this.#options;
    const starting = startGateway(program, {
      config: stringify(config),
      readyPort: unit.grpcPort,
      cpu: cores,
      folder: unit.folder,
      env: environmentOf(plan),
    });
    this.#starting.add(starting);
    try {
      const process = await starting;
      onReady(unit, process.pid);
      return process;
    } finally {
      this.#starting.delete(starting);
    }
  }
}

/** Those of Kyma's and of Sluice's Pods: the runtime is told four fifths of the memory. */
function environmentOf({ runner, memoryBytes }: RunPlan): Readonly<Record<string, string>> {
  if (runner === 'engine') return {};
  return { GOMAXPROCS: '2', GOMEMLIMIT: `${Math.round((memoryBytes / 2 ** 20) * 0.8)}MiB` };
}

/** What a queue in memory held is gone; what one on disk held, the next process tells. */
export function withoutQueues(metrics: SelfMetrics): SelfMetrics {
  return Object.fromEntries(
    Object.entries(metrics).map(([key, { dropped }]) => [key, { dropped, queueSize: 0, queuedItems: 0 }]),
  );
}

/** A change that a user could make to every pipeline and that changes no data: how long exporters wait for an answer. */
function changed({ config }: GatewayUnit): unknown {
  const exporters = Object.entries(config.exporters).map(([id, exporter]) => [id, { ...exporter, timeout: '7s' }]);
  return { ...config, exporters: Object.fromEntries(exporters) };
}

function readUsage(place: Place): void {
  const { process } = place;
  try {
    place.cpuSeconds = cpuSecondsOf(process.pid);
    const { now, peak } = memoryOf(process.pid);
    place.rssPeakMiB = Math.max(place.rssPeakMiB, place.readsPeak ? peak : now);
  } catch (error) {
    // The process ended between two looks.
    if (process.alive) throw error;
  }
}
