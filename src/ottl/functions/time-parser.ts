import { Time, UTC, type Zone } from '../value.ts';
import { type Chunk, type ChunkKind, MONTHS, WEEKDAYS } from './go-layout.ts';
import { abbreviationAt, daysInMonth, NANOS_PER_SECOND, offsetAt, unixSecondsOf } from './zone.ts';

/** The names that a language has for months and days, in their order; a place may have several. */
export interface TimeNames {
  readonly longMonths: readonly (readonly string[])[];
  readonly shortMonths: readonly (readonly string[])[];
  readonly longDays: readonly (readonly string[])[];
  readonly shortDays: readonly (readonly string[])[];
  /** Before and after noon. */
  readonly halves: readonly (readonly string[])[];
}

export const ENGLISH: TimeNames = {
  longMonths: MONTHS.map((name) => [name]),
  shortMonths: MONTHS.map((name) => [name.slice(0, 3)]),
  longDays: WEEKDAYS.map((name) => [name]),
  shortDays: WEEKDAYS.map((name) => [name.slice(0, 3)]),
  halves: [],
};

export interface ParsedTime {
  readonly time: Time;
  /** What the layout did not ask for is 0; a year without one is the caller's to find. */
  readonly year: number;
}

interface State {
  rest: string;
  year: number;
  month?: number;
  day?: number;
  yearDay?: number;
  hour: number;
  minute: number;
  second: number;
  nanosecond: number;
  half?: 'am' | 'pm';
  isUtc?: true;
  offset?: number;
  zoneName?: string;
}

/** As Go's time.ParseInLocation; a text that does not fit throws an Error whose message says where. */
export function parseTime(text: string, chunks: readonly Chunk[], zone: Zone, names: TimeNames = ENGLISH): ParsedTime {
  const state: State = { rest: text, year: 0, hour: 0, minute: 0, second: 0, nanosecond: 0 };
  chunks.forEach((chunk, i) => {
    const before = state.rest;
    if (!readChunk(state, chunk, names, chunks[i + 1]))
      throw new Error(`cannot parse ${JSON.stringify(before)} as ${describe(chunk)}`);
  });
  if (state.rest !== '') throw new Error(`has more text at its end: ${JSON.stringify(state.rest)}`);
  if (state.half === 'pm' && state.hour < 12) state.hour += 12;
  else if (state.half === 'am' && state.hour === 12) state.hour = 0;
  const date = { ...state, ...monthAndDay(state) };
  return { time: inZone(state, date, zone), year: state.year };
}

function describe(chunk: Chunk): string {
  return chunk.kind === 'text'
    ? JSON.stringify(chunk.text)
    : chunk.kind === 'fraction'
      ? 'a fraction'
      : chunk.kind.replace(/-[0_]$/, '');
}

type Reader = (state: State, names: TimeNames, text: string) => boolean;

const READERS: Readonly<Record<ChunkKind, Reader>> = {
  year: readShortYear,
  'long-year': digits('year', /^\d{4}/, 0, 9999),
  'long-month': (state, names) => readName(state, names.longMonths, true),
  month: (state, names) => readName(state, names.shortMonths, true),
  'month-number': digits('month', /^\d\d?/, 1, 12),
  'month-number-0': digits('month', /^\d\d/, 1, 12),
  'long-weekday': (state, names) => readName(state, names.longDays, false),
  weekday: (state, names) => readName(state, names.shortDays, false),
  day: digits('day', /^\d\d?/, 0, 99),
  'day-_': digits('day', /^ ?\d\d?/, 0, 99),
  'day-0': digits('day', /^\d\d/, 0, 99),
  'year-day-_': digits('yearDay', /^ {0,2}\d{1,3}/, 0, 999),
  'year-day-0': digits('yearDay', /^\d{3}/, 0, 999),
  hour: digits('hour', /^\d\d?/, 0, 23),
  'hour-12': digits('hour', /^\d\d?/, 0, 12),
  'hour-12-0': digits('hour', /^\d\d/, 0, 12),
  minute: digits('minute', /^\d\d?/, 0, 59),
  'minute-0': digits('minute', /^\d\d/, 0, 59),
  second: digits('second', /^\d\d?/, 0, 59),
  'second-0': digits('second', /^\d\d/, 0, 59),
  PM: (state, names) => readHalf(state, /^(?:AM|PM)/, names),
  pm: (state, names) => readHalf(state, /^(?:am|pm)/, names),
  'zone-name': readZoneName,
  offset: readOffset,
};

