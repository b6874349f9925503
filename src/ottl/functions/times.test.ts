import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../test/testkit/ottl-function.ts';

describe('Time', () => {
  it.each([
    ['"2023-05-26 12:34:56", "%Y-%m-%d %H:%M:%S"', '2023-05-26T12:34:56Z'],
    ['"2023-05-26T12:34:56.789Z", "2006-01-02T15:04:05.999Z07:00"', '2023-05-26T12:34:56.789Z'],
    ['"2023-05-26 12:34:56.123456", "%Y-%m-%d %H:%M:%S"', '2023-05-26T12:34:56.123456Z'],
    ['"2023-05-26 12:34:56,25", "%Y-%m-%d %H:%M:%S,%f"', '2023-05-26T12:34:56.25Z'],
    ['"04/02/2023 03:04:05 pm", "%m/%d/%Y %r"', '2023-04-02T15:04:05Z'],
    ['"Wed May  3 01:02:03 2023", "%a %b %e %H:%M:%S %Y"', '2023-05-03T01:02:03Z'],
    ['"2023-05-26 12:34:56", "%Y-%m-%d %H:%M:%S", "America/New_York"', '2023-05-26T16:34:56Z'],
    ['"2023-05-26 12:34:56 +0200", "%Y-%m-%d %H:%M:%S %z"', '2023-05-26T10:34:56Z'],
    ['"2023-05-26 12:34:56 CET", "%Y-%m-%d %H:%M:%S %Z"', '2023-05-26T11:34:56Z'],
    ['"2023-05-26 12:34:56 EDT", "%Y-%m-%d %H:%M:%S %Z", "America/New_York"', '2023-05-26T16:34:56Z'],
    ['"2023-146", "2006-002"', '2023-05-26T00:00:00Z'],
    ['"May 26 12:34:56", "%b %d %H:%M:%S"', '2024-05-26T12:34:56Z'],
    ['"Dec 31 12:34:56", "%b %d %H:%M:%S"', '2023-12-31T12:34:56Z'],
    ['"mercoledì 4 maggio 2022", "%A %e %B %Y", "", "it"', '2022-05-04T00:00:00Z'],
    [
      '"Febrero 25 lunes, 2002, 02:03:04 p.m.", "%B %d %A, %Y, %r", "America/New_York", "es-ES"',
      '2002-02-25T19:03:04Z',
    ],
    ['"1969-12-31 23:59:59", "%Y-%m-%d %H:%M:%S"', '1969-12-31T23:59:59Z'],
  ])('reads %s', (args, expected) => {
    const [date = '', fraction = ''] = expected.slice(0, -1).split('.');
    const nanos = BigInt(Date.parse(`${date}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
    expect(evaluate(`UnixNano(Time(${args}))`)).toBe(nanos);
  });

  it.each([
    '"2023-02-30", "%Y-%m-%d"',
    '"2023-13-01", "%Y-%m-%d"',
    '"2023-01-01x", "%Y-%m-%d"',
    '"", "%Y-%m-%d"',
    '"24:00", "%H:%M"',
    '"2023-05-26 12:34:56 XYZ", "%Y-%m-%d %H:%M:%S %Z"',
  ])('does not read %s', (args) => {
    expect(evaluate(`Time(${args})`)).toMatch(/^error: /);
  });

  it.each([
    'Time("x", "%Q")',
    'Time("x", "")',
    'Time("x", "%Y", "No/Where")',
    'Time("x", "%Y", "", "no_LOCALE-x")',
    'FormatTime(Now(), "%J")',
  ])('refuses %s when it is compiled', (expression) => {
    expect(() => evaluate(expression)).toThrow();
  });
});

describe('FormatTime', () => {
  const time = 'Time("2023-05-06 03:04:05.078", "%Y-%m-%d %H:%M:%S")';
  it.each([
    ['%Y-%m-%d %H:%M:%S', '2023-05-06 03:04:05'],
    ['%a %A %b %B %e %g %l:%M%p %y', 'Sat Saturday May May  6 6 3:04AM 23'],
    ['%F %T.%L %z', '2023-05-06 03:04:05.078 Z'],
    ['2006-01-02T15:04:05.000000Z07:00', '2023-05-06T03:04:05.078000Z'],
    ['%Z %j', 'UTC +00:00'],
  ])('%s', (format, expected) => {
    expect(evaluate(`FormatTime(${time}, "${format}")`)).toBe(expected);
  });

  it('writes the zone of the time', () => {
    const berlin = 'Time("2023-07-01 12:00:00", "%Y-%m-%d %H:%M:%S", "Europe/Berlin")';
    expect(evaluate(`FormatTime(${berlin}, "%H:%M %Z %w")`)).toBe('12:00 CEST +020000');
  });
});

describe('parts of times and durations', () => {
  const time = 'Time("2023-05-06 03:04:05.078", "%Y-%m-%d %H:%M:%S")';
  it.each([
    [`Year(${time})`, 2023n],
    [`Month(${time})`, 5n],
    [`Day(${time})`, 6n],
    [`Weekday(${time})`, 6n],
    [`Hour(${time})`, 3n],
    [`Minute(${time})`, 4n],
    [`Second(${time})`, 5n],
    [`Nanosecond(${time})`, 78_000_000n],
    ['UnixSeconds(Unix(-1, 500000000))', -1n],
    ['UnixMilli(Unix(-1, 999999999))', -1n],
    ['UnixMicro(Unix(1, 5000))', 1_000_005n],
    ['UnixNano(TruncateTime(Unix(125), Duration("1m")))', 120_000_000_000n],
    ['Hours(Duration("1h30m"))', 1.5],
    ['Minutes(Duration("90s"))', 1.5],
    ['Seconds(Duration("1500ms"))', 1.5],
    ['Milliseconds(Duration("1.0015s"))', 1001n],
    ['Microseconds(Duration("-2.5us"))', -2n],
    ['Nanoseconds(Duration("1µs"))', 1000n],
    ['Format("%v %s", [Duration("1h0m1.5s"), Duration("1500us")])', '1h0m1.5s 1.5ms'],
    ['UnixSeconds(Now())', 1_718_452_800n],
  ])('%s', (expression, expected) => {
    expect(evaluate(expression)).toBe(expected);
  });

  it.each(['Duration("1")', 'Duration("1x")', 'Duration("")', 'Duration("9999999h")'])('%s fails', (expression) => {
    expect(evaluate(`Seconds(${expression})`)).toMatch(/^error: Duration/);
  });
});
