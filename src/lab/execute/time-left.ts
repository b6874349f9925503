import type { Profile } from '../experiment/experiment.ts';

/** How long so many runs take, without knowing better. */
export function estimateMs(runs: number, { warmUpMs, durationMs, overheadMs }: Profile): number {
  return runs * (warmUpMs + durationMs + overheadMs);
}

/** What the profile says, for as long as no run is over; then what runs took. */
export function timeLeftMs(runs: number, profile: Profile, tookMs: readonly number[]): number {
  if (tookMs.length === 0) return estimateMs(runs, profile);
  return (runs * tookMs.reduce((sum, one) => sum + one, 0)) / tookMs.length;
}
