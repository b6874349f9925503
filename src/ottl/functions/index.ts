import type { FunctionSpec } from '../function.ts';
import { CASE_CONVERTERS } from './cases.ts';
import { CSV_CONVERTERS } from './csv.ts';
import { ENCODING_CONVERTERS } from './encodings.ts';
import { FLATTEN } from './flatten.ts';
import { PATTERN_CONVERTERS } from './grok.ts';
import { HASH_CONVERTERS } from './hashes.ts';
import { IP_CONVERTERS } from './ip.ts';
import { JSON_CONVERTERS } from './json.ts';
import { KEY_VALUE_CONVERTERS } from './key-values.ts';
import { LIST_EDITORS } from './list-editors.ts';
import { LIST_CONVERTERS } from './lists.ts';
import { MAP_EDITORS } from './map-editors.ts';
import { HAS_ATTRIBUTE_CONVERTERS, METRIC_EDITORS } from './metrics/index.ts';
import { NUMBER_CONVERTERS } from './numbers.ts';
import { REPLACE_EDITORS } from './replace-editors.ts';
import { SEVERITY_CONVERTERS } from './severity.ts';
import { SPAN_CONVERTERS } from './spans.ts';
import { STRING_CONVERTERS } from './strings.ts';
import { TIME_CONVERTERS } from './times.ts';
import { TYPE_CONVERTERS } from './types.ts';
import { URL_CONVERTERS } from './urls.ts';
import { XML_CONVERTERS } from './xml.ts';

/** What changes the row: statements begin with one. Those of metrics stand in metrics/. */
export const EDITORS: readonly FunctionSpec[] = [
  ...LIST_EDITORS,
  ...MAP_EDITORS,
  FLATTEN,
  ...REPLACE_EDITORS,
  ...METRIC_EDITORS,
];

/** What computes a value. */
export const CONVERTERS: readonly FunctionSpec[] = [
  ...STRING_CONVERTERS,
  ...CASE_CONVERTERS,
  ...TYPE_CONVERTERS,
  ...NUMBER_CONVERTERS,
  ...LIST_CONVERTERS,
  ...PATTERN_CONVERTERS,
  ...JSON_CONVERTERS,
  ...KEY_VALUE_CONVERTERS,
  ...CSV_CONVERTERS,
  ...XML_CONVERTERS,
  ...SEVERITY_CONVERTERS,
  ...URL_CONVERTERS,
  ...IP_CONVERTERS,
  ...TIME_CONVERTERS,
  ...ENCODING_CONVERTERS,
  ...HASH_CONVERTERS,
  ...SPAN_CONVERTERS,
  ...HAS_ATTRIBUTE_CONVERTERS,
];

/** Functions that the Collector has at 0.149 and this engine lacks. */
export const MISSING: readonly string[] = ['UserAgent'];
