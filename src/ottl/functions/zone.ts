import { type Time, UTC, type Zone } from '../value.ts';

/** The calendar's parts of a time in its zone. */
export interface CivilTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  /** 1 to 366. */
  readonly yearDay: number;
  readonly offsetSeconds: number;
}

export const NANOS_PER_SECOND = 1_000_000_000n;
const SECONDS_PER_DAY = 86_400;
const MAX_DATE_SECONDS = 8.64e12;

/** A zone of the time zone database; undefined for a name that it does not have. */
export function findZone(name: string): Zone | undefined {
  if (name === '' || name === 'UTC' || name === 'Local') return UTC;
  if (!/^[A-Z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/.test(name)) return undefined;
  try {
    const zone: Zone = { name };
    formatterOf(zone);
    return zone;
  } catch {
    return undefined;
  }
}

export function civilTime({ unixNanos, zone }: Time): CivilTime {
  const unixSeconds = Number(floorDivide(unixNanos, NANOS_PER_SECOND));
  const offsetSeconds = offsetAt(zone, unixSeconds);
  const local = unixSeconds + offsetSeconds;
  const days = Math.floor(local / SECONDS_PER_DAY);
  const second = local - days * SECONDS_PER_DAY;
  const { year, month, day } = civilDate(days);
  return {
    year,
    month,
    day,
    hour: Math.floor(second / 3600),
    minute: Math.floor(second / 60) % 60,
    second: second % 60,
    nanosecond: Number(unixNanos - floorDivide(unixNanos, NANOS_PER_SECOND) * NANOS_PER_SECOND),
    weekday: (((days + 4) % 7) + 7) % 7,
    yearDay: days - daysOf(year, 1, 1) + 1,
    offsetSeconds,
  };
}

/** Seconds since 1970 of a date and time of day in a zone; a time that the zone skips or repeats counts as Go counts it. */
export function unixSecondsOf(
  date: Pick<CivilTime, 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second'>,
  zone: Zone,
): number {
  const days = daysOf(date.year, date.month, date.day);
  const unix = days * SECONDS_PER_DAY + date.hour * 3600 + date.minute * 60 + date.second;
  const offset = offsetAt(zone, unix);
  return unix - offsetAt(zone, unix - offset);
}

export function offsetAt(zone: Zone, unixSeconds: number): number {
  if ('offsetSeconds' in zone) return zone.offsetSeconds;
  const seconds = Math.max(-MAX_DATE_SECONDS, Math.min(MAX_DATE_SECONDS, unixSeconds));
  const parts: Record<string, number> = {};
  const formatted = formatterOf(zone).formatToParts(seconds * 1000);
  for (const { type, value } of formatted) parts[type] = Number(value);
  const era = formatted.find(({ type }) => type === 'era')?.value;
  const year = era?.startsWith('B') ? 1 - parts['year']! : parts['year']!;
  const days = daysOf(year, parts['month']!, parts['day']!);
  return (
    days * SECONDS_PER_DAY + parts['hour']! * 3600 + parts['minute']! * 60 + parts['second']! - Math.floor(seconds)
  );
}

/** `CET`, or `+03` where the zone's times have no name. */
export function abbreviationAt(zone: Zone, unixSeconds: number): string {
  const offset = offsetAt(zone, unixSeconds);
  if ('offsetSeconds' in zone) return zone.name === '' ? offsetName(offset) : zone.name;
  for (const locale of ['en-US', 'en-GB', 'en-AU', 'en-CA', 'en-NZ', 'en-ZA', 'en-IN']) {
    const name = new Intl.DateTimeFormat(locale, { timeZone: zone.name, timeZoneName: 'short' })
      .formatToParts(unixSeconds * 1000)
      .find(({ type }) => type === 'timeZoneName')?.value;
    if (name !== undefined && !/[+-]/.test(name)) return name;
  }
  return offsetName(offset);
}

function offsetName(offset: number): string {
  const minutes = Math.floor(Math.abs(offset) / 60);
  const text = `${String(Math.floor(minutes / 60)).padStart(2, '0')}${minutes % 60 === 0 ? '' : String(minutes % 60).padStart(2, '0')}`;
  return (offset < 0 ? '-' : '+') + text;
}

/** Making one takes long; it lives as long as the zone of its statement. */
const FORMATTERS = new WeakMap<Zone, Intl.DateTimeFormat>();

function formatterOf(zone: Zone): Intl.DateTimeFormat {
  const known = FORMATTERS.get(zone);
  if (known !== undefined) return known;
  const numeric = {
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  } as const;
  const formatter = new Intl.DateTimeFormat('en-US', {
    ...numeric,
    era: 'short',
    hourCycle: 'h23',
    timeZone: zone.name,
  });
  FORMATTERS.set(zone, formatter);
  return formatter;
}

export function daysInMonth(month: number, year: number): number {
  return daysOf(month === 12 ? year + 1 : year, month === 12 ? 1 : month + 1, 1) - daysOf(year, month, 1);
}

/** Days since 1970 in the proleptic Gregorian calendar; the year begins in March so that the leap day is its last. */
export function daysOf(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return (
    era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
  );
}

function civilDate(days: number): { readonly year: number; readonly month: number; readonly day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

export function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by !== 0n && value < 0n !== by < 0n ? quotient - 1n : quotient;
}
