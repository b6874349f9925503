import { describe, expect, it } from 'vitest';
import { age, bytes, duration, shortNumber, timeOnDay, withUnit } from './format.ts';

describe('shortNumber', () => {
  it.each([
    [0, '0'],
    [0.04, '0.04'],
    [9.96, '9.96'],
    [210, '210'],
    [999.9, '1k'],
    [1204, '1.2k'],
    [44_321, '44.3k'],
    [999_999, '1M'],
    [-1500, '-1.5k'],
    [Number.NaN, '–'],
  ])('writes %d as %s', (value, text) => {
    expect(shortNumber(value)).toBe(text);
  });
});

describe('duration', () => {
  it.each([
    [0, '0 s'],
    [2e-8, '20 ns'],
    [0.000015, '15 µs'],
    [0.812, '812 ms'],
    [1.2, '1.2 s'],
    [200, '3 min 20 s'],
    [7260, '2 h 1 min'],
    [200_000, '2 d 7 h'],
  ])('writes %d s as %s', (value, text) => {
    expect(duration(value)).toBe(text);
  });
});

describe('age', () => {
  it('keeps "no data" and "just now" apart', () => {
    expect([age(null), age(0), age(12.4), age(312), age(7200)]).toEqual(['–', '0.0 s', '12 s', '5 min', '2 h']);
  });
});

describe('withUnit', () => {
  it.each([
    ['ms', '12 ms'],
    ['', '12'],
    ['1', '12'],
    ['{request}', '12 request'],
    ['{request}/s', '12 request/s'],
    ['1/s', '12/s'],
    ['/s', '12/s'],
    ['10', '12 10'],
  ])('writes the unit "%s" as people read it', (unit, text) => {
    expect(withUnit('12', unit)).toBe(text);
  });
});

describe('timeOnDay', () => {
  const noon = new Date(2026, 4, 7, 12, 0, 1, 20).toISOString();
  it('names the day of a time that is not of today', () => {
    expect(timeOnDay(noon, '2026-05-07')).toBe('12:00:01.020');
    expect(timeOnDay(noon, '2026-05-08')).toBe('2026-05-07 12:00:01.020');
  });
});

describe('bytes', () => {
  it('uses binary units', () => {
    expect([bytes(512), bytes(1536), bytes(512 * 1024 * 1024)]).toEqual(['512 B', '1.5 KiB', '512 MiB']);
  });
});
