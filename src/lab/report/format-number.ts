import type { Estimate } from '../statistics/estimate.ts';

/** Four significant digits, and all of a whole number, with thousands apart: `99.96`, `0.012`, `12,345`. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '-';
  const rounded = Number(value.toPrecision(4));
  const magnitude = Math.abs(rounded);
  if (magnitude >= 1000) return grouped(Math.round(value));
  if (magnitude !== 0 && magnitude < 1e-4) return rounded.toExponential(1);
  return String(rounded);
}

/** A mean of values of which some are only lower bounds is one itself: `> 4.8`. */
export function formatMean({ mean, censored = 0 }: Pick<Estimate, 'mean' | 'censored'>): string {
  return `${censored > 0 ? '> ' : ''}${formatNumber(mean)}`;
}

/** A ratio for people: `1.02 ×`. */
export function formatRatio(value: number): string {
  return `${value >= 1000 ? formatNumber(value) : String(Number(value.toPrecision(3)))} ×`;
}

/** With its sign, which a difference always has: `+4.2`, `−0.3`. */
export function formatDifference(value: number): string {
  const text = formatNumber(Math.abs(value));
  if (text === '0') return '0';
  return value < 0 ? `−${text}` : `+${text}`;
}

function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}
