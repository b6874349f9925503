import type { JsonValue } from '@bufbuild/protobuf';
import type { Signal } from '../../src/pdata/index.ts';
import { type DynamicMessage, requestFromProtoJson, requestToProtoJson } from './otlp-proto.ts';

/** The ids that OTLP/JSON writes in hexadecimal where protobuf's JSON has base64. */
const ID_KEYS = ['traceId', 'spanId', 'parentSpanId'];

/** A request in OTLP/JSON. */
export function requestToOtlpJson(signal: Signal, message: DynamicMessage): JsonValue {
  return convertIds(requestToProtoJson(signal, message), (base64) => Buffer.from(base64, 'base64').toString('hex'));
}

/** Reads a request from OTLP/JSON. */
export function requestFromOtlpJson(signal: Signal, json: JsonValue): DynamicMessage {
  return requestFromProtoJson(
    signal,
    convertIds(json, (hex) => Buffer.from(hex, 'hex').toString('base64')),
  );
}

/** Attribute keys are values in OTLP's JSON, so an object key of this name is always the field. */
function convertIds(node: JsonValue, convert: (id: string) => string): JsonValue {
  if (Array.isArray(node)) return node.map((child) => convertIds(child, convert));
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [
      key,
      ID_KEYS.includes(key) && typeof value === 'string' ? convert(value) : convertIds(value, convert),
    ]),
  );
}
