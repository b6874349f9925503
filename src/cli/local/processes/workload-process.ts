/**
 * One workload in a process of its own, kept alive.
 * - What it runs is set by `start` and `reload`; a process that died starts again with what was set last.
 * - It starts again at once, and later and later while it keeps dying soon.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { EngineLog } from '../../../engine/index.ts';
import type { EngineSnapshot } from '../../../flow/index.ts';
import { type Clock, errorMessage, type Timer } from '../../../lib/index.ts';
import type { IngestAttempt } from '../../../otlp/index.ts';
import type { ServerProcess } from '../../../server/index.ts';
import { errorFrom, type Order, type Word, type WorkloadConfig } from './messages.ts';

export interface WorkloadProcessOptions {
  readonly clock: Clock;
  readonly log: EngineLog;
  onAttempt(attempt: IngestAttempt): void;
  stdout(text: string): void;
  /** It died with this as its last report; called before it starts again. */
  died(last: EngineSnapshot | undefined): Promise<void>;
}

type State = ServerProcess['state'];
type Unnumbered<T> = T extends unknown ? Omit<T, 'id'> : never;

const WORKER = join(import.meta.dirname, 'worker.ts');
const LONGEST_PAUSE_MS = 30_000;
const FIRST_PAUSE_MS = 500;
/** Whoever ran this long has not died of what it runs. */
const SOUND_AFTER_MS = 20_000;
/** Beyond the grace period, for what a process does before it ends. */
const END_MARGIN_MS = 3000;
const REPORT_LIMIT_MS = 1000;
const STDERR_CHARS = 2000;

export class WorkloadProcess {
  readonly name: string;
  readonly #options: WorkloadProcessOptions;
  readonly #waiting = new Map<number, { resolve(): void; reject(error: Error): void }>();
  #child: ChildProcess | undefined;
  #target: WorkloadConfig | undefined;
  #state: State = 'starting';
  #sinceMs: number;
  #restarts = 0;
  #early = 0;
  #message: string | undefined;
  #snapshot: EngineSnapshot | undefined;
  #metrics = '';
  #sequence = 0;
  #pause: Timer | undefined;

  constructor(name: string, options: WorkloadProcessOptions) {
    this.name = name;
    this.#options = options;
    this.#sinceMs = options.clock.nowMs();
  }

  /** The last report of the process that runs, or of the one that was stopped. */
  get snapshot(): EngineSnapshot | undefined {
    return this.#snapshot;
  }

  get metrics(): string {
    return this.#metrics;
  }

