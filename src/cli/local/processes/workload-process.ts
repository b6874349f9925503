/**
 * One workload in a process of its own, kept alive.
 * - What it runs is set by `start` and `reload`; a process that died starts again with what was set last.
 * - It starts again at once, and later and later while it keeps dying soon.
 * - One that hangs is told and left alone: what it holds would be lost with it. Nobody waits for it.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { EngineLog } from '../../../engine/index.ts';
import type { EngineSnapshot } from '../../../flow/index.ts';
import { type Clock, CodedError, errorCode, errorMessage, type Timer } from '../../../lib/index.ts';
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

const WORKER = fileURLToPath(new URL('./worker.ts', import.meta.url));
const LONGEST_PAUSE_MS = 30_000;
const FIRST_PAUSE_MS = 500;
/** Whoever ran this long has not died of what it runs. */
const SOUND_AFTER_MS = 20_000;
/** Beyond the grace period, for what a process does before it ends. */
const END_MARGIN_MS = 3000;
const REPORT_LIMIT_MS = 1000;
const RELOAD_LIMIT_MS = 5000;
/** It reports once a second. */
const SILENT_AFTER_MS = 5000;
/** Code of the error that an order ends with when the process does. */
const GONE = 'process_gone';
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
  #heardMs = 0;
  #pause: Timer | undefined;
  #stopping: Promise<void> | undefined;

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
    const message = this.#message ?? this.#silence;
    return {
      workload: this.name,
      state: this.#state,
      since: new Date(this.#sinceMs).toISOString(),
      restarts: this.#restarts,
      ...(pid === undefined ? {} : { pid }),
      ...(message === undefined ? {} : { message }),
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

  /** Rejects when the engine refuses; it then runs as before. A process that is down or hangs takes it up when it is back. */
  async reload(target: WorkloadConfig): Promise<void> {
    if (this.#state === 'running') await this.#reloadRunning(target);
    this.#target = target;
  }

  async #reloadRunning(target: WorkloadConfig): Promise<void> {
    const done = this.#order({ type: 'reload', ...target }).catch((error: unknown) => {
      if (errorCode(error) !== GONE) throw error;
    });
    if (await this.#isWithin(done, this.#silence === undefined ? RELOAD_LIMIT_MS : 0)) return;
    const { log } = this.#options;
    log.warn('a process does not answer; it takes up the changed configuration when it does', { workload: this.name });
    done.catch((error: unknown) => {
      log.error('a process did not take up a changed configuration', {
        workload: this.name,
        error: errorMessage(error),
      });
    });
  }

  /** Asks for its state anew; does nothing when it is down, and does not wait for one that hangs. */
  async refresh(): Promise<void> {
    if (this.#state !== 'running' || this.#silence !== undefined) return;
    await this.#isWithin(
      this.#order({ type: 'report' }).catch(() => {}),
      REPORT_LIMIT_MS,
    );
  }

  /** Delivers what it holds within the time, and ends. */
  stop(graceMs: number): Promise<void> {
    this.#stopping ??= this.#stop(graceMs);
    return this.#stopping;
  }

  async #stop(graceMs: number): Promise<void> {
    const child = this.#child;
    const wasRunning = this.#state === 'running';
    this.#pause?.cancel();
    this.#become('stopped');
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const timer = this.#options.clock.after(graceMs + END_MARGIN_MS, () => child.kill('SIGKILL'));
    if (wasRunning) await this.#order({ type: 'shutdown', graceMs }).catch(() => {});
    if (child.connected) child.disconnect();
    await ended;
    timer.cancel();
  }

  /** What is said of a process that has not said anything itself for long. */
  get #silence(): string | undefined {
    const silentMs = this.#options.clock.monotonicMs() - this.#heardMs;
    if (this.#state !== 'running' || silentMs < SILENT_AFTER_MS) return undefined;
    return `it has not answered for ${Math.floor(silentMs / 1000)} s`;
  }

  /** False when the time is over first. */
  async #isWithin(work: Promise<void>, limitMs: number): Promise<boolean> {
    let timer: Timer | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = this.#options.clock.after(limitMs, () => resolve(false));
    });
    try {
      return await Promise.race([work.then(() => true), late]);
    } finally {
      timer?.cancel();
    }
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
      if (child !== this.#child) return;
      const why = signal === null ? `ended with code ${code}` : `killed by ${signal}`;
      for (const { reject } of this.#waiting.values()) reject(new CodedError(GONE, `${this.name} was ${why}`));
      this.#waiting.clear();
      if (this.#state === 'running') void this.#revive(why, errors);
    });
  }

  #hear(word: Word): void {
    this.#heardMs = this.#options.clock.monotonicMs();
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
        if (error !== null) this.#settle(id, (waiting) => waiting.reject(new CodedError(GONE, error.message)));
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
