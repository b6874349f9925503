import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { GeneratorOptions, GeneratorReport, SinkMode, SinkOptions, SinkStats } from '../src/load/index.ts';
import { pinned } from './machine.ts';

export type WorkerRequest =
  | { readonly kind: 'open-sink'; readonly options: SinkOptions }
  | { readonly kind: 'sink-mode'; readonly mode: SinkMode }
  | { readonly kind: 'sink-stats' }
  | { readonly kind: 'sink-clear' }
  | { readonly kind: 'start-generator'; readonly options: GeneratorOptions }
  | { readonly kind: 'generator-progress' }
  | { readonly kind: 'stop-generator' };

export type WorkerResponse = { readonly value: unknown } | { readonly error: string };

const ANSWER_TIMEOUT_MS = 60_000;

/** A worker process on a CPU of its own. Answers come in the order of the requests. */
class LoadProcess {
  readonly #child: ChildProcess;
  readonly #waiting: { resolve: (value: unknown) => void; reject: (error: Error) => void }[] = [];

  constructor(cpu: number | undefined) {
    const [command, ...args] = pinned(cpu, [process.execPath, join(import.meta.dirname, 'load-worker.ts')]);
    this.#child = spawn(command!, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#child.on('message', (response: WorkerResponse) => {
      const waiter = this.#waiting.shift();
      if ('error' in response) waiter?.reject(new Error(response.error));
      else waiter?.resolve(response.value);
    });
    this.#child.on('exit', (code) => {
      for (const waiter of this.#waiting.splice(0)) waiter.reject(new Error(`load worker ended with ${code}`));
    });
  }

  ask<T>(request: WorkerRequest): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer to ${request.kind}`)), ANSWER_TIMEOUT_MS);
      const settle =
        <V>(end: (value: V) => void) =>
        (value: V) => {
          clearTimeout(timer);
          end(value);
        };
      this.#waiting.push({ resolve: settle(resolve as (value: unknown) => void), reject: settle(reject) });
      this.#child.send(request);
    });
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

export interface SinkProcess {
  readonly port: number;
  setMode(mode: SinkMode): Promise<void>;
  stats(): Promise<SinkStats>;
  clear(): Promise<void>;
  kill(): void;
}

export async function startSinkProcess(options: SinkOptions, cpu: number | undefined): Promise<SinkProcess> {
  const worker = new LoadProcess(cpu);
  const { port } = await worker.ask<{ port: number }>({ kind: 'open-sink', options });
  return {
    port,
    setMode: (mode) => worker.ask({ kind: 'sink-mode', mode }),
    stats: () => worker.ask({ kind: 'sink-stats' }),
    clear: () => worker.ask({ kind: 'sink-clear' }),
    kill: () => worker.kill(),
  };
}

export interface GeneratorProcess {
  start(options: GeneratorOptions): Promise<void>;
  progress(): Promise<GeneratorReport>;
  /** Stops sending, waits for missing answers. */
  stop(): Promise<GeneratorReport>;
  kill(): void;
}

export function startGeneratorProcess(cpu: number | undefined): GeneratorProcess {
  const worker = new LoadProcess(cpu);
  return {
    start: (options) => worker.ask({ kind: 'start-generator', options }),
    progress: () => worker.ask({ kind: 'generator-progress' }),
    stop: () => worker.ask({ kind: 'stop-generator' }),
    kill: () => worker.kill(),
  };
}
