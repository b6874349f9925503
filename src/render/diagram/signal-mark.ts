import type { FlowGraph, FlowNode } from '../../flow/index.ts';
import type { Signal } from '../../pdata/index.ts';

/** The letter that stands for a signal in every drawing, beside its line pattern. */
export const SIGNAL_LETTER = { traces: 'T', metrics: 'M', logs: 'L' } as const satisfies Record<Signal, string>;

export interface DrawOptions {
  /** Items per second for people: `1.20k`. */
  readonly rate: (perSecond: number) => string;
  /** How long ago an RFC 3339 time is: `5m12s`. Absent: not said. */
  readonly age?: (since: string) => string;
}

/** Without options: rates to the item. */
export const PLAIN_NUMBERS: DrawOptions = { rate: (perSecond) => String(Math.round(perSecond)) };

/** What the figures of a node say in a few words: `1 %`, `-102/s`, `SL0501`; empty where nothing runs. */
export function liveWords({ live }: FlowNode, { rate, age }: DrawOptions): readonly string[] {
  if (live === undefined) return [];
  const words: string[] = [];
  const fill = queueShare(live.queue);
  if (fill !== undefined) words.push(`${Math.round(100 * fill)} %`);
  if (live.droppedPerSecond !== undefined && live.droppedPerSecond > 0) words.push(`-${rate(live.droppedPerSecond)}/s`);
  if (live.filteredPerSecond !== undefined && live.filteredPerSecond > 0)
    words.push(`-${rate(live.filteredPerSecond)}/s`);
  if (live.backend?.state === 'ok') words.push('ok');
  if (live.backend?.state === 'failing') {
    const { failure, since } = live.backend;
    words.push(['failing', ...(failure ? [failure.code] : []), ...(age ? [age(since)] : [])].join(' '));
  }
  return words;
}

export function queueShare(queue: { sizeBytes: number; capacityBytes: number } | undefined): number | undefined {
  if (queue === undefined || queue.capacityBytes <= 0) return undefined;
  return Math.min(1, queue.sizeBytes / queue.capacityBytes);
}

/** `T 1.20k/s`; the letter alone where nothing runs. */
export function edgeWords(edge: FlowGraph['edges'][number], { rate }: DrawOptions): string {
  const letter = SIGNAL_LETTER[edge.signal];
  return edge.perSecond === undefined ? letter : `${letter} ${rate(edge.perSecond)}/s`;
}
