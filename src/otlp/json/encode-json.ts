import type { Signal } from '../../pdata/index.ts';
import { decodeTree } from './decode-to-object.ts';

/** TypeScript's lib doesn't know it yet: text that JSON.stringify puts into its output as it is. */
const { rawJSON } = JSON as unknown as { readonly rawJSON: (text: string) => object };
const NEGATIVE_ZERO = rawJSON('-0');

/** A validated request as OTLP/JSON text, field by field as the Collector's marshaler and its file exporter write it. */
export function encodeJson(signal: Signal, bytes: Uint8Array): string {
  return JSON.stringify(decodeTree(signal, bytes, (value) => (Object.is(value, -0) ? NEGATIVE_ZERO : value)));
}
