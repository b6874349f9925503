import type { AttemptDocument, TurnedAwayDocument } from '../api.ts';

const RECENT_MS = 5 * 60_000;

/** What was not taken in the last minutes; `attempts` and the reasons are newest first. */
export function turnedAway(attempts: readonly AttemptDocument[], nowMs: number): readonly TurnedAwayDocument[] {
  const recent = attempts.filter(({ outcome, at }) => outcome !== 'accepted' && nowMs - Date.parse(at) <= RECENT_MS);
  return [...Map.groupBy(recent, ({ message = 'no reason given' }) => message)].map(([message, same]) => {
    const [last] = same;
    return { message, count: same.length, last, ...(last.foreign === true ? { code: 'SL0503' } : {}) };
  });
}
