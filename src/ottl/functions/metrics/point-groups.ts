import { readValue } from '../../rows/wire-value.ts';
import { isList, isMap, type Value } from '../../value.ts';
import { decodeFields } from './codec.ts';
import { readKeyValue } from './key-values.ts';
import { type MetricKind, POINTS, TEMPORALITY } from './metric.ts';
import type { ExponentialPoint, HistogramPoint, NumberPoint } from './points.ts';

export type AnyPoint = NumberPoint & HistogramPoint & ExponentialPoint;

/**
 * Data points that become one: of the same attributes and time; deltas also of the same start, histograms of the same bounds or
 * scale, of minimum and maximum or without, and of the same flags. In the order of their first.
 */
export function groupPoints(kind: MetricKind, temporality: number, points: readonly Uint8Array[]): AnyPoint[][] {
  const groups = new Map<string, AnyPoint[]>();
  for (const bytes of points) {
    const point = decodeFields<AnyPoint>(POINTS[kind], bytes);
    const key = keyOf(point, kind, kind !== 'gauge' && temporality === TEMPORALITY.delta);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [point]);
    else group.push(point);
  }
  return [...groups.values()];
}

function keyOf(point: AnyPoint, kind: MetricKind, byStart: boolean): string {
  const attributes = attributesText(point.attributes);
  const parts: unknown[] = [attributes, String(point.timeUnixNano)];
  if (byStart) parts.push(String(point.startTimeUnixNano));
  if (kind === 'histogram') parts.push(...point.explicitBounds);
  if (kind === 'exponentialHistogram') parts.push(point.scale);
  if (kind === 'histogram' || kind === 'exponentialHistogram') {
    parts.push(point.min !== undefined, point.max !== undefined, point.flags);
  }
  // The Collector puts everything together that it can't write as JSON.
  return attributes === undefined || point.explicitBounds?.some((bound) => !Number.isFinite(bound))
    ? ''
    : JSON.stringify(parts);
}

/** As JSON with sorted keys, in which 1 and 1.0 are the same; undefined for what has no JSON. */
function attributesText(attributes: readonly Uint8Array[]): string | undefined {
  const entries = new Map<string, string | undefined>();
  for (const bytes of attributes) {
    const { key, value } = readKeyValue(bytes);
    entries.set(key, jsonOf(readValue(value, 0, value.length, () => {})));
  }
  return objectText(entries);
}

function objectText(entries: ReadonlyMap<string, string | undefined>): string | undefined {
  const texts: string[] = [];
  for (const key of [...entries.keys()].sort()) {
    const text = entries.get(key);
    if (text === undefined) return undefined;
    texts.push(`${JSON.stringify(key)}:${text}`);
  }
  return `{${texts.join()}}`;
}

function jsonOf(value: Value): string | undefined {
  if (value === undefined) return 'null';
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined;
  if (value instanceof Uint8Array) return `"${[...value].join()}"`;
  if (isList(value)) {
    const texts = value.map(jsonOf);
    return texts.includes(undefined) ? undefined : `[${texts.join()}]`;
  }
  if (isMap(value)) return objectText(new Map([...value.entries()].map(([key, one]) => [key, jsonOf(one)])));
  return JSON.stringify(value);
}
