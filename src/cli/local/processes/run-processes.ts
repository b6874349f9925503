/**
 * A topology as processes on this machine, each a workload. The last one takes data from senders.
 * Order: whoever is sent to starts first and stops last; a changed configuration reaches those behind before those in front;
 * a workload that is no longer wanted ends when it and the sender in front hold nothing for it.
 */
import { type Clock, errorCode, sleep } from '../../../lib/index.ts';
import { resolveEnvRefs } from '../../../otelcol/index.ts';
import type { Signal } from '../../../pdata/index.ts';
import { type RenderedConfig, renderOtelcol } from '../../../render/index.ts';
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
  /** No longer wanted: it only delivers what it holds. */
  retiring: boolean;
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
  readonly processes = () => [...this.#members.values()].map(({ process }) => process.document);
  readonly #options: DeploymentOptions;
  readonly #clock: Clock;
  readonly #members = new Map<string, Member>();
  readonly #addresses = new Map<string, Addresses>();
  readonly #ledger = new ProcessLedger();
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
    const rendered = await this.#render(target.topology);
    const undo: (() => Promise<unknown>)[] = [];
    try {
      for (const [index, workload] of target.topology.workloads.entries()) {
        await this.#change(workload, configOf(rendered[index]!, target), undo);
      }
    } catch (error) {
      for (const step of undo.reverse()) await step();
      throw error;
    }
    this.#rendered = rendered;
    const wanted = new Set(target.topology.workloads.map(({ name }) => name));
    for (const [name, member] of this.#members) {
      if (wanted.has(name) || member.retiring) continue;
      member.retiring = true;
      void this.#retire(member);
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
  }

  async #change(workload: Workload, config: WorkloadConfig, undo: (() => Promise<unknown>)[]): Promise<void> {
    const member = this.#members.get(workload.name);
    if (member === undefined) {
      undo.push(() => this.#remove(workload.name));
      await this.#start(workload, config);
      return this.#began(workload);
    }
    member.retiring = false;
    if (JSON.stringify(member.config) === JSON.stringify(config)) return;
    const before = member.config;
    await member.process.reload(config);
    member.config = config;
    undo.push(async () => {
      member.config = before;
      await member.process.reload(before).catch(() => {}); // a process that dies now starts with what ran before
    });
    await this.#began(workload);
  }

  /** Rows of new pipelines count from here. */
  async #began(workload: Workload): Promise<void> {
    if (workload.role !== 'gateway' && workload.role !== 'dispatcher') return;
    const { process } = this.#members.get(workload.name)!;
    const known = new Set(process.snapshot?.pipelines.map(({ id }) => id));
    await Promise.all([process.refresh(), this.#members.get(this.#front)?.process.refresh()]);
    const fresh = process.snapshot?.pipelines.filter(({ id }) => !known.has(id)) ?? [];
    const signals = new Map(fresh.map(({ id, signal }) => [id, signal] as [string, Signal]));
    this.#ledger.began([...signals.keys()], (id) => signals.get(id)!, this.#stateOf(this.#front));
  }

  async #start(workload: Workload, config: WorkloadConfig): Promise<void> {
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
    this.#members.set(name, { process, role, config, retiring: false });
    if (isFront(workload)) this.#front = name;
    await process.start(config);
  }

  async #retire(member: Member): Promise<void> {
    const { process, role } = member;
    let empty = 0;
    while (empty < 2) {
      await sleep(this.#clock, DRAIN_LOOK_MS);
      if (!member.retiring || this.#isStopping) return;
      await Promise.all([process.refresh(), this.#members.get(this.#front)?.process.refresh()]);
      const own = process.snapshot?.pipelines ?? [];
      const hops = this.#members.get(this.#front)?.process.snapshot?.pipelines ?? [];
      const ids = new Set(own.map(({ id }) => id));
      const held = [...own, ...hops.filter(({ id }) => ids.has(id))].some(({ ledger }) => ledger.queued > 0);
      empty = held ? 0 : empty + 1;
    }
    if (!member.retiring || this.#isStopping) return;
    await process.stop(0);
    this.#ledger.ended({ name: process.name, role, snapshot: process.snapshot });
    this.#members.delete(process.name);
  }

  async #remove(name: string): Promise<void> {
    await this.#members.get(name)?.process.stop(0);
    this.#members.delete(name);
  }

  /** Ports stay with a workload's name, so that a process which starts again is found where it was. */
  async #render(topology: Topology): Promise<readonly RenderedConfig[]> {
    const { host, ports } = this.#options;
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
      return renderOtelcol(workload, { ...listen, peers, ...(own ? { corsOrigins: LOCAL_ORIGINS } : {}) });
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

function configOf({ config, secrets }: RenderedConfig, { advice }: Target): WorkloadConfig {
  return { config: resolveEnvRefs(config, secrets), advice };
}
