/** Numbers and times as the UI shows them. A dash means there is no data, a zero means zero. */

const UNITS = ['', 'k', 'M', 'G', 'T'];

/** `1.2k`, `44.3k`, `210`, `0.4`: three significant digits at most. */
export function shortNumber(n: number): string {
  if (!Number.isFinite(n)) return '–';
  const size = Math.abs(n);
  if (size < 999.5) return String(Number(n.toPrecision(3)));
  let value = n;
  let unit = 0;
  while (Math.abs(value) >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${Number(value.toPrecision(3))}${UNITS[unit]}`;
}

export function thousands(n: number): string {
  return n.toLocaleString('en-US');
}

/** `812 ms`, `1.2 s`, `3 min 20 s`, `15 µs`. */
export function duration(seconds: number): string {
  if (seconds === 0) return '0 s';
  if (seconds < 1e-6) return `${Number((seconds * 1e9).toPrecision(3))} ns`;
  if (seconds < 1e-3) return `${Number((seconds * 1e6).toPrecision(3))} µs`;
  if (seconds < 1) return `${Number((seconds * 1e3).toPrecision(3))} ms`;
  if (seconds < 60) return `${Number(seconds.toPrecision(3))} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3600)} h`;
}

/** Age of the newest item: `0.2 s`, `5 min`. */
export function age(seconds: number | null): string {
  if (seconds === null) return '–';
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

export function bytes(size: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let value = size;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** `10:02:11.123` in local time. Nanoseconds stay in the tooltip. */
export function timeOfDay(rfc3339: string, withMillis = true): string {
  const time = new Date(rfc3339);
  const clock = time.toLocaleTimeString('en-GB');
  return withMillis ? `${clock}.${String(time.getMilliseconds()).padStart(3, '0')}` : clock;
}

/** A number and its UCUM unit, without the unit `1` of plain numbers and the braces of annotations: `12 request`. */
export function withUnit(text: string, unit: string): string {
  const shown = unit.replace(/^1(?=\/|$)/, '').replace(/[{}]/g, '');
  return shown === '' || shown === '/' ? text : `${text}${shown.startsWith('/') ? '' : ' '}${shown}`;
}

/** The clock alone for a time of `today`, else with its day in front: `2025-11-21 10:02:11.123`. */
export function timeOnDay(rfc3339: string, today: string): string {
  const day = isoDay(rfc3339);
  return day === today ? timeOfDay(rfc3339) : `${day} ${timeOfDay(rfc3339)}`;
}

export function isoDay(rfc3339: string): string {
  return new Date(rfc3339).toLocaleDateString('en-CA');
}
