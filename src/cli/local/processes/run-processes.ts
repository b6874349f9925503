/**
 * A topology as processes on this machine, each a workload. The last one takes data from senders.
 * Order: whoever is sent to starts first and stops last; a changed configuration reaches those behind before those in front;
 * a workload that is no longer wanted ends when it and the sender in front hold nothing for it.
 */
import { type Clock, errorCode, sleep } from '../../../lib/index.ts';
import { type PipelineId, resolveEnvRefs } from '../../../otelcol/index.ts';
import { machineState, type RenderedConfig, renderOtelcol } from '../../../render/index.ts';
import type { Topology, Workload } from '../../../topology/index.ts';
import type { CliContext } from '../../context.ts';
import { explainListenError } from '../../network-error.ts';
import { hostAndPort } from '../addresses.ts';
import { type Deployment, type DeploymentOptions, LOCAL_ORIGINS, type Target } from '../deployment.ts';
import { findFreePorts } from './free-ports.ts';
import { mergeMetrics } from './merge-metrics.ts';
import type { WorkloadConfig } from './messages.ts';
import { ProcessLedger, type WorkloadState } from './process-ledger.ts';
import { WorkloadProcess } from './workload-process.ts';

const LOOPBACK = '127.0.0.1';
const DRAIN_LOOK_MS = 500;
const START_TRIES = 3;

interface Addresses {
  readonly grpc: number;
  readonly http: number;
}

/** A process and what it runs. */
interface Member {
  readonly process: WorkloadProcess;
  readonly role: Workload['role'];
  config: WorkloadConfig;
  /** It is no longer wanted and only delivers what it holds; another object each time that is so. */
  retirement: object | undefined;
}

/** Starts every workload. Throws CliError when an address cannot be had, and then nothing runs. */
export async function runProcesses(
  target: Target,
  options: DeploymentOptions,
  context: CliContext,
): Promise<Deployment> {
  for (let triesLeft = START_TRIES - 1; ; triesLeft--) {
    const processes = new Processes(options, context.clock);
    try {
      await processes.startAll(target);
      return processes;
    } catch (error) {
      await processes.shutdown({ graceMs: 0 });
      // A port that was free when it was looked for may be another program's by now.
      const { grpc, http } = options.ports;
      const isOurs =
        errorCode(error) === 'EADDRINUSE' && ![grpc, http].includes((error as { port?: number }).port ?? 0);
      if (!isOurs || triesLeft === 0) throw explainListenError(error, options.portWays);
    }
  }
}

