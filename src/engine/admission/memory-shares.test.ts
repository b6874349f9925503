import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Signal } from '../../pdata/index.ts';
import { MemoryShares } from './memory-shares.ts';

const EQUAL = { traces: 1, metrics: 1, logs: 1 };

/** Every sender offers its bytes in pieces of 10, in turns; what each could send. */
function interval(shares: MemoryShares, wanted: Readonly<Record<string, number>>, signal: Signal = 'logs') {
  const sent: Record<string, number> = {};
  const left = { ...wanted };
  for (const sender of Object.keys(wanted)) sent[sender] = 0;
  while (Object.values(left).some((bytes) => bytes > 0)) {
    for (const sender of Object.keys(left)) {
      if (left[sender]! <= 0) continue;
      left[sender]! -= 10;
      if (shares.admits(sender, signal, 10)) sent[sender]! += 10;
    }
  }
  return sent;
}

describe('MemoryShares', () => {
  it('lets everybody send below the soft limit', () => {
    const shares = new MemoryShares(EQUAL);
    expect(interval(shares, { a: 1000, b: 10 })).toEqual({ a: 1000, b: 10 });
    shares.begin(0);
    expect(interval(shares, { a: 1000, b: 10 })).toEqual({ a: 1000, b: 10 });
  });

  it('cuts a flood first, the more the nearer the hard limit is, and nobody sends at it', () => {
    const wanted = { flood: 2000, b: 100, c: 100 };
    const at = (pressure: number) => {
      const shares = new MemoryShares(EQUAL);
      interval(shares, wanted);
      shares.begin(pressure);
      return interval(shares, wanted);
    };
    expect(at(0.5)).toEqual({ flood: 900, b: 100, c: 100 });
    expect(at(0.87)).toEqual({ flood: 100, b: 100, c: 100 });
    expect(at(1)).toEqual({ flood: 0, b: 0, c: 0 });
  });

  it('refuses one that is alone at the soft limit', () => {
    const shares = new MemoryShares(EQUAL);
    interval(shares, { only: 1000 });
    shares.begin(0.01);
    expect(interval(shares, { only: 1000 })).toEqual({ only: 0 });
  });

  it('lets one that is new send as much as the others may', () => {
    const shares = new MemoryShares(EQUAL);
    interval(shares, { flood: 2000, b: 100 });
    shares.begin(0.5);
    expect(interval(shares, { new: 100 })).toEqual({ new: 100 });
  });

  it('cuts what weighs less first', () => {
    const shares = new MemoryShares({ traces: 1, metrics: 1, logs: 0.1 });
    const both = () => [
      interval(shares, { a: 1000, b: 1000 }, 'traces'),
      interval(shares, { a: 1000, b: 1000 }, 'logs'),
    ];
    both();
    shares.begin(0.5);
    const [traces, logs] = both();
    // 1000 times 10 to 1, and the piece that begins below the limit.
    expect(traces).toEqual({ a: 910, b: 910 });
    expect(logs).toEqual({ a: 100, b: 100 });
  });

  it('never lets through more than the pressure allows, and no sender less than an equal part if it wants that', () => {
    const wanted = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.integer({ min: 1, max: 300 }), {
      minKeys: 2,
    });
    fc.assert(
      fc.property(wanted, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (tens, pressure) => {
        const bytes = Object.fromEntries(Object.entries(tens).map(([sender, n]) => [sender, n * 10]));
        const offered = Object.values(bytes).reduce((sum, n) => sum + n, 0);
        const shares = new MemoryShares(EQUAL);
        interval(shares, bytes);
        shares.begin(pressure);
        const sent = interval(shares, bytes);
        const count = Object.keys(bytes).length;
        const allowed = offered * (1 - pressure);
        // Everybody's first request comes in, whatever its size.
        expect(Object.values(sent).reduce((sum, n) => sum + n, 0)).toBeLessThanOrEqual(allowed + 10 * count);
        for (const [sender, n] of Object.entries(bytes)) {
          expect(sent[sender]).toBeGreaterThan(Math.min(n, allowed / count) - 10.001);
        }
      }),
    );
  });
});
