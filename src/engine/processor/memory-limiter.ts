import type { Static } from 'typebox';
import type { Issue } from '../../diagnostics/index.ts';
import type { Counter, Timer } from '../../lib/index.ts';
import { Type } from '../../lib/index.ts';
import { ITEM_NOUN } from '../../pdata/index.ts';
import type { MemoryShares } from '../admission/memory-shares.ts';
import { type Batch, refuse, type Verdict } from '../batch.ts';
import { defineProcessor, type Processor, type ProcessorContext, type StageContext } from '../component.ts';
import { Count, Duration, durationMs, settingsObject } from '../settings/schema.ts';
import { type MemoryProbe, processMemory } from './memory-probe.ts';
import { observeItems } from './telemetry.ts';

const MIB = 2 ** 20;

const MemoryLimiterConfig = settingsObject({
  check_interval: Duration,
  min_gc_interval_when_soft_limited: Duration,
  min_gc_interval_when_hard_limited: Duration,
  limit_mib: Count,
  spike_limit_mib: Count,
  limit_percentage: Type.Integer({ minimum: 0, maximum: 100 }),
  spike_limit_percentage: Type.Integer({ minimum: 0, maximum: 100 }),
});
type MemoryLimiterConfig = Static<typeof MemoryLimiterConfig>;

/** Source: memorylimiter NewDefaultConfig at 0.149; what its Validate compares. */
const defaultMemoryLimiter = { softGcIntervalMs: 10_000, hardGcIntervalMs: 0, spikeShare: 0.2 };

/**
 * Unless the configuration says otherwise, garbage is collected at every check above the soft limit, not every 10 s as the
 * Collector does: V8 lets garbage grow to the heap's size before it looks, and senders would be refused for it.
 */
const SOFT_GC_INTERVAL_MS = 0;

/** From this part of the soft limit on it is noted who sends how much, for when the limit is reached. */
const WATCHED = 1 / 4;

/**
 * Refuses data while the process uses more memory than its soft limit. Up to the hard limit senders share what may still come in;
 * one that is alone, and everybody beyond the hard limit, is refused, as in the Collector.
 */
export const memoryLimiterProcessor = defineProcessor({
  schema: MemoryLimiterConfig,
  check: checkMemoryLimiter,
  create: (settings, context) => createMemoryLimiter(settings, context, processMemory),
});

/** One limiter measures and collects garbage, however many pipelines ask it. */
export function createMemoryLimiter(settings: MemoryLimiterConfig, context: ProcessorContext, probe: MemoryProbe) {
  const limiter = new MemoryLimiter(settings, context, probe);
  return {
    start: () => limiter.start(),
    attach: (stage: StageContext) => createLimiterStage(limiter, context, stage),
    shutdown: () => limiter.stop(),
  };
}

/** Source: memorylimiter Config.Validate at 0.149. */
function checkMemoryLimiter(settings: MemoryLimiterConfig): Issue[] {
  const { limit_mib = 0, spike_limit_mib = 0, limit_percentage = 0, spike_limit_percentage = 0 } = settings;
  const issues: Issue[] = [];
  const add = (key: string, message: string) =>
    issues.push({ code: 'SL0105', severity: 'error', message, path: [key] });
  if (durationMs(settings.check_interval, 0) <= 0) add('check_interval', '`check_interval` must be greater than 0');
  if (limit_mib === 0 && limit_percentage === 0)
    add('limit_mib', '`limit_mib` or `limit_percentage` must be greater than 0');
  if (limit_mib > 0 && limit_mib <= spike_limit_mib)
    add('spike_limit_mib', '`spike_limit_mib` must be less than `limit_mib`');
  if (limit_percentage > 0 && limit_percentage <= spike_limit_percentage) {
    add('spike_limit_percentage', '`spike_limit_percentage` must be less than `limit_percentage`');
  }
  const { softGcIntervalMs, hardGcIntervalMs } = defaultMemoryLimiter;
  const hardMs = durationMs(settings.min_gc_interval_when_hard_limited, hardGcIntervalMs);
  if (durationMs(settings.min_gc_interval_when_soft_limited, softGcIntervalMs) < hardMs) {
    const message = '`min_gc_interval_when_soft_limited` must not be less than `min_gc_interval_when_hard_limited`';
    add('min_gc_interval_when_soft_limited', message);
  }
  return issues;
}

/** Watches the process. Source: internal/memorylimiter CheckMemLimits at 0.149. */
class MemoryLimiter {
  readonly #context: ProcessorContext;
  readonly #shares: MemoryShares | undefined;
  readonly #probe: MemoryProbe;
  readonly #intervalMs: number;
  readonly #gcIntervalMs: { readonly soft: number; readonly hard: number };
  readonly #hardBytes: number;
  readonly #softBytes: number;
  #lastGcMs: number;
  #refusing = false;
  #watching = false;
  #timer: Timer | undefined;

