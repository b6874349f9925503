import type { LabelNamer } from './label-name.ts';
import type { Exemplar } from './metrics.ts';
import type { Label, SeriesExemplar } from './series.ts';

/** What OpenMetrics allows the labels of an exemplar to have together. */
const MAX_CODE_POINTS = 128;
const NANOS_PER_MS = 1_000_000n;

/** Attributes go along where all labels fit together; ids come first. */
export function promExemplars(exemplars: readonly Exemplar[], namer: LabelNamer): readonly SeriesExemplar[] {
  return exemplars.map(({ attributes, value, timeUnixNano, traceId, spanId }) => {
    const ids: Label[] = [
      ...(traceId === '' ? [] : [['trace_id', traceId] as const]),
      ...(spanId === '' ? [] : [['span_id', spanId] as const]),
    ];
    const length = [...ids, ...attributes].reduce((sum, [name, text]) => sum + [...name].length + [...text].length, 0);
    const labels = length > MAX_CODE_POINTS ? ids : [...ids, ...named(attributes, namer)];
    return { labels, value, timestampMs: timeUnixNano / NANOS_PER_MS };
  });
}

function named(attributes: Exemplar['attributes'], namer: LabelNamer): readonly Label[] {
  return attributes.flatMap(([key, value]) => {
    const name = namer(key);
    return name === undefined ? [] : [[name, value] as const];
  });
}
