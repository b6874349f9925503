import { ITEM_NOUN, SIGNALS, type Signal } from '../../pdata/index.ts';
import type { Problem } from '../api.ts';
import type { NewestTime } from '../viewer/newest-time.ts';
import { roughDuration, sentence } from './words.ts';

/**
 * Items can only grow older on their way, so that any time ahead is a clock that is wrong, or differs from ours by a
 * little. Backends commonly take 10 min of it and refuse the rest.
 */
const FUTURE_MS = 10 * 60_000;
/** Time pickers of backends show the last hour at first: what is older is there and not seen. */
const PAST_MS = 60 * 60_000;

export interface ClockSkew {
  readonly signal: Signal;
  /** Positive: the items are ahead of our clock. */
  readonly aheadMs: number;
}

/** Signals whose newest items carry a time that backends would refuse or hide. */
export function findClockSkews(newest: (signal: Signal) => NewestTime | undefined): readonly ClockSkew[] {
  return SIGNALS.flatMap((signal) => {
    const time = newest(signal);
    if (time === undefined) return [];
    const aheadMs = time.newestMs - time.receivedMs;
    return aheadMs > FUTURE_MS || aheadMs < -PAST_MS ? [{ signal, aheadMs }] : [];
  });
}

/** `spans are 3 h in the future` */
export function skewPhrase({ signal, aheadMs }: ClockSkew): string {
  return `${ITEM_NOUN[signal].people} are ${roughDuration(Math.abs(aheadMs))} in the ${aheadMs > 0 ? 'future' : 'past'}`;
}

export function skewHelp({ aheadMs }: ClockSkew): string {
  return aheadMs > 0
    ? 'Backends with time pickers will hide them, and some refuse them. Set the clock of the sender.'
    : 'Backends with time pickers will hide them. Set the clock of the sender, unless it caught up after an outage or replays old data.';
}

export function clockProblems(skews: readonly ClockSkew[], program: string): readonly Problem[] {
  return skews.map((skew) => ({
    severity: 'warning',
    code: 'SL0620',
    title: `the newest ${skewPhrase(skew)}`,
    detail: sentence(skewHelp(skew)),
    commands: [`${program} explain SL0620`],
  }));
}
