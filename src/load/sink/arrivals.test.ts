import { describe, expect, it } from 'vitest';
import { Arrivals } from './arrivals.ts';

const ignored = { addSequence: () => {}, addHash: () => {} };

describe('arrivals of requests', () => {
  it('are those of whatever of a request comes first, also where a backend rejected its first item', () => {
    const arrivals = new Arrivals(100);
    const at = (nowMs: number) => arrivals.beside(ignored, nowMs);
    at(10).addSequence(7, 199);
    at(20).addSequence(7, 100);
    at(30).addSequence(7, 0);
    expect(arrivals.byRun.get(7)).toEqual([30, 10]);
  });
});
