import { WireWriter } from '../../../pdata/index.ts';
import type { Double } from './metrics.ts';
import type { BucketSpan, NativeBuckets, NativeHistogram, Series } from './series.ts';
import { SymbolTable } from './symbol-table.ts';
import type { Translation } from './translate.ts';

/** Field numbers that differ between the versions. */
interface HistogramFields {
  readonly startMs?: number;
}
const HISTOGRAM_V1: HistogramFields = {};
const HISTOGRAM_V2: HistogramFields = { startMs: 17 };

/** `prometheus.WriteRequest`s below `maxBytes`, unless one series is larger. Metadata go in requests of their own, as the Collector sends them. */
export function encodeV1({ series, metadata }: Translation, maxBytes: number): readonly Uint8Array[] {
  return [...packed(series.map(timeSeriesV1), maxBytes), ...packed(metadata.map(metadataV1), maxBytes)];
}

/** `io.prometheus.write.v2.Request`s: every text stands once, in the table of the request that refers to it. */
export function encodeV2(series: readonly Series[], maxBytes: number): readonly Uint8Array[] {
  const requests: Uint8Array[] = [];
  let table = new SymbolTable();
  let parts: Uint8Array[] = [];
  let size = 0;
  for (const one of series) {
    const symbols = table.length;
    let part = timeSeriesV2(one, table);
    if (parts.length > 0 && size + part.length + table.sizeBytes > maxBytes) {
      table.cutTo(symbols);
      requests.push(Buffer.concat([table.encoded(), ...parts]));
      table = new SymbolTable();
      part = timeSeriesV2(one, table);
      parts = [];
      size = 0;
    }
    parts.push(part);
    size += part.length;
  }
  if (parts.length > 0) requests.push(Buffer.concat([table.encoded(), ...parts]));
  return requests;
}

function packed(parts: readonly Uint8Array[], maxBytes: number): readonly Uint8Array[] {
  const requests: Uint8Array[] = [];
  let gathered: Uint8Array[] = [];
  let size = 0;
  for (const part of parts) {
    if (gathered.length > 0 && size + part.length >= maxBytes) {
      requests.push(Buffer.concat(gathered));
      gathered = [];
      size = 0;
    }
    gathered.push(part);
    size += part.length;
  }
  if (gathered.length > 0) requests.push(Buffer.concat(gathered));
  return requests;
}

/** With the tag of a series in a request. */
function timeSeriesV1({ labels, samples, exemplars, histograms }: Series): Uint8Array {
  const writer = new WireWriter(256);
  const series = writer.beginMessage(1);
  writeLabels(writer, labels);
  for (const { value, timestampMs } of samples) {
    const sample = writer.beginMessage(2);
    writeDouble(writer, 1, value);
    if (timestampMs !== 0n) writer.int64Field(2, timestampMs);
    writer.endMessage(sample);
  }
  for (const { labels: own, value, timestampMs } of exemplars) {
    const exemplar = writer.beginMessage(3);
    writeLabels(writer, own);
    writeDouble(writer, 2, value);
    writer.int64Field(3, timestampMs);
    writer.endMessage(exemplar);
  }
  for (const one of histograms) writeHistogram(writer, 4, { histogram: one, fields: HISTOGRAM_V1 });
  writer.endMessage(series);
  return writer.finish();
}

function writeLabels(writer: WireWriter, labels: Series['labels']): void {
  for (const [name, value] of labels) {
    const label = writer.beginMessage(1);
    writer.stringField(1, name);
    writer.stringField(2, value);
    writer.endMessage(label);
  }
}

function metadataV1({ type, name, help, unit }: Translation['metadata'][number]): Uint8Array {
  const writer = new WireWriter(128);
  const metadata = writer.beginMessage(3);
  writer.int32Field(1, type);
  writer.stringField(2, name);
  writer.stringField(4, help);
  writer.stringField(5, unit);
  writer.endMessage(metadata);
  return writer.finish();
}

function timeSeriesV2({ labels, metadata, samples, exemplars, histograms }: Series, table: SymbolTable): Uint8Array {
  const writer = new WireWriter(256);
  const series = writer.beginMessage(5);
  writeRefs(writer, labels, table);
  for (const { value, timestampMs, startMs } of samples) {
    const sample = writer.beginMessage(2);
    writeDouble(writer, 1, value);
    if (timestampMs !== 0n) writer.int64Field(2, timestampMs);
    if (startMs !== 0n) writer.int64Field(3, startMs);
    writer.endMessage(sample);
  }
  for (const one of histograms) writeHistogram(writer, 3, { histogram: one, fields: HISTOGRAM_V2 });
  for (const { labels: own, value, timestampMs } of exemplars) {
    const exemplar = writer.beginMessage(4);
    writeRefs(writer, own, table);
    writeDouble(writer, 2, value);
    writer.int64Field(3, timestampMs);
    writer.endMessage(exemplar);
  }
  const about = writer.beginMessage(5);
  writer.int32Field(1, metadata.type);
  writer.int32Field(3, table.ref(metadata.help));
  writer.int32Field(4, table.ref(metadata.unit));
  writer.endMessage(about);
  writer.endMessage(series);
  return writer.finish();
}

function writeRefs(writer: WireWriter, labels: Series['labels'], table: SymbolTable): void {
  const refs = writer.beginMessage(1);
  for (const [name, value] of labels) {
    writer.varint(table.ref(name));
    writer.varint(table.ref(value));
  }
  writer.endMessage(refs);
}

function writeHistogram(
  writer: WireWriter,
  fieldNumber: number,
  { histogram, fields }: { readonly histogram: NativeHistogram; readonly fields: HistogramFields },
): void {
  const message = writer.beginMessage(fieldNumber);
  writer.int64Field(1, histogram.count);
  writeDouble(writer, 3, histogram.sum);
  writer.int32Field(4, zigzag(histogram.schema));
  writer.doubleField(5, histogram.zeroThreshold);
  writer.int64Field(6, histogram.zeroCount);
  writeBuckets(writer, histogram.negative, [8, 9]);
  writeBuckets(writer, histogram.positive, [11, 12]);
  writer.int64Field(15, histogram.timestampMs);
  if (fields.startMs !== undefined && histogram.startMs !== 0n) writer.int64Field(fields.startMs, histogram.startMs);
  writer.endMessage(message);
}

function writeBuckets(
  writer: WireWriter,
  { spans, deltas }: NativeBuckets,
  [spanField, deltaField]: readonly [number, number],
): void {
  for (const span of spans) writeSpan(writer, spanField, span);
  if (deltas.length === 0) return;
  const list = writer.beginMessage(deltaField);
  for (const delta of deltas) writer.varint64((delta << 1n) ^ (delta >> 63n));
  writer.endMessage(list);
}

function writeSpan(writer: WireWriter, fieldNumber: number, { offset, length }: BucketSpan): void {
  const span = writer.beginMessage(fieldNumber);
  writer.int32Field(1, zigzag(offset));
  writer.int32Field(2, length);
  writer.endMessage(span);
}

function writeDouble(writer: WireWriter, fieldNumber: number, { number, bits }: Double): void {
  if (bits === undefined) writer.doubleField(fieldNumber, number);
  else writer.fixed64Field(fieldNumber, bits);
}

function zigzag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}
