import type { TimeNames } from './time-parser.ts';

/** The names of months and days in a language. Undefined for a language that the runtime does not know. */
export function timeNames(locale: string): TimeNames | undefined {
  try {
    if (Intl.DateTimeFormat.supportedLocalesOf(locale).length === 0) return undefined;
  } catch {
    return undefined;
  }
  const months = Array.from({ length: 12 }, (_, month) => Date.UTC(2023, month, 15));
  const days = Array.from({ length: 7 }, (_, day) => Date.UTC(2023, 0, 1 + day));
  return {
    longMonths: months.map((date) => spellings(locale, date, 'month', 'long')),
    shortMonths: months.map((date) => spellings(locale, date, 'month', 'short')),
    longDays: days.map((date) => spellings(locale, date, 'weekday', 'long')),
    shortDays: days.map((date) => spellings(locale, date, 'weekday', 'short')),
    halves: [6, 18].map((hour) => halfSpellings(locale, hour)),
  };
}

/** By itself and within a date, which differ where a language declines its months; an abbreviation with and without its point. */
function spellings(
  locale: string,
  date: number,
  part: 'month' | 'weekday',
  width: 'long' | 'short',
): readonly string[] {
  const alone = new Intl.DateTimeFormat(locale, { [part]: width, timeZone: 'UTC' }).format(date);
  const within = new Intl.DateTimeFormat(locale, { [part]: width, day: 'numeric', timeZone: 'UTC' })
    .formatToParts(date)
    .find(({ type }) => type === part)?.value;
  const names = within === undefined ? [alone] : [alone, within];
  return [...new Set(names.flatMap((name) => [name, name.replace(/\.$/, '')]))];
}

/** `p. m.` with and without its spaces. */
function halfSpellings(locale: string, hour: number): readonly string[] {
  const name = new Intl.DateTimeFormat(locale, { hour: 'numeric', hour12: true, timeZone: 'UTC' })
    .formatToParts(Date.UTC(2023, 0, 1, hour))
    .find(({ type }) => type === 'dayPeriod')?.value;
  return name === undefined ? [] : [name, name.replace(/\s/g, ' '), name.replace(/\s/g, '')];
}
