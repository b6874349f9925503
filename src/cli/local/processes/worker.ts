/** One workload of a topology as a process of its own. It does what its supervisor says and ends when that is gone. */
import { createEngine, type Engine, type EngineLog } from '../../../engine/index.ts';
import { MetricsRegistry, systemClock } from '../../../lib/index.ts';
import type { IngestAttempt } from '../../../otlp/index.ts';
import type { Advice } from '../deployment.ts';
import { AttemptBatch } from './attempt-batch.ts';
import { type Order, type ProcessReport, plainError, type Word, type WorkloadConfig } from './messages.ts';

const REPORT_MS = 1000;
const ATTEMPTS_MS = 200;
/** Without a supervisor nobody waits for the rest. */
const ORPHAN_GRACE_MS = 1000;

class Worker {
  readonly #metrics = new MetricsRegistry();
  readonly #attempts = new AttemptBatch();
  #engine: Engine | undefined;
  #reportedMs = 0;
  #metricsMs = Number.NEGATIVE_INFINITY;
  #advice: Advice = {};

  async obey(order: Order): Promise<void> {
    try {
      say({ type: 'done', id: order.id, ...(await this.#do(order)) });
    } catch (error) {
      say({ type: 'failed', id: order.id, error: plainError(error) });
    }
  }

  async end(graceMs: number): Promise<void> {
    await this.#engine?.shutdown({ graceMs });
  }

  async #do(order: Order) {
    switch (order.type) {
      case 'start':
        return this.#start(order);
      case 'reload': {
        const { listeners } = await this.#running().reload(order.config);
        this.#advice = order.advice;
        return { listeners };
      }
      case 'report':
        this.#report();
        return {};
      case 'shutdown':
        await this.end(order.graceMs);
        this.#flushAttempts();
        this.#report();
        return {};
    }
  }

  async #start({ config, advice }: WorkloadConfig) {
    this.#advice = advice;
    const deps = { clock: systemClock, random: Math.random, metrics: this.#metrics, log: remoteLog };
    const engine = createEngine(config, deps, {
      onAttempt: (attempt: IngestAttempt) => this.#attempts.add(attempt),
      stdout: (text) => say({ type: 'stdout', text }),
      advise: (signal) => this.#advice[signal],
    });
    const { listeners } = await engine.start();
    this.#engine = engine;
    setInterval(() => {
      if (systemClock.monotonicMs() - this.#reportedMs >= REPORT_MS / 2) this.#report();
    }, REPORT_MS);
    setInterval(() => this.#flushAttempts(), ATTEMPTS_MS);
    return { listeners };
  }

  #running(): Engine {
    if (this.#engine === undefined) throw new Error('the workload has not been started');
    return this.#engine;
  }

  /** Metrics are a longer text, so a report that follows soon goes without. */
  #report(): void {
    const nowMs = systemClock.monotonicMs();
    const isSoon = nowMs - this.#metricsMs < REPORT_MS / 2;
    this.#reportedMs = nowMs;
    if (!isSoon) this.#metricsMs = nowMs;
    const report: ProcessReport = {
      snapshot: this.#running().snapshot(),
      ...(isSoon ? {} : { metrics: this.#metrics.renderPrometheus() }),
    };
    say({ type: 'report', ...report });
  }

  #flushAttempts(): void {
    const attempts = this.#attempts.take();
    if (attempts.length > 0) say({ type: 'attempts', attempts });
  }
}

const remoteLog: EngineLog = {
  info: (message, fields) => say({ type: 'log', level: 'info', message, fields }),
  warn: (message, fields) => say({ type: 'log', level: 'warn', message, fields }),
  error: (message, fields) => say({ type: 'log', level: 'error', message, fields }),
};

/** Nothing, when the supervisor is gone: the process ends then. */
function say(word: Word): void {
  if (process.connected) process.send?.(word, () => {});
}

const worker = new Worker();
process.on('message', (order: Order) => void worker.obey(order));
process.on('disconnect', () => void worker.end(ORPHAN_GRACE_MS).finally(() => process.exit(0)));
// A signal to the whole group is the supervisor's to act on: it stops its processes in their order.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
