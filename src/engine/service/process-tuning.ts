import { setFlagsFromString } from 'node:v8';

/** How much the heap may grow, in percent of what survived, before all of it is collected again. */
const HEAP_GROWTH_PERCENT = 300;

/**
 * Fits V8's collector to a process that keeps little and lets buffers pass through. Buffers count towards the limit that
 * starts a full collection, and on a heap of 20 MB that limit is so low that V8 collects ten times a second: half of the
 * engine's CPU at 50,000 spans/s. Measured, Node 24.21, 100 spans a request: 6.7 → 3.5 CPU-s per million spans, RSS +10 MB;
 * with a backend that is down and a full queue of 64 MiB +35 MB. The memory limiter's forced collections are not affected.
 */
export function tuneGarbageCollector(): void {
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH_PERCENT}`);
}