class Processes implements Deployment {
  readonly processes = () =>
    [...this.#members].map(([name, { process }]) => {
      const { snapshot: _, ...document } = process.document;
      const snapshot = this.#ledger.ofWorkload(this.#stateOf(name)!);
      return { ...document, ...(snapshot === undefined ? {} : { snapshot }) };
    });
  readonly #options: DeploymentOptions;
  readonly #clock: Clock;
  readonly #members = new Map<string, Member>();
  readonly #addresses = new Map<string, Addresses>();
  readonly #ledger = new ProcessLedger();
  /** Processes that are empty and end, by workload: another one of the same name waits for that. */
  readonly #endings = new Map<string, Promise<void>>();
  #rendered: readonly RenderedConfig[] = [];
  #front = '';
  #isStopping = false;
  #refreshing: Promise<void> | undefined;

  constructor(options: DeploymentOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  get ports(): Addresses {
    return this.#addresses.get(this.#front)!;
  }

  get rendered(): readonly RenderedConfig[] {
    return this.#rendered;
  }

  async startAll(target: Target): Promise<void> {
    const rendered = await this.#render(target.topology);
    const front = target.topology.workloads.at(-1)!;
    const start = (workload: Workload, index: number) => this.#start(workload, configOf(rendered[index]!, target));
    const behind = target.topology.workloads.slice(0, -1);
    await Promise.all(behind.map(start));
    await start(front, behind.length);
    this.#rendered = rendered;
  }

  async reload(target: Target): Promise<void> {
    for (let triesLeft = START_TRIES - 1; ; triesLeft--) {
      try {
        return await this.#reloadOnce(target);
      } catch (error) {
        // The port of a new process was another program's by then.
        if (errorCode(error) !== 'EADDRINUSE' || triesLeft === 0) throw error;
      }
    }
  }

  async #reloadOnce(target: Target): Promise<void> {
    const rendered = await this.#render(target.topology);
    const undo: (() => unknown)[] = [];
    const change = (workload: Workload, index: number) =>
      this.#change(workload, configOf(rendered[index]!, target), undo);
    const behind = target.topology.workloads.slice(0, -1);
    try {
      await this.#begin((await allOf(behind.map(change))).flat());
      await change(target.topology.workloads.at(-1)!, behind.length);
    } catch (error) {
      for (const step of undo.reverse()) await step();
      throw error;
    }
    this.#rendered = rendered;
    const wanted = new Set(target.topology.workloads.map(({ name }) => name));
    for (const [name, member] of this.#members) {
      if (!wanted.has(name) && member.retirement === undefined) this.#retire(member);
    }
  }

  /** Of the last reports; whoever asks again soon gets newer ones, taken at one moment. */
  snapshot() {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#join();
  }

  async #refresh(): Promise<void> {
    await Promise.all([...this.#members.values()].map(({ process }) => process.refresh()));
  }

  #join() {
    return this.#ledger.join(this.#states(), this.#clock.nowMs());
  }

  metrics(): string {
    return mergeMetrics(new Map([...this.#members].map(([name, { process }]) => [name, process.metrics])));
  }

  /** Front first: what it holds goes to those behind, which then deliver. */
  async shutdown({ graceMs }: { readonly graceMs: number }): Promise<void> {
    this.#isStopping = true;
    const deadlineMs = this.#clock.monotonicMs() + graceMs;
    const members = [...this.#members.values()];
    await this.#members.get(this.#front)?.process.stop(graceMs);
    const left = Math.max(0, deadlineMs - this.#clock.monotonicMs());
    await Promise.all(
      members.filter(({ process }) => process.name !== this.#front).map(({ process }) => process.stop(left)),
    );
    await Promise.all(this.#endings.values());
  }

  /** Returns the pipelines that it did not have. */
  async #change(workload: Workload, config: WorkloadConfig, undo: (() => unknown)[]): Promise<readonly PipelineId[]> {
    for (let ending = this.#endings.get(workload.name); ending; ending = this.#endings.get(workload.name)) await ending;
    const member = this.#members.get(workload.name);
    if (member === undefined) {
      undo.push(() => this.#remove(workload.name));
      await this.#start(workload, config);
      return pipelinesOf(config);
    }
    if (member.retirement !== undefined) {
      member.retirement = undefined;
      undo.push(() => this.#retire(member));
    }
    if (JSON.stringify(member.config) === JSON.stringify(config)) return [];
    const before = member.config;
    await member.process.reload(config);
    member.config = config;
    undo.push(async () => {
      member.config = before;
      await member.process.reload(before).catch(() => {}); // a process that dies now starts with what ran before
    });
    const known = new Set(pipelinesOf(before));
    return pipelinesOf(config).filter((id) => !known.has(id));
  }

  /** Rows of new pipelines count from here: those behind know them, the front does not send them anything yet. */
  async #begin(pipelines: readonly PipelineId[]): Promise<void> {
    if (pipelines.length === 0) return;
    await this.#refresh();
    this.#ledger.began(pipelines, this.#stateOf(this.#front));
  }

  async #start(workload: Workload, config: WorkloadConfig): Promise<void> {
    if (this.#isStopping) throw new Error('everything is being stopped');
    const { name, role } = workload;
    const { log, onAttempt, stdout } = this.#options;
    const process = new WorkloadProcess(name, {
      clock: this.#clock,
      log,
      onAttempt,
      stdout,
      died: async (last) => {
        const others = [...this.#members.values()].filter((member) => member.process !== process);
        await Promise.all(others.map((member) => member.process.refresh()));
        const states = this.#states().filter((state) => state.name !== name);
        this.#ledger.died({ name, role, snapshot: last }, last, states);
      },
    });
    this.#members.set(name, { process, role, config, retirement: undefined });
    if (isFront(workload)) this.#front = name;
    await process.start(config);
  }

  #retire(member: Member): void {
    const retirement = {};
    member.retirement = retirement;
    const isUnwanted = () => member.retirement === retirement && !this.#isStopping;
    void this.#drain(member, isUnwanted).then(() => {
      if (!isUnwanted()) return;
      const { name } = member.process;
      const ending = this.#end(member).finally(() => this.#endings.delete(name));
      this.#endings.set(name, ending);
    });
  }

  /** Until it and the sender in front hold nothing for it, or it is wanted again. */
  async #drain({ process, config }: Member, isUnwanted: () => boolean): Promise<void> {
    const ids = new Set<string>(pipelinesOf(config));
    for (let empty = 0; empty < 2; ) {
      await sleep(this.#clock, DRAIN_LOOK_MS);
      if (!isUnwanted()) return;
      const front = this.#members.get(this.#front)?.process;
      await Promise.all([process.refresh(), front?.refresh()]);
      const rows = [process, front].flatMap((one) => one?.snapshot?.pipelines ?? []);
      const isHeld = rows.some(({ id, ledger }) => ids.has(id) && ledger.queued > 0);
      empty = isHeld ? 0 : empty + 1;
    }
  }

  async #end({ process, role }: Member): Promise<void> {
    await process.stop(0);
    this.#ledger.ended({ name: process.name, role, snapshot: process.snapshot });
    this.#members.delete(process.name);
  }

  /** What could not be started; the next try gets another port. */
  async #remove(name: string): Promise<void> {
    await this.#members.get(name)?.process.stop(0);
    this.#members.delete(name);
    this.#addresses.delete(name);
  }

  /** Ports stay with a workload's name, so that a process which starts again is found where it was. */
  async #render(topology: Topology): Promise<readonly RenderedConfig[]> {
    const { host, ports, stateFolder } = this.#options;
    for (const workload of topology.workloads) {
      if (this.#addresses.has(workload.name)) continue;
      const own = isFront(workload);
      const [grpc, http] = await findFreePorts(own ? host : LOOPBACK, 2);
      this.#addresses.set(workload.name, { grpc: (own && ports.grpc) || grpc!, http: (own && ports.http) || http! });
    }
    const peers = Object.fromEntries(
      [...this.#addresses].map(([name, { grpc }]) => [name, hostAndPort(LOOPBACK, grpc)]),
    );
    return topology.workloads.map((workload) => {
      const { grpc, http } = this.#addresses.get(workload.name)!;
      const own = isFront(workload);
      const at = own ? host : LOOPBACK;
      const listen = { otlpGrpc: hostAndPort(at, grpc), otlpHttp: hostAndPort(at, http) };
      const state = machineState(stateFolder, workload);
      return renderOtelcol(workload, { ...listen, state, peers, ...(own ? { corsOrigins: LOCAL_ORIGINS } : {}) });
    });
  }

  #states(): readonly WorkloadState[] {
    return [...this.#members.keys()].map((name) => this.#stateOf(name)!);
  }

  #stateOf(name: string): WorkloadState | undefined {
    const member = this.#members.get(name);
    return member && { name, role: member.role, snapshot: member.process.snapshot };
  }
}

function isFront({ role }: Workload): boolean {
  return role === 'router' || role === 'entry';
}

/** Rejects with the first error after all are done. */
async function allOf<T>(works: readonly Promise<T>[]): Promise<readonly T[]> {
  await Promise.allSettled(works);
  return Promise.all(works);
}

function pipelinesOf({ config }: WorkloadConfig): readonly PipelineId[] {
  return Object.keys(config.service.pipelines) as PipelineId[];
}

function configOf({ config, secrets }: RenderedConfig, { advice }: Target): WorkloadConfig {
  return { config: resolveEnvRefs(config, secrets), advice };
}
