import { parsePrometheusText, type Sample } from './prometheus-text.ts';

/** Counters whose values must be equal after the same run: what was accepted, refused, sent and lost. */
const COMPARED_VALUES = new RegExp(
  [
    '^otelcol_receiver_(accepted|refused|failed)_',
    '^otelcol_exporter_(sent|send_failed|enqueue_failed)_',
    '^otelcol_processor_(accepted|refused|incoming_items|outgoing_items|filter_|batch_batch_send_size_(sum|count))',
  ].join('|'),
);

/** Values that must be equal. A counter that is still 0 may or may not be exposed already. */
export function comparedValues(text: string): string[] {
  return own(text)
    .filter(({ name, value }) => COMPARED_VALUES.test(name) && value !== 0)
    .map((sample) => `${seriesOf(sample)} ${sample.value}`)
    .sort();
}

/** Names and labels of the series that have counted something; the bounds of buckets are left out. */
export function seriesNames(text: string): string[] {
  const counting = own(text).filter(({ value }) => value !== 0);
  return [...new Set(counting.map(seriesOf))].sort();
}

function own(text: string): Sample[] {
  return parsePrometheusText(text).filter(({ name }) => name.startsWith('otelcol_'));
}

function seriesOf({ name, labels }: Sample): string {
  const kept = Object.entries(labels).filter(([key]) => key !== 'le');
  return `${name}{${kept
    .map(([key, value]) => `${key}="${value}"`)
    .sort()
    .join(',')}}`;
}
