import { describe, expect, it } from 'vitest';
import type { MetricsSample } from '../../flow/index.ts';
import { isEmpty, LEAVE_MS } from './drain.ts';

const NOW = 1e9;
const SINCE = NOW - LEAVE_MS;

function samples(of: (agoMs: number) => { queueSize?: number; accepted?: number }): readonly MetricsSample[] {
  return [30_000, 20_000, 10_000, 0].map((agoMs) => {
    const { queueSize = 0, accepted = 7 } = of(agoMs);
    return {
      atMs: NOW - agoMs,
      exporters: { x: { sent: 0, sendFailed: 0, enqueueFailed: 0, queueSize, queueCapacity: 10 } },
      intake: { logs: { accepted, refused: 0, refusedByLimiter: 0 } },
      usage: { cpuSeconds: 0, rssBytes: 0, heapBytes: 0 },
    };
  });
}

describe('a Pod that was taken out of the Service is empty', () => {
  const quiet = samples(() => ({}));

  it('when nothing came and nothing waited for half a minute', () => {
    expect(isEmpty(quiet, SINCE, NOW)).toBe(true);
  });

  it('not while senders may still know it', () => {
    expect(isEmpty(quiet, SINCE + 1, NOW)).toBe(false);
  });

  it('not while something waits, or came', () => {
    expect(
      isEmpty(
        samples((agoMs) => ({ queueSize: agoMs === 0 ? 1 : 0 })),
        SINCE,
        NOW,
      ),
    ).toBe(false);
    expect(
      isEmpty(
        samples((agoMs) => ({ queueSize: agoMs === 20_000 ? 1 : 0 })),
        SINCE,
        NOW,
      ),
    ).toBe(false);
    expect(
      isEmpty(
        samples((agoMs) => ({ accepted: agoMs === 0 ? 8 : 7 })),
        SINCE,
        NOW,
      ),
    ).toBe(false);
  });

  it('not when its figures are unknown, old or too few', () => {
    expect(isEmpty([], SINCE, NOW)).toBe(false);
    expect(isEmpty(quiet, SINCE, NOW + 31_000)).toBe(false);
    expect(isEmpty(quiet.slice(-1), SINCE, NOW)).toBe(false);
  });
});
