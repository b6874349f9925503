import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Clock, CodedError, errorMessage, sleep } from '../../lib/index.ts';
import type { Backend, Runner, RunPlan, RunResult } from '../run.ts';
import { accountsOf, sumFigures } from './accounts.ts';
import { countObjects, type GatewayUnit, type RenderContext, renderUnits } from './configurations.ts';
import { type ControlGroup, createCpuGroup, createMemoryGroup } from './control-group.ts';
import { Deployment } from './deployment.ts';
import { checkFaults, inject, modeOf } from './faults.ts';
import { figuresOf, type LoadTimes, type Observed } from './figures.ts';
import type { GatewayProgram } from './gateway-process.ts';
import { checkLedger } from './ledger-check.ts';
import { type SinkProcess, startSinkProcess } from './load-process.ts';
import { splitCores } from './machine.ts';
import { writeManifests } from './manifests.ts';
import { NAMED_SETTINGS, type NamedSettings } from './named-settings.ts';
import { fillBacklog, fronts, untilDelivered, warmUp } from './preparation.ts';
import { RUN_SKIPPED } from './run-skipped.ts';
import type { SelfMetrics } from './self-metrics.ts';
import { startSenders } from './senders.ts';
import { seriesOf } from './series.ts';
import { createSmallDisk, type SmallDisk } from './small-disk.ts';
import { lookAt, type Moment, type Watched } from './timeline.ts';

/** What a runner needs of the machine it runs on. */
export interface RunnerOptions {
  /** The command line of Sluice: `['bin/sluice']`. It renders the configurations, whatever program runs them, and is the engine. */
  readonly sluice: readonly string[];
  /** The Collector's program, or why there is none: runs that ask for it are then refused with that sentence. */
  readonly otelcol: { readonly path: string } | { readonly missing: string };
  readonly clock: Clock;
  /** Holds configurations, queues on disk and logs of one run at a time; a folder of its own is made in it and taken away. */
  readonly folder: string;
  /** Leave the folder of each run where it is, and say where. */
  readonly keepFolders?: boolean;
}

interface RunContext {
  readonly plan: RunPlan;
  readonly settings: NamedSettings;
  readonly options: RunnerOptions;
  readonly folder: string;
  readonly queueFolder: string;
  readonly signal: AbortSignal;
  say(line: string): void;
  /** Undone in the other order when the run is over, however it ends. */
  readonly cleanUp: (() => void | Promise<void>)[];
}

const SAMPLE_MS = 1000;
/** Of the disk that is filled: its queues need some room before that. */
const SMALL_DISK_BYTES = 512 * 2 ** 20;

/**
 * Runs gateways as processes on loopback between real senders and real backends. A plan that cannot be carried out here is
 * rejected with a CodedError RUN_SKIPPED.
 */
export function createRunner(options: RunnerOptions): Runner {
  return {
    async run(plan, { signal, say }) {
      const settings = NAMED_SETTINGS[plan.settings];
      if (settings === undefined)
        throw new Error(
          `there are no settings \`${plan.settings}\`; there are ${Object.keys(NAMED_SETTINGS).join(', ')}`,
        );
      checkFaults(plan);
      mkdirSync(options.folder, { recursive: true });
      const folder = mkdtempSync(join(options.folder, 'run-'));
      const queueFolder = join(folder, 'queues');
      mkdirSync(queueFolder);
      const context: RunContext = { plan, settings, options, folder, queueFolder, signal, say, cleanUp: [] };
      context.cleanUp.push(() => {
        if (options.keepFolders) say(`kept ${folder}`);
        // What was aborted may still write.
        else rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
      });
      try {
        return await carryOut(context);
      } finally {
        for (const undo of context.cleanUp.reverse()) {
          try {
            await undo();
          } catch (error) {
            // What is left in the way must not keep the rest, nor hide what came of the run.
            say(`could not tidy up: ${errorMessage(error)}`);
          }
        }
      }
    },
  };
}

async function carryOut(context: RunContext): Promise<RunResult> {
  const { plan, signal } = context;
  const cores = splitCores();
  const program = programOf(context);
  const disk = smallDisk(context);
  const memoryGroup = limitedMemory(context);
  const sinks = await openSinks(context, cores.load);
  const senders = startSenders(plan, cores.load);
  context.cleanUp.push(() => senders.kill());
  const rendering: RenderContext = {
    ...context,
    sluice: context.options.sluice,
    manifests: writeManifests(plan, {
      delivery: context.settings.delivery?.(plan),
      portOf: ({ name }) => sinks.get(name)!.port,
    }),
  };
  const units = await renderUnits(rendering);
  const objects = await countObjects(rendering);
  const limits = limitProcesses(context, memoryGroup);
  const deployment = new Deployment({
    plan,
    program,
    cores: cores.gateways,
    onReady: limits.add,
  });
  context.cleanUp.push(() => deployment.stop());
  await deployment.start(units);
  signal.throwIfAborted();
  const watched: Watched = { deployment, senders, sinks, backends: plan.backends, queueFolder: context.queueFolder };
  await warmUp({ ...context, ...watched, units, clock: context.options.clock });
  return measure({ ...context, units, watched, objects, disk, memoryGroup, limits });
}