  constructor(settings: MemoryLimiterConfig, context: ProcessorContext, probe: MemoryProbe) {
    const percent = (share: number) => (probe.totalBytes() * share) / 100;
    const fixed = (settings.limit_mib ?? 0) > 0;
    this.#context = context;
    this.#shares = context.admission?.createMemoryShares();
    this.#probe = probe;
    this.#intervalMs = durationMs(settings.check_interval, 0);
    this.#gcIntervalMs = {
      soft: durationMs(settings.min_gc_interval_when_soft_limited, SOFT_GC_INTERVAL_MS),
      hard: durationMs(settings.min_gc_interval_when_hard_limited, defaultMemoryLimiter.hardGcIntervalMs),
    };
    this.#hardBytes = fixed ? settings.limit_mib! * MIB : percent(settings.limit_percentage ?? 0);
    const spike = fixed ? (settings.spike_limit_mib ?? 0) * MIB : percent(settings.spike_limit_percentage ?? 0);
    this.#softBytes = this.#hardBytes - (spike > 0 ? spike : this.#hardBytes * defaultMemoryLimiter.spikeShare);
    this.#lastGcMs = context.deps.clock.monotonicMs();
  }

  admits(batch: Batch): boolean {
    if (!this.#watching) return true;
    const { admission } = this.#context;
    if (admission === undefined || this.#shares === undefined) return !this.#refusing;
    const sender = admission.senderOf(batch);
    if (this.#shares.admits(sender, batch.signal, batch.bytes.length)) return true;
    admission.overMemory(sender);
    return false;
  }

  /** A refused sender should come back when the memory has been measured again. */
  get retryAfterMs(): number {
    return Math.max(1000, this.#intervalMs);
  }

  start(): void {
    const { log, clock } = this.#context.deps;
    log.info('memory limiter configured', {
      processor: this.#context.id,
      limit_mib: Math.round(this.#hardBytes / MIB),
      soft_limit_mib: Math.round(this.#softBytes / MIB),
    });
    const tick = () => {
      this.#check();
      this.#timer = clock.after(this.#intervalMs, tick);
    };
    this.#timer = clock.after(this.#intervalMs, tick);
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #check(): void {
    let usedBytes = this.#probe.usedBytes();
    if (usedBytes >= this.#softBytes) usedBytes = this.#collect(usedBytes);
    const refusing = usedBytes >= this.#softBytes;
    this.#watching = usedBytes >= this.#softBytes * WATCHED;
    const pressure = (usedBytes - this.#softBytes) / Math.max(1, this.#hardBytes - this.#softBytes);
    this.#shares?.begin(refusing ? Math.max(pressure, Number.MIN_VALUE) : 0, this.#context.admission?.weights);
    if (refusing === this.#refusing) return;
    this.#refusing = refusing;
    const message = refusing
      ? 'memory usage is above the soft limit, refusing data'
      : 'memory usage is back within limits';
    this.#context.deps.log.warn(message, { processor: this.#context.id, used_mib: Math.round(usedBytes / MIB) });
  }

  /** Collects garbage if that was not done recently, and measures again. */
  #collect(usedBytes: number): number {
    const nowMs = this.#context.deps.clock.monotonicMs();
    const intervalMs = usedBytes >= this.#hardBytes ? this.#gcIntervalMs.hard : this.#gcIntervalMs.soft;
    if (nowMs - this.#lastGcMs <= intervalMs) return usedBytes;
    this.#probe.collectGarbage();
    this.#lastGcMs = nowMs;
    return this.#probe.usedBytes();
  }
}

function createLimiterStage(limiter: MemoryLimiter, context: ProcessorContext, stage: StageContext): Processor {
  const { id, deps } = context;
  const { next, incoming } = observeItems(context, stage);
  const { metric, people } = ITEM_NOUN[stage.signal];
  const counter = (what: string, help: string): Counter =>
    deps.metrics.counter({ name: `otelcol_processor_${what}_${metric}`, help }, { processor: id });
  const accepted = counter('accepted', `Number of ${people} passed to the next component.`);
  const refused = counter('refused', `Number of ${people} refused.`);
  return {
    borrows: next.borrows === true,
    consume(batch: Batch): Verdict | Promise<Verdict> {
      incoming.add(batch.itemCount);
      if (limiter.admits(batch)) {
        accepted.add(batch.itemCount);
        return next.consume(batch);
      }
      refused.add(batch.itemCount);
      const afterMs = limiter.retryAfterMs;
      const message = `gateway is at its memory limit, retry in ${Math.ceil(afterMs / 1000)} s`;
      return refuse(batch, stage.accounts, { cause: 'memory_limit', retryable: true, afterMs, message });
    },
  };
}