type NumberField = 'year' | 'month' | 'day' | 'yearDay' | 'hour' | 'minute' | 'second';

function digits(field: NumberField, expression: RegExp, least: number, most: number): Reader {
  return (state) => {
    const match = take(state, expression);
    if (match === undefined) return false;
    state[field] = Number(match[0]);
    return state[field] >= least && state[field] <= most;
  };
}

function readShortYear(state: State): boolean {
  const match = take(state, /^\d\d/);
  const year = Number(match?.[0]);
  state.year = year + (year >= 69 ? 1900 : 2000);
  return match !== undefined;
}

function readHalf(state: State, expression: RegExp, { halves }: TimeNames): boolean {
  const match = take(state, expression);
  if (match !== undefined) state.half = match[0].toLowerCase() as 'am' | 'pm';
  else {
    const index = takeName(state, halves);
    if (index === undefined) return false;
    state.half = index === 0 ? 'am' : 'pm';
  }
  return true;
}

function readChunk(state: State, chunk: Chunk, names: TimeNames, next: Chunk | undefined): boolean {
  if (chunk.kind === 'text') return skip(state, chunk.text);
  if (chunk.kind === 'fraction') return readFraction(state, chunk.isExact ? chunk.digits : undefined);
  if (!READERS[chunk.kind](state, names, chunk.text)) return false;
  const isSecond = chunk.kind === 'second' || chunk.kind === 'second-0';
  return !isSecond || next?.kind === 'fraction' || readFraction(state, undefined);
}

/** A fraction that the layout does not name is read where it stands behind the seconds, as Go does. */
function readFraction(state: State, count: number | undefined): boolean {
  const match = take(state, count === undefined ? /^[.,](\d+)/ : new RegExp(`^[.,](\\d{${count}})`));
  if (match !== undefined) state.nanosecond = Number(match[1]!.slice(0, 9).padEnd(9, '0'));
  return match !== undefined || count === undefined;
}

/** One space of the layout stands for any number in the text. */
function skip(state: State, prefix: string): boolean {
  for (let at = 0; at < prefix.length; at++) {
    if (prefix[at] !== ' ') {
      if (state.rest[0] !== prefix[at]) return false;
      state.rest = state.rest.slice(1);
      continue;
    }
    if (state.rest !== '' && state.rest[0] !== ' ') return false;
    while (prefix[at + 1] === ' ') at += 1;
    state.rest = state.rest.replace(/^ +/, '');
  }
  return true;
}

function take(state: State, expression: RegExp): RegExpExecArray | undefined {
  const match = expression.exec(state.rest);
  if (match === null) return undefined;
  state.rest = state.rest.slice(match[0].length);
  return match;
}

function readName(state: State, table: TimeNames['longMonths'], isMonth: boolean): boolean {
  const index = takeName(state, table);
  if (index !== undefined && isMonth) state.month = index + 1;
  return index !== undefined;
}

/** The number of the longest name that the text begins with, in whatever case. */
function takeName(state: State, table: TimeNames['longMonths']): number | undefined {
  const rest = state.rest.toLowerCase();
  const found = table
    .flatMap((names, index) => names.map((name) => ({ index, name })))
    .filter(({ name }) => rest.startsWith(name.toLowerCase()))
    .sort((a, b) => b.name.length - a.name.length)[0];
  if (found === undefined) return undefined;
  state.rest = state.rest.slice(found.name.length);
  return found.index;
}

