/** Senders that are told apart by name; the others by one of so many buckets. */
export const MAX_SENDERS = 1000;
const BUCKETS = 256;

/**
 * What stands for a sender when there are too many: a flood among them shares its bucket with few. FNV-1a over the name's code units,
 * as in stochastic fairness queueing. Source: McKenney, Stochastic fairness queueing, 1990.
 */
export function bucketOf(sender: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < sender.length; i++) hash = Math.imul(hash ^ sender.charCodeAt(i), 0x01000193);
  return `(others ${(hash >>> 0) % BUCKETS})`;
}