export interface MeasuredPlan {
  readonly plan: RunPlan;
  readonly watched: Pick<Watched, 'senders' | 'sinks'>;
}

interface Prepared extends RunContext {
  readonly units: readonly GatewayUnit[];
  readonly watched: Watched;
  readonly objects: number;
  readonly disk: SmallDisk | undefined;
  readonly memoryGroup: ControlGroup | undefined;
  readonly limits: ProcessLimits;
}

function programOf({ plan, options }: RunContext): GatewayProgram {
  if (plan.runner === 'engine')
    return {
      name: 'sluice',
      version: 'this one',
      command: (configFile) => [...options.sluice, 'engine', '--config', configFile],
    };
  const { otelcol } = options;
  if ('missing' in otelcol) throw new CodedError(RUN_SKIPPED, otelcol.missing);
  return { name: 'otelcol', version: '', command: (configFile) => [otelcol.path, '--config', configFile] };
}

function smallDisk({ plan, queueFolder, cleanUp }: RunContext): SmallDisk | undefined {
  if (!plan.faults.some(({ kind }) => kind === 'fill-disk')) return undefined;
  const disk = createSmallDisk(queueFolder, SMALL_DISK_BYTES);
  cleanUp.push(() => disk.remove());
  return disk;
}

function limitedMemory({ plan, folder, cleanUp }: RunContext): ControlGroup | undefined {
  if (!plan.faults.some(({ kind }) => kind === 'squeeze-memory')) return undefined;
  const group = createMemoryGroup(`sluice-lab-${folder.slice(-6)}`, plan.memoryBytes);
  cleanUp.push(() => group.remove());
  return group;
}

interface ProcessLimits {
  add(unit: GatewayUnit, pid: number): void;
  /** From here on each process has its share of a core: programs warm up and backlogs are laid in with all there are. */
  beginShares(): void;
}

/** The share of a core that each process may use, as a limit of its container says it. */
function limitProcesses({ plan, folder, cleanUp }: RunContext, memoryGroup: ControlGroup | undefined): ProcessLimits {
  const cpuGroups = new Map<GatewayUnit, ControlGroup>();
  let cores = availableParallelism();
  const add = (unit: GatewayUnit, pid: number): void => {
    memoryGroup?.add(pid);
    if (plan.coresEach === undefined) return;
    let group = cpuGroups.get(unit);
    if (group === undefined) {
      group = createCpuGroup(`sluice-lab-${folder.slice(-6)}-${cpuGroups.size}`, cores);
      cpuGroups.set(unit, group);
      // Behind whatever ends its processes.
      cleanUp.unshift(group.remove);
    }
    group.add(pid);
  };
  const beginShares = () => {
    if (plan.coresEach === undefined) return;
    cores = plan.coresEach;
    for (const group of cpuGroups.values()) group.limit(cores);
  };
  return { add, beginShares };
}

/** One for each backend. */
export async function openSinks(
  { plan, cleanUp }: Pick<RunContext, 'plan' | 'cleanUp'>,
  cores: string | undefined,
  host = '127.0.0.1',
): Promise<ReadonlyMap<string, SinkProcess>> {
  const sinks = new Map<string, SinkProcess>();
  for (const { name, signal } of plan.backends) {
    const load = plan.load.find((one) => one.signal === signal);
    const arrivalsOf = load === undefined ? {} : { arrivalsOf: { itemsPerRequest: load.itemsPerRequest } };
    const sink = await startSinkProcess({ host, port: 0, seed: plan.seed, ...arrivalsOf }, cores);
    cleanUp.push(() => sink.kill());
    sinks.set(name, sink);
  }
  return sinks;
}

