import { Time, UTC, type Zone } from '../value.ts';
import { type Chunk, type ChunkKind, MONTHS, WEEKDAYS } from './go-layout.ts';
import { abbreviationAt, daysInMonth, NANOS_PER_SECOND, offsetAt, unixSecondsOf } from './zone.ts';

/** The names that a language has for months and days, in their order; a place may have several. */
export interface TimeNames {
  readonly longMonths: readonly (readonly string[])[];
  readonly shortMonths: readonly (readonly string[])[];
  readonly longDays: readonly (readonly string[])[];
  readonly shortDays: readonly (readonly string[])[];
}

export const ENGLISH: TimeNames = {
  longMonths: MONTHS.map((name) => [name]),
  shortMonths: MONTHS.map((name) => [name.slice(0, 3)]),
  longDays: WEEKDAYS.map((name) => [name]),
  shortDays: WEEKDAYS.map((name) => [name.slice(0, 3)]),
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
  year: (state) =>
    number(state, /^\d\d/, 0, 99, (value) => {
      state.year = value + (value >= 69 ? 1900 : 2000);
    }),
  'long-year': (state) =>
    number(state, /^\d{4}/, 0, 9999, (value) => {
      state.year = value;
    }),
  'long-month': (state, names) =>
    name(state, names.longMonths, (index) => {
      state.month = index + 1;
    }),
  month: (state, names) =>
    name(state, names.shortMonths, (index) => {
      state.month = index + 1;
    }),
  'month-number': (state) =>
    number(state, /^\d\d?/, 1, 12, (value) => {
      state.month = value;
    }),
  'month-number-0': (state) =>
    number(state, /^\d\d/, 1, 12, (value) => {
      state.month = value;
    }),
  'long-weekday': (state, names) => name(state, names.longDays, () => undefined),
  weekday: (state, names) => name(state, names.shortDays, () => undefined),
  day: (state) =>
    number(state, /^\d\d?/, 0, 99, (value) => {
      state.day = value;
    }),
  'day-_': (state) =>
    number(state, /^ ?\d\d?/, 0, 99, (value) => {
      state.day = value;
    }),
  'day-0': (state) =>
    number(state, /^\d\d/, 0, 99, (value) => {
      state.day = value;
    }),
  'year-day-_': (state) =>
    number(state, /^ {0,2}\d{1,3}/, 0, 999, (value) => {
      state.yearDay = value;
    }),
  'year-day-0': (state) =>
    number(state, /^\d{3}/, 0, 999, (value) => {
      state.yearDay = value;
    }),
  hour: (state) =>
    number(state, /^\d\d?/, 0, 23, (value) => {
      state.hour = value;
    }),
  'hour-12': (state) =>
    number(state, /^\d\d?/, 0, 12, (value) => {
      state.hour = value;
    }),
  'hour-12-0': (state) =>
    number(state, /^\d\d/, 0, 12, (value) => {
      state.hour = value;
    }),
  minute: (state) =>
    number(state, /^\d\d?/, 0, 59, (value) => {
      state.minute = value;
    }),
  'minute-0': (state) =>
    number(state, /^\d\d/, 0, 59, (value) => {
      state.minute = value;
    }),
  second: (state) =>
    number(state, /^\d\d?/, 0, 59, (value) => {
      state.second = value;
    }),
  'second-0': (state) =>
    number(state, /^\d\d/, 0, 59, (value) => {
      state.second = value;
    }),
  PM: (state) =>
    take(state, /^(?:AM|PM)/, ([half]) => {
      state.half = half === 'PM' ? 'pm' : 'am';
    }),
  pm: (state) =>
    take(state, /^(?:am|pm)/, ([half]) => {
      state.half = half as 'am' | 'pm';
    }),
  'zone-name': readZoneName,
  offset: readOffset,
};

function readChunk(state: State, chunk: Chunk, names: TimeNames, next: Chunk | undefined): boolean {
  if (chunk.kind === 'text') return skip(state, chunk.text);
  if (chunk.kind === 'fraction') return readFraction(state, chunk.isExact ? chunk.digits : undefined);
  if (!READERS[chunk.kind](state, names, chunk.text)) return false;
  const isSecond = chunk.kind === 'second' || chunk.kind === 'second-0';
  return !isSecond || next?.kind === 'fraction' || readFraction(state, undefined);
}

/** A fraction that the layout does not name is read where it stands behind the seconds, as Go does. */
function readFraction(state: State, digits: number | undefined): boolean {
  const expression = digits === undefined ? /^[.,](\d+)/ : new RegExp(`^[.,](\\d{${digits}})`);
  const isRead = take(state, expression, ([, found = '']) => {
    state.nanosecond = Number(found.slice(0, 9).padEnd(9, '0'));
  });
  return isRead || digits === undefined;
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

function take(state: State, expression: RegExp, use: (match: RegExpExecArray) => void): boolean {
  const match = expression.exec(state.rest);
  if (match === null) return false;
  state.rest = state.rest.slice(match[0].length);
  use(match);
  return true;
}

function number(state: State, expression: RegExp, least: number, most: number, use: (value: number) => void): boolean {
  let isInRange = false;
  const isRead = take(state, expression, ([digits]) => {
    const value = Number(digits);
    isInRange = value >= least && value <= most;
    use(value);
  });
  return isRead && isInRange;
}

function name(state: State, table: readonly (readonly string[])[], use: (index: number) => void): boolean {
  const rest = state.rest.toLowerCase();
  const found = table
    .flatMap((names, index) => names.map((one) => ({ index, one })))
    .filter(({ one }) => rest.startsWith(one.toLowerCase()))
    .sort((a, b) => b.one.length - a.one.length)[0];
  if (found === undefined) return false;
  state.rest = state.rest.slice(found.one.length);
  use(found.index);
  return true;
}

function readZoneName(state: State): boolean {
  if (state.rest.startsWith('UTC')) {
    state.isUtc = true;
    state.rest = state.rest.slice(3);
    return true;
  }
  return take(
    state,
    /^(?:ChST|MeST|GMT(?:[+-]\d{1,2})?|[+-]\d{2}(?!\d)|(?:WITA|[A-Z]{4}T|[A-Z]{3}T|[A-Z]{3})(?![A-Z]))/,
    ([found]) => {
      state.zoneName = found;
    },
  );
}

function readOffset(state: State, _: TimeNames, text: string): boolean {
  if (
    text.startsWith('Z') &&
    take(state, /^Z/, () => {
      state.isUtc = true;
    })
  )
    return true;
  const colon = text.includes(':') ? ':' : '';
  const count = text.replace(/\D/g, '').length / 2;
  const expression = new RegExp(`^([+-])${Array.from({ length: count }, () => '(\\d\\d)').join(colon)}`);
  return take(state, expression, ([, sign, hours, minutes = '00', seconds = '00']) => {
    const offset = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
    if (Number(hours) > 24 || Number(minutes) > 60 || Number(seconds) > 60)
      throw new Error('has a zone offset out of range');
    state.offset = sign === '-' ? -offset : offset;
  });
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
  if (state.isUtc) return at(unixSecondsOf(date, UTC), UTC);
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
