import type { Time } from '../value.ts';
import { abbreviationAt, type CivilTime, civilTime, floorDivide, NANOS_PER_SECOND } from './zone.ts';

/** One part of a layout of Go's package time: text as it is, or what the reference time's spelling stands for. */
export type Chunk =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'fraction'; readonly point: '.' | ','; readonly digits: number; readonly isExact: boolean }
  | { readonly kind: ChunkKind; readonly text: string };

export type ChunkKind =
  | 'long-year'
  | 'year'
  | 'long-month'
  | 'month'
  | 'month-number'
  | 'month-number-0'
  | 'long-weekday'
  | 'weekday'
  | 'day'
  | 'day-_'
  | 'day-0'
  | 'year-day-_'
  | 'year-day-0'
  | 'hour'
  | 'hour-12'
  | 'hour-12-0'
  | 'minute'
  | 'minute-0'
  | 'second'
  | 'second-0'
  | 'PM'
  | 'pm'
  | 'zone-name'
  | 'offset';

/** The longer spelling stands before the shorter one that begins it. */
const SPELLINGS: readonly (readonly [RegExp, ChunkKind])[] = [
  [/^January/, 'long-month'],
  [/^Jan(?![a-z])/, 'month'],
  [/^Monday/, 'long-weekday'],
  [/^Mon(?![a-z])/, 'weekday'],
  [/^MST/, 'zone-name'],
  [/^01/, 'month-number-0'],
  [/^02/, 'day-0'],
  [/^03/, 'hour-12-0'],
  [/^04/, 'minute-0'],
  [/^05/, 'second-0'],
  [/^06/, 'year'],
  [/^002/, 'year-day-0'],
  [/^15/, 'hour'],
  [/^1/, 'month-number'],
  [/^2006/, 'long-year'],
  [/^2/, 'day'],
  [/^_2(?!006)/, 'day-_'],
  [/^__2/, 'year-day-_'],
  [/^3/, 'hour-12'],
  [/^4/, 'minute'],
  [/^5/, 'second'],
  [/^PM/, 'PM'],
  [/^pm/, 'pm'],
  [/^[-Z](?:070000|07:00:00|0700|07:00|07)/, 'offset'],
];

export function parseLayout(layout: string): readonly Chunk[] {
  const chunks: Chunk[] = [];
  let text = '';
  const push = (chunk: Chunk): void => {
    if (text !== '') chunks.push({ kind: 'text', text });
    text = '';
    chunks.push(chunk);
  };
  for (let at = 0; at < layout.length; ) {
    const rest = layout.slice(at);
    const fraction = /^([.,])(0+|9+)(?!\d)/.exec(rest);
    const spelling = SPELLINGS.find(([expression]) => expression.test(rest));
    if (fraction !== null) {
      const [whole, point, digits] = fraction as unknown as readonly [string, '.' | ',', string];
      push({ kind: 'fraction', point, digits: digits.length, isExact: digits[0] === '0' });
      at += whole.length;
    } else if (spelling !== undefined) {
      const [found] = spelling[0].exec(rest)!;
      push({ kind: spelling[1], text: found });
      at += found.length;
    } else {
      text += layout[at];
      at += 1;
    }
  }
  if (text !== '') chunks.push({ kind: 'text', text });
  return chunks;
}

export const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;
export const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;

export function formatTime(time: Time, layout: string | readonly Chunk[]): string {
  const civil = civilTime(time);
  const chunks = typeof layout === 'string' ? parseLayout(layout) : layout;
  return chunks.map((chunk) => formatChunk(chunk, civil, time)).join('');
}

const two = (value: number): string => String(value).padStart(2, '0');

type Formatter = (civil: CivilTime, time: Time, text: string) => string;

const FORMATTERS: Readonly<Record<ChunkKind, Formatter>> = {
  'long-year': ({ year }) => (year < 0 ? '-' : '') + String(Math.abs(year)).padStart(4, '0'),
  year: ({ year }) => two(((year % 100) + 100) % 100),
  'long-month': ({ month }) => MONTHS[month - 1]!,
  month: ({ month }) => MONTHS[month - 1]!.slice(0, 3),
  'month-number': ({ month }) => String(month),
  'month-number-0': ({ month }) => two(month),
  'long-weekday': ({ weekday }) => WEEKDAYS[weekday]!,
  weekday: ({ weekday }) => WEEKDAYS[weekday]!.slice(0, 3),
  day: ({ day }) => String(day),
  'day-_': ({ day }) => String(day).padStart(2),
  'day-0': ({ day }) => two(day),
  'year-day-_': ({ yearDay }) => String(yearDay).padStart(3),
  'year-day-0': ({ yearDay }) => String(yearDay).padStart(3, '0'),
  hour: ({ hour }) => two(hour),
  'hour-12': ({ hour }) => String(hour % 12 || 12),
  'hour-12-0': ({ hour }) => two(hour % 12 || 12),
  minute: ({ minute }) => String(minute),
  'minute-0': ({ minute }) => two(minute),
  second: ({ second }) => String(second),
  'second-0': ({ second }) => two(second),
  PM: ({ hour }) => (hour >= 12 ? 'PM' : 'AM'),
  pm: ({ hour }) => (hour >= 12 ? 'pm' : 'am'),
  'zone-name': (_, { zone, unixNanos }) => abbreviationAt(zone, Number(floorDivide(unixNanos, NANOS_PER_SECOND))),
  offset: ({ offsetSeconds }, _, text) => formatOffset(offsetSeconds, text),
};

function formatChunk(chunk: Chunk, civil: CivilTime, time: Time): string {
  if (chunk.kind === 'text') return chunk.text;
  if (chunk.kind !== 'fraction') return FORMATTERS[chunk.kind](civil, time, chunk.text);
  const digits = String(civil.nanosecond).padStart(9, '0').slice(0, chunk.digits);
  if (chunk.isExact) return chunk.point + digits.padEnd(chunk.digits, '0');
  const significant = digits.replace(/0+$/, '');
  return significant === '' ? '' : chunk.point + significant;
}

function formatOffset(offset: number, text: string): string {
  if (text.startsWith('Z') && offset === 0) return 'Z';
  const all = Math.abs(offset);
  const colon = text.includes(':') ? ':' : '';
  const parts = [two(Math.floor(all / 3600)), two(Math.floor(all / 60) % 60), two(all % 60)];
  const digits = text.replace(/[^\d]/g, '').length;
  return (offset < 0 ? '-' : '+') + parts.slice(0, digits / 2).join(colon);
}
