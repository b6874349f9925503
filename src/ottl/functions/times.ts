import { EvaluationError, type FunctionEnvironment, type FunctionSpec, InvalidArgument } from '../function.ts';
import { type Duration, Time, UTC, type Value, type Zone } from '../value.ts';
import { getterOf, getterOr, parameters } from './argument.ts';
import { parseDuration } from './duration-text.ts';
import { type Chunk, formatTime, parseLayout } from './go-layout.ts';
import { toGoLayout } from './time-layout.ts';
import { timeNames } from './time-names.ts';
import { ENGLISH, parseTime, type TimeNames } from './time-parser.ts';
import { type CivilTime, civilTime, findZone, floorDivide, NANOS_PER_SECOND, unixSecondsOf } from './zone.ts';

const SPAN_TIME = 'Time("2024-03-01T10:20:30Z", "%Y-%m-%dT%H:%M:%S%z")';

/** One part of a time's calendar, in the time's own zone. */
function partSpec(name: string, noun: string, part: (civil: CivilTime) => number): FunctionSpec {
  return {
    name,
    parameters: parameters(['time', 'TimeGetter']),
    doc: `Gives the ${noun} of a time.`,
    example: `${name}(${SPAN_TIME})`,
    create([time]) {
      const timeOf = getterOf<Time>(time);
      return (row) => BigInt(part(civilTime(timeOf(row))));
    },
  };
}

/** Whole units since 1970; what does not fit in an int64 wraps as Go's does. */
function unixSpec(name: string, unit: string, nanosPerUnit: bigint): FunctionSpec {
  return {
    name,
    parameters: parameters(['time', 'TimeGetter']),
    doc: `Gives the ${unit} from 1970 to a time.`,
    example: `${name}(${SPAN_TIME})`,
    create([time]) {
      const timeOf = getterOf<Time>(time);
      return (row) => BigInt.asIntN(64, floorDivide(timeOf(row).unixNanos, nanosPerUnit));
    },
  };
}

function durationSpec(name: string, unit: string, convert: (nanos: bigint) => Value): FunctionSpec {
  return {
    name,
    parameters: parameters(['duration', 'DurationGetter']),
    doc: `Gives a duration in ${unit}.`,
    example: `${name}(Duration("1h30m"))`,
    create([duration]) {
      const durationOf = getterOf<Duration>(duration);
      return (row) => convert(durationOf(row).nanos);
    },
  };
}

/** As Go does it: the whole units and the rest each become a double. */
const inUnits =
  (nanosPerUnit: bigint) =>
  (nanos: bigint): number =>
    Number(nanos / nanosPerUnit) + Number(nanos % nanosPerUnit) / Number(nanosPerUnit);

