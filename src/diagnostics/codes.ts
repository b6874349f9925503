import type { CodeEntry } from './code-entry.ts';
import { CLUSTER_CODES } from './codes-cluster.ts';
import { COLLECTOR_CODES } from './codes-collector.ts';
import { FILE_CODES } from './codes-files.ts';
import { FLUENT_BIT_CODES } from './codes-fluent-bit.ts';
import { OTTL_CODES } from './codes-ottl.ts';
import { PIPELINE_CODES } from './codes-pipelines.ts';
import { RUNTIME_CODES } from './codes-runtime.ts';
import { USAGE_CODES } from './codes-usage.ts';

export type { CodeEntry } from './code-entry.ts';

/** Every code of the product: 00 YAML, 01 schema, 02 OTTL, 03 lints, 04 references, 05 backends, 06 this machine, 07 cluster, 08 lab, 09 usage. */
export const CODES: readonly CodeEntry[] = [
  ...FILE_CODES,
  ...FLUENT_BIT_CODES,
  ...OTTL_CODES,
  ...PIPELINE_CODES,
  ...COLLECTOR_CODES,
  ...RUNTIME_CODES,
  ...CLUSTER_CODES,
  ...USAGE_CODES,
].sort((a, b) => (a.code < b.code ? -1 : 1));

const BY_CODE: ReadonlyMap<string, CodeEntry> = new Map(CODES.map((entry) => [entry.code, entry]));

/** Looks a code up, in either case; undefined when there is none. */
export function codeEntry(code: string): CodeEntry | undefined {
  return BY_CODE.get(code.toUpperCase());
}
