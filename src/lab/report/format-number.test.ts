import { describe, expect, it } from 'vitest';
import { formatDifference, formatNumber, formatRatio } from './format-number.ts';

describe('a number in a report', () => {
  it.each([
    [0, '0'],
    [99.9649, '99.96'],
    [100, '100'],
    [0.012345, '0.01235'],
    [999.96, '1,000'],
    [12345.6, '12,346'],
    [-1234567, '-1,234,567'],
    [0.00001234, '1.2e-5'],
    [Number.NaN, '-'],
  ])('%d is written as %s', (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });

  it('has its sign as a difference, and three digits as a ratio', () => {
    expect([4.2, -0.3, 0].map(formatDifference)).toEqual(['+4.2', '−0.3', '0']);
    expect([1.0249, 0, 12345].map(formatRatio)).toEqual(['1.02 ×', '0 ×', '12,345 ×']);
  });
});
