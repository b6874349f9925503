import { FieldReader, readKeyValue, valueAsText, WIRE_TYPE } from '../../../pdata/index.ts';

/** Attributes in the order of the message; of equal keys all. */
export type Attributes = readonly (readonly [key: string, value: string])[];

/** A double; `bits` where it is NaN, whose payload a number loses and which means something to Prometheus. */
export interface Double {
  readonly number: number;
  readonly bits?: bigint;
}

export interface Exemplar {
  readonly attributes: Attributes;
  readonly value: Double;
  readonly timeUnixNano: bigint;
  readonly traceId: string;
  readonly spanId: string;
}

export interface Buckets {
  readonly offset: number;
  readonly counts: readonly bigint[];
}

/** A data point of any type, with the fields that its type has. */
export interface DataPoint {
  attributes: [string, string][];
  startUnixNano: bigint;
  timeUnixNano: bigint;
  /** Nothing was recorded: the series ends here. */
  stale: boolean;
  value: Double;
  count: bigint;
  sum: Double | undefined;
  bucketCounts: bigint[];
  bounds: number[];
  exemplars: Exemplar[];
  scale: number;
  zeroCount: bigint;
  zeroThreshold: number;
  positive: Buckets;
  negative: Buckets;
  quantiles: { readonly quantile: number; readonly value: Double }[];
}

export type MetricType = 'gauge' | 'sum' | 'histogram' | 'exponentialHistogram' | 'summary';

export interface Metric {
  readonly type: MetricType | undefined;
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly isCumulative: boolean;
  readonly isMonotonic: boolean;
  /** What `prometheus.type` of the metric's metadata says. */
  readonly prometheusType: string;
  readonly points: readonly DataPoint[];
}

export interface Scope {
  readonly name: string;
  readonly version: string;
  readonly attributes: Attributes;
}

export interface ResourceMetrics {
  readonly attributes: Attributes;
  readonly scopes: readonly { readonly scope: Scope; readonly metrics: readonly Metric[] }[];
}

const TYPES: Readonly<Record<number, MetricType>> = {
  5: 'gauge',
  7: 'sum',
  9: 'histogram',
  10: 'exponentialHistogram',
  11: 'summary',
};
const CUMULATIVE = 2;
const NO_BUCKETS: Buckets = { offset: 0, counts: [] };
const ZERO: Double = { number: 0 };

/** Reads an ExportMetricsServiceRequest whose structure was validated, one resource after another. */
export function* readMetrics(bytes: Uint8Array): Generator<ResourceMetrics, void> {
  const request = new FieldReader(bytes);
  while (request.next()) if (request.number === 1) yield readResourceMetrics(request.message());
}

function readResourceMetrics(reader: FieldReader): ResourceMetrics {
  const attributes: [string, string][] = [];
  const scopes: ResourceMetrics['scopes'][number][] = [];
  while (reader.next()) {
    if (reader.number === 1) readAttributes(reader.message(), 1, attributes);
    else if (reader.number === 2) scopes.push(readScopeMetrics(reader.message()));
  }
  return { attributes, scopes };
}

function readAttributes(reader: FieldReader, fieldNumber: number, into: [string, string][]): void {
  while (reader.next()) if (reader.number === fieldNumber) into.push(readAttribute(reader));
}

function readAttribute(reader: FieldReader): [string, string] {
  const { key, value } = readKeyValue(reader.message());
  return [key, valueAsText(value)];
}

function readScopeMetrics(reader: FieldReader): ResourceMetrics['scopes'][number] {
  let scope: Scope = { name: '', version: '', attributes: [] };
  const metrics: Metric[] = [];
  while (reader.next()) {
    if (reader.number === 1) scope = readScope(reader.message());
    else if (reader.number === 2) metrics.push(readMetric(reader.message()));
  }
  return { scope, metrics };
}

function readScope(reader: FieldReader): Scope {
  let [name, version] = ['', ''];
  const attributes: [string, string][] = [];
  while (reader.next()) {
    if (reader.number === 1) name = reader.string();
    else if (reader.number === 2) version = reader.string();
    else if (reader.number === 3) attributes.push(readAttribute(reader));
  }
  return { name, version, attributes };
}

function readMetric(reader: FieldReader): Metric {
  let [name, description, unit] = ['', '', ''];
  let data: Pick<Metric, 'type' | 'isCumulative' | 'isMonotonic' | 'points'> = {
    type: undefined,
    isCumulative: false,
    isMonotonic: false,
    points: [],
  };
  const metadata: [string, string][] = [];
  while (reader.next()) {
    const type = TYPES[reader.number];
    if (reader.number === 1) name = reader.string();
    else if (reader.number === 2) description = reader.string();
    else if (reader.number === 3) unit = reader.string();
    else if (reader.number === 12) metadata.push(readAttribute(reader));
    else if (type !== undefined) data = { type, ...readData(reader.message(), type) };
  }
  const prometheusType = metadata.find(([key]) => key === 'prometheus.type')?.[1] ?? '';
  return { name, description, unit, prometheusType, ...data };
}

function readData(reader: FieldReader, type: MetricType): Pick<Metric, 'isCumulative' | 'isMonotonic' | 'points'> {
  const points: DataPoint[] = [];
  let temporality = 0;
  let isMonotonic = false;
  while (reader.next()) {
    if (reader.number === 1) points.push(READ_POINT[type](reader.message(), emptyPoint()));
    else if (reader.number === 2) temporality = reader.int32();
    else if (reader.number === 3) isMonotonic = reader.bool();
  }
  return { isCumulative: temporality === CUMULATIVE, isMonotonic, points };
}