const ZONE_NAME =
  /^(?:UTC|ChST|MeST|GMT(?:[+-]\d{1,2})?|[+-]\d{2}(?!\d)|(?:WITA|[A-Z]{4}T|[A-Z]{3}T|[A-Z]{3})(?![A-Z]))/;

function readZoneName(state: State): boolean {
  const match = take(state, ZONE_NAME);
  if (match?.[0] === 'UTC') state.isUtc = true;
  else if (match !== undefined) state.zoneName = match[0];
  return match !== undefined;
}

function readOffset(state: State, _: TimeNames, text: string): boolean {
  if (text.startsWith('Z') && take(state, /^Z/) !== undefined) {
    state.isUtc = true;
    return true;
  }
  const pairs = Array.from({ length: text.replace(/\D/g, '').length / 2 }, () => '(\\d\\d)');
  const match = take(state, new RegExp(`^([+-])${pairs.join(text.includes(':') ? ':' : '')}`));
  if (match === undefined) return false;
  const [, sign, hours, minutes = '00', seconds = '00'] = match;
  if (Number(hours) > 24 || Number(minutes) > 60 || Number(seconds) > 60) return false;
  const offset = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
  state.offset = sign === '-' ? -offset : offset;
  return true;
}

function monthAndDay(state: State): { readonly month: number; readonly day: number } {
  const { year, yearDay } = state;
  let month = state.month ?? 1;
  let day = state.day ?? 1;
  if (yearDay !== undefined) {
    month = 1;
    day = yearDay;
    while (month < 12 && day > daysInMonth(month, year)) day -= daysInMonth(month++, year);
    if (state.month !== undefined && state.month !== month) throw new Error('has a day of the year in another month');
    if (state.day !== undefined && state.day !== day) throw new Error('has a day of the year that is another day');
  }
  if (day < 1 || day > daysInMonth(month, year)) throw new Error('has a day out of range');
  return { month, day };
}

type Date = Parameters<typeof unixSecondsOf>[0];

function inZone(state: State, date: Date, zone: Zone): Time {
  const at = (seconds: number, of: Zone): Time =>
    new Time(BigInt(seconds) * NANOS_PER_SECOND + BigInt(state.nanosecond), of);
  if (state.isUtc === true) return at(unixSecondsOf(date, UTC), UTC);
  const { offset, zoneName } = state;
  if (offset !== undefined) {
    const seconds = unixSecondsOf(date, UTC) - offset;
    const isLocal =
      offsetAt(zone, seconds) === offset && (zoneName === undefined || abbreviationAt(zone, seconds) === zoneName);
    return at(seconds, isLocal ? zone : { name: zoneName ?? '', offsetSeconds: offset });
  }
  if (zoneName === undefined) return at(unixSecondsOf(date, zone), zone);
  const known = offsetOfName(zone, zoneName, date);
  if (known !== undefined) return at(unixSecondsOf(date, UTC) - known, zone);
  const hours = /^GMT([+-]\d+)$/.exec(zoneName)?.[1];
  const seconds = Number(hours ?? 0) * 3600;
  return at(unixSecondsOf(date, UTC), { name: zoneName, offsetSeconds: seconds });
}

/** What the zone's own time of that name, such as CEST, is ahead of UTC. */
function offsetOfName(zone: Zone, zoneName: string, date: Date): number | undefined {
  const moments = [
    unixSecondsOf(date, zone),
    unixSecondsOf({ ...date, month: 1 }, zone),
    unixSecondsOf({ ...date, month: 7 }, zone),
  ];
  const found = moments.find((seconds) => abbreviationAt(zone, seconds) === zoneName);
  return found === undefined ? undefined : offsetAt(zone, found);
}
