import type { FunctionSpec } from '../function.ts';
import { LIST_EDITORS } from './list-editors.ts';
import { MAP_EDITORS } from './map-editors.ts';
import { HAS_ATTRIBUTE_CONVERTERS, METRIC_EDITORS } from './metrics/index.ts';
import { REPLACE_EDITORS } from './replace-editors.ts';
import { STRING_CONVERTERS } from './strings.ts';
import { TIME_CONVERTERS } from './times.ts';
import { TYPE_CONVERTERS } from './types.ts';

/** What changes the row: statements begin with one. Those of metrics stand in metrics/. */
export const EDITORS: readonly FunctionSpec[] = [
  ...LIST_EDITORS,
  ...MAP_EDITORS,
  ...REPLACE_EDITORS,
  ...METRIC_EDITORS,
];

/** What computes a value. */
export const CONVERTERS: readonly FunctionSpec[] = [
  ...STRING_CONVERTERS,
  ...TYPE_CONVERTERS,
  ...TIME_CONVERTERS,
  ...HAS_ATTRIBUTE_CONVERTERS,
];

/** Functions that the Collector has at 0.149 and this engine lacks. */
export const MISSING: readonly string[] = ['UserAgent'];