function emptyPoint(): DataPoint {
  return {
    attributes: [],
    startUnixNano: 0n,
    timeUnixNano: 0n,
    stale: false,
    value: ZERO,
    count: 0n,
    sum: undefined,
    bucketCounts: [],
    bounds: [],
    exemplars: [],
    scale: 0,
    zeroCount: 0n,
    zeroThreshold: 0,
    positive: NO_BUCKETS,
    negative: NO_BUCKETS,
    quantiles: [],
  };
}

type ReadPoint = (reader: FieldReader, point: DataPoint) => DataPoint;

const READ_POINT: Readonly<Record<MetricType, ReadPoint>> = {
  gauge: readNumber,
  sum: readNumber,
  histogram: readHistogram,
  exponentialHistogram: readExponential,
  summary: readSummary,
};

/** The fields that every point has; false for others. */
function readCommon(reader: FieldReader, point: DataPoint, [attributes, flags]: readonly [number, number]): boolean {
  if (reader.number === attributes) point.attributes.push(readAttribute(reader));
  else if (reader.number === flags) point.stale = (reader.uint32() & 1) === 1;
  else if (reader.number === 2) point.startUnixNano = reader.fixed64();
  else if (reader.number === 3) point.timeUnixNano = reader.fixed64();
  else return false;
  return true;
}

function readNumber(reader: FieldReader, point: DataPoint): DataPoint {
  while (reader.next()) {
    if (readCommon(reader, point, [7, 8])) continue;
    if (reader.number === 4) point.value = readDouble(reader);
    else if (reader.number === 6) point.value = { number: Number(reader.sfixed64()) };
    else if (reader.number === 5) point.exemplars.push(readExemplar(reader.message()));
  }
  return point;
}

function readHistogram(reader: FieldReader, point: DataPoint): DataPoint {
  while (reader.next()) {
    if (readCommon(reader, point, [9, 10])) continue;
    if (reader.number === 4) point.count = reader.fixed64();
    else if (reader.number === 5) point.sum = readDouble(reader);
    else if (reader.number === 6)
      pushPacked(reader, WIRE_TYPE.fixed64, (one) => point.bucketCounts.push(one.fixed64()));
    else if (reader.number === 7) pushPacked(reader, WIRE_TYPE.fixed64, (one) => point.bounds.push(one.double()));
    else if (reader.number === 8) point.exemplars.push(readExemplar(reader.message()));
  }
  return point;
}

function readExponential(reader: FieldReader, point: DataPoint): DataPoint {
  while (reader.next()) {
    if (readCommon(reader, point, [1, 10])) continue;
    if (reader.number === 4) point.count = reader.fixed64();
    else if (reader.number === 5) point.sum = readDouble(reader);
    else if (reader.number === 6) point.scale = reader.sint32();
    else if (reader.number === 7) point.zeroCount = reader.fixed64();
    else if (reader.number === 8) point.positive = readBuckets(reader.message());
    else if (reader.number === 9) point.negative = readBuckets(reader.message());
    else if (reader.number === 11) point.exemplars.push(readExemplar(reader.message()));
    else if (reader.number === 14) point.zeroThreshold = reader.double();
  }
  return point;
}

function readSummary(reader: FieldReader, point: DataPoint): DataPoint {
  while (reader.next()) {
    if (readCommon(reader, point, [7, 8])) continue;
    if (reader.number === 4) point.count = reader.fixed64();
    else if (reader.number === 5) point.sum = readDouble(reader);
    else if (reader.number === 6) point.quantiles.push(readQuantile(reader.message()));
  }
  return point;
}

function readQuantile(reader: FieldReader): DataPoint['quantiles'][number] {
  let quantile = 0;
  let value = ZERO;
  while (reader.next()) {
    if (reader.number === 1) quantile = reader.double();
    else if (reader.number === 2) value = readDouble(reader);
  }
  return { quantile, value };
}

function readBuckets(reader: FieldReader): Buckets {
  let offset = 0;
  const counts: bigint[] = [];
  while (reader.next()) {
    if (reader.number === 1) offset = reader.sint32();
    else if (reader.number === 2) pushPacked(reader, WIRE_TYPE.varint, (one) => counts.push(one.uint64()));
  }
  return { offset, counts };
}

function readExemplar(reader: FieldReader): Exemplar {
  const attributes: [string, string][] = [];
  let value = ZERO;
  let timeUnixNano = 0n;
  let [traceId, spanId] = ['', ''];
  while (reader.next()) {
    if (reader.number === 7) attributes.push(readAttribute(reader));
    else if (reader.number === 2) timeUnixNano = reader.fixed64();
    else if (reader.number === 3) value = readDouble(reader);
    else if (reader.number === 6) value = { number: Number(reader.sfixed64()) };
    else if (reader.number === 4) spanId = idText(reader.content());
    else if (reader.number === 5) traceId = idText(reader.content());
  }
  return { attributes, value, timeUnixNano, traceId, spanId };
}

/** Empty where all bytes are zero. */
function idText(bytes: Uint8Array): string {
  return bytes.every((byte) => byte === 0) ? '' : Buffer.from(bytes).toString('hex');
}

function readDouble(reader: FieldReader): Double {
  const number = reader.double();
  return Number.isNaN(number) ? { number, bits: reader.fixed64() } : { number };
}

/** A list of numbers, packed or one by one. */
function pushPacked(
  reader: FieldReader,
  wireType: typeof WIRE_TYPE.varint | typeof WIRE_TYPE.fixed64,
  push: (one: FieldReader) => void,
): void {
  if (reader.wireType !== WIRE_TYPE.lengthDelimited) push(reader);
  else for (const one of reader.packed(wireType)) push(one);
}