/** Times and durations. */
export const TIME_CONVERTERS: readonly FunctionSpec[] = [
  {
    name: 'Time',
    parameters: parameters(
      ['time', 'StringGetter'],
      ['format', 'string'],
      ['location?', 'string'],
      ['locale?', 'string'],
    ),
    doc: 'Reads a time from text; the format has strptime directives or is a Go layout, and the location is a name such as Europe/Berlin.',
    example: SPAN_TIME,
    create([time, format, location, locale], environment) {
      const textOf = getterOf<string>(time);
      const chunks = layoutOf('Time', format as string);
      const zone = findZone((location as string | undefined) ?? '');
      if (zone === undefined) throw new InvalidArgument(2, `Time: there is no time zone ${location}`);
      const names = locale === undefined ? ENGLISH : timeNames(locale as string);
      if (names === undefined) throw new InvalidArgument(3, `Time: ${locale} is no language that can be read`);
      return (row) => readTime(textOf(row), { chunks, zone, names }, environment);
    },
  },
  {
    name: 'FormatTime',
    parameters: parameters(['time', 'TimeGetter'], ['format', 'string']),
    doc: 'Writes a time as text, with strptime directives or a Go layout.',
    example: `FormatTime(${SPAN_TIME}, "%Y-%m-%d")`,
    create([time, format]) {
      const timeOf = getterOf<Time>(time);
      const chunks = layoutOf('FormatTime', format as string);
      return (row) => formatTime(timeOf(row), chunks);
    },
  },
  {
    name: 'TruncateTime',
    parameters: parameters(['time', 'TimeGetter'], ['duration', 'DurationGetter']),
    doc: 'Rounds a time down to a multiple of a duration.',
    example: `TruncateTime(${SPAN_TIME}, Duration("1m"))`,
    create([time, duration]) {
      const timeOf = getterOf<Time>(time);
      const durationOf = getterOf<Duration>(duration);
      return (row) => {
        const { unixNanos, zone } = timeOf(row);
        const { nanos } = durationOf(row);
        if (nanos <= 0n) return new Time(unixNanos, zone);
        const sinceYearOne = unixNanos + SECONDS_TO_1970 * NANOS_PER_SECOND;
        return new Time(unixNanos - (((sinceYearOne % nanos) + nanos) % nanos), zone);
      };
    },
  },
  {
    name: 'Now',
    parameters: [],
    doc: 'Gives the current time.',
    example: 'Now()',
    create: (_, environment) => () => new Time(environment.now()),
  },
  {
    name: 'Unix',
    parameters: parameters(['seconds', 'IntGetter'], ['nanoseconds?', 'IntGetter']),
    doc: 'Makes a time of seconds, and nanoseconds, since 1970.',
    example: 'Unix(1700000000)',
    create([seconds, nanoseconds]) {
      const secondsOf = getterOf<bigint>(seconds);
      const nanosOf = getterOr<bigint>(nanoseconds, 0n);
      return (row) => new Time(wrapSeconds(secondsOf(row) * NANOS_PER_SECOND + nanosOf(row)));
    },
  },
  unixSpec('UnixSeconds', 'seconds', NANOS_PER_SECOND),
  unixSpec('UnixMilli', 'milliseconds', 1_000_000n),
  unixSpec('UnixMicro', 'microseconds', 1_000n),
  unixSpec('UnixNano', 'nanoseconds', 1n),
  partSpec('Year', 'year', ({ year }) => year),
  partSpec('Month', 'month (1 to 12)', ({ month }) => month),
  partSpec('Day', 'day of the month', ({ day }) => day),
  partSpec('Weekday', 'day of the week (0 is Sunday)', ({ weekday }) => weekday),
  partSpec('Hour', 'hour', ({ hour }) => hour),
  partSpec('Minute', 'minute', ({ minute }) => minute),
  partSpec('Second', 'second', ({ second }) => second),
  partSpec('Nanosecond', 'nanosecond within the second', ({ nanosecond }) => nanosecond),
  {
    name: 'Duration',
    parameters: parameters(['duration', 'StringGetter']),
    doc: 'Reads a duration such as 1h15m30s.',
    example: 'Duration("1h15m30s")',
    create([duration]) {
      const textOf = getterOf<string>(duration);
      return (row) => {
        const text = textOf(row);
        const read = parseDuration(text);
        if (read === undefined)
          throw new EvaluationError(`Duration: ${JSON.stringify(text.slice(0, 100))} is no duration`);
        return read;
      };
    },
  },
  durationSpec('Hours', 'hours, with a fraction', inUnits(3_600_000_000_000n)),
  durationSpec('Minutes', 'minutes, with a fraction', inUnits(60_000_000_000n)),
  durationSpec('Seconds', 'seconds, with a fraction', inUnits(NANOS_PER_SECOND)),
  durationSpec('Milliseconds', 'whole milliseconds', (nanos) => nanos / 1_000_000n),
  durationSpec('Microseconds', 'whole microseconds', (nanos) => nanos / 1_000n),
  durationSpec('Nanoseconds', 'nanoseconds', (nanos) => nanos),
];

/** Go counts and truncates times from the year 1. */
const SECONDS_TO_1970 = 62_135_596_800n;

function layoutOf(functionName: string, format: string): readonly Chunk[] {
  if (format === '') throw new InvalidArgument(1, `${functionName}: the format is empty`);
  try {
    return parseLayout(toGoLayout(format));
  } catch (error) {
    throw new InvalidArgument(1, `${functionName}: ${(error as Error).message}`);
  }
}

interface Reading {
  readonly chunks: readonly Chunk[];
  readonly zone: Zone;
  readonly names: TimeNames;
}

function readTime(text: string, reading: Reading, environment: FunctionEnvironment): Time {
  if (text === '') throw new EvaluationError('Time: the text is empty');
  try {
    return withYear(readInNamedZone(text, reading), environment);
  } catch (error) {
    if (error instanceof EvaluationError) throw error;
    throw new EvaluationError(`Time: ${JSON.stringify(text.slice(0, 100))} ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** A zone's name that the location does not know stands for the zone of that name, as for the Collector. */
function readInNamedZone(text: string, { chunks, zone, names }: Reading): Time {
  const { time } = parseTime(text, chunks, zone, names);
  if (!('offsetSeconds' in time.zone) || time.zone.offsetSeconds !== 0 || time.zone.name === 'UTC') return time;
  const named = findZone(time.zone.name);
  if (named === undefined) throw new Error(`is in the time zone ${time.zone.name}, which is unknown`);
  return parseTime(text, chunks, named, names).time;
}

/** A text without a year is of this year, or of the last one where it would lie more than a week ahead. */
function withYear(time: Time, environment: FunctionEnvironment): Time {
  const civil = civilTime(time);
  if (civil.year > 0) return time;
  const now = environment.now();
  const { year } = civilTime(new Time(now, UTC));
  const inYear = (of: number): bigint =>
    BigInt(unixSecondsOf({ ...civil, year: of }, time.zone)) * NANOS_PER_SECOND + BigInt(civil.nanosecond);
  const isAhead = inYear(year) > now + 7n * 86_400n * NANOS_PER_SECOND;
  return new Time(inYear(isAhead ? year - 1 : year), time.zone);
}

/** Go counts the seconds since the year 1 in 64 bits. */
function wrapSeconds(nanos: bigint): bigint {
  const within = ((nanos % NANOS_PER_SECOND) + NANOS_PER_SECOND) % NANOS_PER_SECOND;
  const seconds = (nanos - within) / NANOS_PER_SECOND;
  return (BigInt.asIntN(64, seconds + SECONDS_TO_1970) - SECONDS_TO_1970) * NANOS_PER_SECOND + within;
}
