import type { Clock } from '../../../lib/index.ts';

/** Says which requests to write: the first `initial` of each second, then every `thereafter`-th; 0 drops the rest. */
export function createSampler(
  clock: Clock,
  { initial, thereafter }: { readonly initial: number; readonly thereafter: number },
): () => boolean {
  let second = Number.NEGATIVE_INFINITY;
  let seen = 0;
  return () => {
    const nowMs = clock.monotonicMs();
    if (nowMs - second >= 1000) {
      second = nowMs;
      seen = 0;
    }
    seen++;
    if (seen <= initial) return true;
    return thereafter > 0 && (seen - initial) % thereafter === 0;
  };
}