async function measure(prepared: Prepared): Promise<RunResult> {
  const { plan, watched, units, settings } = prepared;
  const { senders, sinks, deployment } = watched;
  await Promise.all(plan.backends.map(({ name, mode }) => sinks.get(name)!.setMode(modeOf(mode, name))));
  if (plan.backlogBytes !== undefined)
    await fillBacklog(plan.backlogBytes, { ...prepared, ...watched, clock: prepared.options.clock });
  prepared.limits.beginShares();
  const before = (await deployment.sample()).metrics;
  throwOfCrash(prepared);
  deployment.beginPeaks();
  await senders.start(fronts(units), { phase: 'measurement' });
  const fromMs = Date.now();
  const moments = await watchWithFaults(prepared);
  const untilMs = Date.now();
  const { rssPeakMiB } = deployment;
  const sent = await senders.stop();
  const accepting = plan.backends.filter(({ name, mode }) => acceptsAtEnd(name, mode, plan));
  const waiting = { sinks, clock: prepared.options.clock, signal: prepared.signal };
  await untilDelivered(
    {
      ...{ sent, backends: accepting, limitMs: settings.batchMs + patienceMs(plan) },
      // Where a full queue refuses, counts of it are not of what was acknowledged.
      ...(!settings.refusesSenders && { dropped: () => droppedItems(accepting, deployment, before) }),
    },
    waiting,
  );
  throwOfCrash(prepared);
  const { metrics } = await deployment.sample();
  const accounts = await accountsOf(plan, { sent, sinks, settings, before, metrics });
  const stats = await Promise.all(
    plan.backends.map(async (backend) => (await sinks.get(backend.name)!.stats()).signals[backend.signal]),
  );
  const observed: Observed = {
    plan,
    moments,
    sent,
    accounts,
    duplicates: stats.reduce((sum, { duplicates }) => sum + duplicates, 0),
    loads: await loadTimes(prepared),
    probes: await senders.probes(),
    fromMs,
    untilMs,
    rssPeakMiB,
    processes: units.length,
    objects: prepared.objects,
  };
  const ledger = checkLedger(accounts, {
    refusesSenders: settings.refusesSenders,
    processesEnded: deployment.ends > 0 || deployment.crashes().length > 0,
    survivesKill: settings.survivesKill === true,
    blindToPartialSuccess: plan.runner === 'otelcol',
  });
  return { ...figuresOf(observed), series: seriesOf(moments, plan), ledger };
}

/** What gateways said since the measurement began. */
async function droppedItems(
  backends: readonly Backend[],
  deployment: Deployment,
  before: readonly SelfMetrics[],
): Promise<ReadonlyMap<Backend, number>> {
  const { metrics } = await deployment.sample();
  const itemsOf = (said: readonly SelfMetrics[], backend: Backend) =>
    Object.values(sumFigures(said, backend).dropped).reduce((sum, items) => sum + items, 0);
  return new Map(backends.map((backend) => [backend, itemsOf(metrics, backend) - itemsOf(before, backend)]));
}

/** A process that no fault of the plan ended spoils the run; where the kernel takes memory away, its end is the answer. */
function throwOfCrash({ plan, watched, say }: Prepared): void {
  const [crash] = watched.deployment.crashes();
  if (crash === undefined) return;
  if (plan.faults.some(({ kind }) => kind === 'squeeze-memory')) say(crash);
  else throw new Error(crash);
}

/** Looks once a second and does what the plan says; a fault that takes longer, such as a rolling restart, runs beside. */
async function watchWithFaults(prepared: Prepared): Promise<readonly Moment[]> {
  const { plan, watched, options, signal } = prepared;
  const startMs = performance.now();
  const moments = [await lookAt(watched, startMs)];
  const due = [...plan.faults].sort((a, b) => a.afterMs - b.afterMs);
  const underWay: Promise<void>[] = [];
  let failure: unknown;
  for (let nextMs = SAMPLE_MS; nextMs <= plan.durationMs; ) {
    const untilMs = Math.min(nextMs, due[0]?.afterMs ?? nextMs);
    await sleep(options.clock, Math.max(0, startMs + untilMs - performance.now()), signal);
    if (due[0] !== undefined && due[0].afterMs <= untilMs) {
      const fault = due.shift()!;
      prepared.say(
        `${Math.round(untilMs / 1000)} s: ${fault.kind} ${fault.target}${fault.mode === undefined ? '' : ` ${fault.mode}`}`,
      );
      const done = inject(fault, { ...prepared, ...watched });
      const note = (error: unknown) => {
        failure ??= error;
      };
      underWay.push(done.catch(note));
      continue;
    }
    moments.push(await lookAt(watched, startMs));
    throwOfCrash(prepared);
    nextMs += SAMPLE_MS;
  }
  await Promise.all(underWay);
  if (failure !== undefined) throw failure;
  return moments;
}

/**
 * How long after the last delivery more may come. What a Collector tries again is in no figure of its queue on disk, so that
 * its longest pause between two tries, 30 s, has to pass before anything counts as missing.
 */
function patienceMs(plan: RunPlan): number {
  const heals = plan.faults.some(({ kind, mode }) => kind === 'backend' && mode === 'accept');
  return plan.runner === 'otelcol' && heals ? 35_000 : 5000;
}

export function acceptsAtEnd(name: string, mode: string, { faults }: RunPlan): boolean {
  const last = faults.findLast(({ kind, target }) => kind === 'backend' && target === name);
  return (last?.mode ?? mode) === 'accept';
}

export async function loadTimes({ watched, plan }: MeasuredPlan): Promise<readonly LoadTimes[]> {
  const loads = await watched.senders.requests();
  return Promise.all(
    loads.map(async ({ load, run, requests }) => {
      const backends = plan.backends.filter(({ signal }) => signal === load.signal);
      const arrivals = await Promise.all(
        backends.map(async ({ name }) => [name, await watched.sinks.get(name)!.arrivals(run)] as const),
      );
      return { signal: load.signal, requests, arrivals: new Map(arrivals), itemsPerRequest: load.itemsPerRequest };
    }),
  );
}
