/** The paths of metrics and of their data points, as pkg/ottl/contexts has them at 0.149. */
import type { MessageName } from '../../pdata/index.ts';
import type { Place } from '../paths.ts';
import { addressOf, boolField, doubleField, type Field, intField, textField, timeField } from './field.ts';
import { messageField, messageListField, numberListField } from './opaque.ts';
import { attributesPlace, fieldPlace, unexpected } from './place.ts';
import { attributesEntry, entriesFor, type PlaceEntry, type PlaceTable, unkeyed } from './place-table.ts';
import type { RowView } from './row-view.ts';

/** Kinds of metrics and what their data points are, in pdata's order. */
const KINDS: readonly { readonly data: MessageName; readonly point: MessageName; readonly goType: string }[] = [
  { data: 'Gauge', point: 'NumberDataPoint', goType: 'pmetric.NumberDataPointSlice' },
  { data: 'Sum', point: 'NumberDataPoint', goType: 'pmetric.NumberDataPointSlice' },
  { data: 'Histogram', point: 'HistogramDataPoint', goType: 'pmetric.HistogramDataPointSlice' },
  {
    data: 'ExponentialHistogram',
    point: 'ExponentialHistogramDataPoint',
    goType: 'pmetric.ExponentialHistogramDataPointSlice',
  },
  { data: 'Summary', point: 'SummaryDataPoint', goType: 'pmetric.SummaryDataPointSlice' },
];

const NUMBER: readonly MessageName[] = ['NumberDataPoint'];
const HISTOGRAM: readonly MessageName[] = ['HistogramDataPoint'];
const EXPONENTIAL: readonly MessageName[] = ['ExponentialHistogramDataPoint'];
const SUMMARY: readonly MessageName[] = ['SummaryDataPoint'];
const COUNTED = [...HISTOGRAM, ...EXPONENTIAL, ...SUMMARY];
const WITH_EXEMPLARS = [...NUMBER, ...HISTOGRAM, ...EXPONENTIAL];
const ALL = [...NUMBER, ...COUNTED];

function metricPlaces(): PlaceTable {
  const field = entriesFor((row) => row.item, 'refused');
  return {
    name: field(textField('Metric', 'name')),
    description: field(textField('Metric', 'description')),
    unit: field(textField('Metric', 'unit')),
    // Setting it does nothing upstream either: the data points would not fit.
    type: unkeyed({ get: (row) => BigInt((row as RowView).metricKind), set() {} }),
    aggregation_temporality: unkeyed(
      dataPlace(
        KINDS.map(({ data }) =>
          ['Sum', 'Histogram', 'ExponentialHistogram'].includes(data)
            ? intField(data, 'aggregationTemporality')
            : undefined,
        ),
        intField('Sum', 'aggregationTemporality'),
      ),
    ),
    is_monotonic: unkeyed(
      dataPlace(
        KINDS.map(({ data }) => (data === 'Sum' ? boolField(data, 'isMonotonic') : undefined)),
        boolField('Sum', 'isMonotonic'),
      ),
    ),
    data_points: unkeyed(dataPlace(KINDS.map(({ data, goType }) => messageListField(data, 'dataPoints', goType)))),
    metadata: attributesEntry((row) => row.item.attributes(12)),
  };
}

/** A place in the Gauge, Sum … of a metric; kinds that lack the field have no value there and take any of its type. */
function dataPlace(fields: readonly (Field | undefined)[], always?: Field): Place {
  return {
    get(row) {
      const view = row as RowView;
      const field = fields[view.metricKind - 1];
      return field === undefined ? undefined : field.get(view.metricData!);
    },
    set(row, value) {
      const view = row as RowView;
      const field = fields[view.metricKind - 1];
      const type = field ?? always;
      if (type !== undefined && !type.accepts(value)) throw unexpected(type.goType, value);
      if (field !== undefined) field.set(view.metricData!, value);
    },
  };
}

function pointPlaces(): PlaceTable {
  return {
    attributes: attributesOfPoint(),
    start_time_unix_nano: pointEntry(ALL, (message) => intField(message, 'startTimeUnixNano')),
    time_unix_nano: pointEntry(ALL, (message) => intField(message, 'timeUnixNano')),
    start_time: pointEntry(ALL, (message) => timeField(message, 'startTimeUnixNano')),
    time: pointEntry(ALL, (message) => timeField(message, 'timeUnixNano')),
    value_double: pointEntry(NUMBER, (message) => doubleField(message, 'asDouble')),
    value_int: pointEntry(NUMBER, (message) => intField(message, 'asInt')),
    exemplars: pointEntry(WITH_EXEMPLARS, (message) => messageListField(message, 'exemplars', 'pmetric.ExemplarSlice')),
    flags: pointEntry(ALL, (message) => intField(message, 'flags')),
    count: pointEntry(COUNTED, (message) => intField(message, 'count')),
    sum: pointEntry(COUNTED, (message) => doubleField(message, 'sum')),
    bucket_counts: pointEntry(HISTOGRAM, (message) => numberListField(message, 'bucketCounts')),
    explicit_bounds: pointEntry(HISTOGRAM, (message) => numberListField(message, 'explicitBounds')),
    scale: pointEntry(EXPONENTIAL, (message) => intField(message, 'scale')),
    zero_count: pointEntry(EXPONENTIAL, (message) => intField(message, 'zeroCount')),
    positive: bucketsEntry('positive'),
    negative: bucketsEntry('negative'),
    quantile_values: pointEntry(SUMMARY, (message) =>
      messageListField(message, 'quantileValues', 'pmetric.SummaryDataPointValueAtQuantileSlice'),
    ),
  };
}

function attributesOfPoint(): PlaceEntry {
  const numbers = [0, ...KINDS.map(({ point }) => addressOf(point, 'attributes').number)];
  return { place: (keys) => attributesPlace((row) => row.point.attributes(numbers[row.pointKind]!), keys) };
}

function bucketsEntry(name: 'positive' | 'negative'): PlaceEntry {
  const offset = intField('Buckets', 'offset');
  const counts = numberListField('Buckets', 'bucketCounts');
  const { tag } = addressOf('ExponentialHistogramDataPoint', name);
  const buckets = pointEntry(EXPONENTIAL, (message) =>
    messageField(message, name, {
      message: 'Buckets',
      goType: 'pmetric.ExponentialHistogramDataPointBuckets',
      fields: { offset, bucket_counts: counts },
    }),
  );
  const within = (field: Field) =>
    unkeyed(onPoints(EXPONENTIAL, () => fieldPlace((row) => row.point.child(tag), field, 'ignored')));
  return { ...buckets, next: { offset: within(offset), bucket_counts: within(counts) } };
}

function pointEntry(messages: readonly MessageName[], fieldOf: (message: MessageName) => Field): PlaceEntry {
  return unkeyed(onPoints(messages, (message) => fieldPlace((row) => row.point, fieldOf(message), 'ignored')));
}

/** A place for data points of some kinds; others have no value there, and setting it is passed over. */
function onPoints(messages: readonly MessageName[], placeOf: (message: MessageName) => Place): Place {
  const places = [undefined, ...KINDS.map(({ point }) => (messages.includes(point) ? placeOf(point) : undefined))];
  return {
    get: (row) => places[(row as RowView).pointKind]?.get(row),
    set: (row, value) => places[(row as RowView).pointKind]?.set?.(row, value),
  };
}

export const METRIC_PLACES = { metric: metricPlaces(), datapoint: pointPlaces() };
