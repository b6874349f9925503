import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { GeneratorOptions, GeneratorReport, SinkMode, SinkOptions, SinkStats } from '../../load/index.ts';
import { type Cores, pinned } from './machine.ts';

export type WorkerRequest =
  | { readonly kind: 'open-sink'; readonly options: SinkOptions }
  | { readonly kind: 'sink-mode'; readonly mode: SinkMode }
  | { readonly kind: 'sink-stats' }
  | { readonly kind: 'sink-arrivals'; readonly run: number }
  | { readonly kind: 'sink-clear' }
  | { readonly kind: 'start-generator'; readonly options: GeneratorOptions }
  | { readonly kind: 'generator-progress' }
  | { readonly kind: 'generator-requests' }
  | { readonly kind: 'stop-generator' };

/** Columns, one row for each request, in the order of the answers. Wall clock in ms. */
export interface SettledRequests {
  readonly request: Float64Array;
  /** When it was due, by the rate that was asked for; later is waiting of the sender, which counts as latency. */
  readonly dueAtMs: Float64Array;
  readonly settledAtMs: Float64Array;
  /** 1 where it was acknowledged. */
  readonly ok: Uint8Array;
}

/** `id` is that of the request: one that takes long is overtaken by those behind it. */
export type WorkerResponse = { readonly id: number } & ({ readonly value: unknown } | { readonly error: string });

export type NumberedRequest = WorkerRequest & { readonly id: number };

const ANSWER_TIMEOUT_MS = 60_000;

/** A worker process on a CPU of its own. */
class LoadProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  #asked = 0;

  constructor(cores: Cores) {
    const [command, ...args] = pinned(cores, [
      process.execPath,
      fileURLToPath(new URL('./load-worker.ts', import.meta.url)),
    ]);
    this.#child = spawn(command!, args, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      serialization: 'advanced',
      // Ctrl-C is for whoever waits for the answers; the worker ends with that.
      detached: true,
    });
    this.#child.on('message', (response: WorkerResponse) => {
      const waiter = this.#waiting.get(response.id);
      this.#waiting.delete(response.id);
      if ('error' in response) waiter?.reject(new Error(response.error));
      else waiter?.resolve(response.value);
    });
    this.#child.on('exit', (code) => this.#end(new Error(`load worker ended with ${code}`)));
    // Without a listener, one that cannot be started or told something any more would end this process, too.
    this.#child.on('error', (error) => this.#end(error));
  }

  ask<T>(request: WorkerRequest): Promise<T> {
    const id = this.#asked++;
    const answer = new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new Error(`no answer to ${request.kind}`));
      }, ANSWER_TIMEOUT_MS);
      const settle =
        <V>(end: (value: V) => void) =>
        (value: V) => {
          clearTimeout(timer);
          end(value);
        };
      this.#waiting.set(id, { resolve: settle(resolve as (value: unknown) => void), reject: settle(reject) });
      this.#child.send({ ...request, id } satisfies NumberedRequest);
    });
    // A run that was aborted waits for none of its answers.
    answer.catch(() => undefined);
    return answer;
  }

  #end(error: Error): void {
    const waiters = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const waiter of waiters) waiter.reject(error);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

export interface SinkProcess {
  readonly port: number;
  setMode(mode: SinkMode): Promise<void>;
  stats(): Promise<SinkStats>;
  /** Wall clock of the arrival of each request of a generator's run, ms, by its number; NaN where it did not come. */
  arrivals(run: number): Promise<Float64Array>;
  clear(): Promise<void>;
  kill(): void;
}

export async function startSinkProcess(options: SinkOptions, cores: Cores): Promise<SinkProcess> {
  const worker = new LoadProcess(cores);
  const { port } = await worker.ask<{ port: number }>({ kind: 'open-sink', options });
  return {
    port,
    setMode: (mode) => worker.ask({ kind: 'sink-mode', mode }),
    stats: () => worker.ask({ kind: 'sink-stats' }),
    arrivals: (run) => worker.ask({ kind: 'sink-arrivals', run }),
    clear: () => worker.ask({ kind: 'sink-clear' }),
    kill: () => worker.kill(),
  };
}

export interface GeneratorProcess {
  start(options: GeneratorOptions): Promise<void>;
  progress(): Promise<GeneratorReport>;
  /** Every request that has its answer, of the run that was started last. */
  requests(): Promise<SettledRequests>;
  /** Stops sending, waits for missing answers. */
  stop(): Promise<GeneratorReport>;
  kill(): void;
}

export function startGeneratorProcess(cores: Cores): GeneratorProcess {
  const worker = new LoadProcess(cores);
  return {
    start: (options) => worker.ask({ kind: 'start-generator', options }),
    progress: () => worker.ask({ kind: 'generator-progress' }),
    requests: () => worker.ask({ kind: 'generator-requests' }),
    stop: () => worker.ask({ kind: 'stop-generator' }),
    kill: () => worker.kill(),
  };
}
