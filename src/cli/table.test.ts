import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderTable, shortAge, shortNumber } from './table.ts';

describe('renderTable', () => {
  it('aligns columns by their widest cell and leaves no blanks at the end', () => {
    expect(
      renderTable(
        ['NAME', 'N'],
        [
          ['a', '1'],
          ['longer', ''],
        ],
      ),
    ).toBe('NAME     N\na        1\nlonger\n');
  });
});

describe('shortNumber', () => {
  it.each([
    [0, '0'],
    [7, '7'],
    [9.64, '9.6'],
    [999.96, '1.00k'],
    [1000, '1.00k'],
    [1234, '1.23k'],
    [12_345, '12.3k'],
    [999_999, '1.00M'],
    [5_000_000_000, '5.00G'],
  ])('%d → %s', (n, text) => expect(shortNumber(n)).toBe(text));

  it('stays within one percent and six characters up to a thousand billions', () => {
    fc.assert(
      fc.property(fc.double({ min: 10, max: 999e9, noNaN: true }), (n) => {
        const text = shortNumber(n);
        const unit = { k: 1e3, M: 1e6, G: 1e9 }[text.at(-1)!] ?? 1;
        expect(Math.abs(Number.parseFloat(text) * unit - n)).toBeLessThanOrEqual(n * 0.01);
        expect(text.length).toBeLessThanOrEqual(6);
      }),
    );
  });
});

describe('shortAge', () => {
  it.each([
    [null, '-'],
    [0.23, '0.2 s'],
    [59.97, '1m00s'],
    [312, '5m12s'],
    [7260, '2h01m'],
  ])('%s → %s', (seconds, text) => expect(shortAge(seconds)).toBe(text));
});