  get document(): ServerProcess {
    const pid = this.#child?.pid;
    return {
      workload: this.name,
      state: this.#state,
      since: new Date(this.#sinceMs).toISOString(),
      restarts: this.#restarts,
      ...(pid === undefined ? {} : { pid }),
      ...(this.#message === undefined ? {} : { message: this.#message }),
      ...(this.#snapshot === undefined ? {} : { snapshot: this.#snapshot }),
    };
  }

  /** Resolves once it listens. Rejects with the error of a listener, and then nothing runs. */
  async start(target: WorkloadConfig): Promise<void> {
    this.#target = target;
    this.#spawn();
    try {
      await this.#order({ type: 'start', ...target });
      await this.#order({ type: 'report' });
    } catch (error) {
      this.#become('stopped');
      this.#child?.kill('SIGKILL');
      throw error;
    }
    this.#become('running');
  }

  /** Rejects when the engine refuses; it then runs as before. A process that is down starts with it. */
  async reload(target: WorkloadConfig): Promise<void> {
    if (this.#state === 'running') await this.#order({ type: 'reload', ...target });
    this.#target = target;
  }

  /** Asks for its state anew; does nothing when it is down, and does not wait for one that hangs. */
  async refresh(): Promise<void> {
    if (this.#state !== 'running') return;
    let timer: Timer | undefined;
    const late = new Promise<void>((resolve) => {
      timer = this.#options.clock.after(REPORT_LIMIT_MS, resolve);
    });
    await Promise.race([this.#order({ type: 'report' }).catch(() => {}), late]);
    timer?.cancel();
  }

  /** Delivers what it holds within the time, and ends. */
  async stop(graceMs: number): Promise<void> {
    const child = this.#child;
    const wasRunning = this.#state === 'running';
    this.#pause?.cancel();
    this.#become('stopped');
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    const timer = this.#options.clock.after(graceMs + END_MARGIN_MS, () => child.kill('SIGKILL'));
    if (wasRunning) await this.#order({ type: 'shutdown', graceMs }).catch(() => {});
    child.disconnect();
    await ended;
    timer.cancel();
  }

  #spawn(): void {
    const child = fork(WORKER, [], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.#child = child;
    let errors = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-STDERR_CHARS);
    });
    child.on('message', (word: Word) => this.#hear(word));
    child.on('error', () => {}); // a message to a process that is about to end; its end is what counts
    child.once('exit', (code, signal) => {
      const why = signal === null ? `ended with code ${code}` : `killed by ${signal}`;
      for (const { reject } of this.#waiting.values()) reject(new Error(`${this.name} was ${why}`));
      this.#waiting.clear();
      if (this.#state === 'running') void this.#revive(why, errors);
    });
  }

  #hear(word: Word): void {
    const { log, onAttempt, stdout } = this.#options;
    switch (word.type) {
      case 'done':
        return this.#settle(word.id, ({ resolve }) => resolve());
      case 'failed':
        return this.#settle(word.id, ({ reject }) => reject(errorFrom(word.error)));
      case 'report':
        this.#snapshot = word.snapshot;
        this.#metrics = word.metrics ?? this.#metrics;
        return;
      case 'attempts':
        return word.attempts.forEach(onAttempt);
      case 'stdout':
        return stdout(word.text);
      case 'log':
        return log[word.level](word.message, { workload: this.name, ...word.fields });
    }
  }

  #settle(id: number, settle: (waiting: { resolve(): void; reject(error: Error): void }) => void): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (waiting !== undefined) settle(waiting);
  }

  #order(order: Unnumbered<Order>): Promise<void> {
    const id = this.#sequence++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child?.send({ ...order, id }, (error) => {
        if (error !== null) this.#settle(id, (waiting) => waiting.reject(error));
      });
    });
  }

  /** It died although nobody told it to. */
  async #revive(why: string, errors: string): Promise<void> {
    const { clock, log, died } = this.#options;
    const ranMs = clock.nowMs() - this.#sinceMs;
    this.#early = ranMs < SOUND_AFTER_MS ? this.#early + 1 : 0;
    this.#restarts++;
    this.#become('restarting', why);
    log.error('a process of the topology died and is started again', {
      workload: this.name,
      why,
      ...(errors === '' ? {} : { errors }),
    });
    const last = this.#snapshot;
    this.#snapshot = undefined;
    await died(last);
    await this.#wait(this.#early <= 1 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#early - 2)));
    while (this.#state === 'restarting') {
      try {
        const target = this.#target!;
        this.#spawn();
        await this.#order({ type: 'start', ...target });
        await this.#order({ type: 'report' });
        if (this.#state !== 'restarting') return;
        this.#become('running');
        // Something else was set while it started.
        if (this.#target !== target) await this.reload(this.#target!);
        return;
      } catch (error) {
        this.#child?.kill('SIGKILL');
        this.#early++;
        this.#become('restarting', errorMessage(error));
        await this.#wait(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(10, this.#early)));
      }
    }
  }

  #wait(ms: number): Promise<void> {
    if (ms === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#pause = this.#options.clock.after(ms, resolve);
    });
  }

  #become(state: State, message?: string): void {
    this.#state = state;
    this.#message = message;
    this.#sinceMs = this.#options.clock.nowMs();
  }
}
