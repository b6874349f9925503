import type { FunctionSpec } from '../../function.ts';
import { AGGREGATE_EDITORS } from './aggregate.ts';
import { CONVERT_EDITORS } from './convert.ts';
import { COPY_METRIC } from './copy-metric.ts';
import { CONVERT_EXPONENTIAL_HISTOGRAM } from './exponential-histogram.ts';
import { EXTRACT_EDITORS } from './extract.ts';
import { MERGE_HISTOGRAM_BUCKETS } from './merge-buckets.ts';
import { SCALE_METRIC } from './scale-metric.ts';
import { SET_SEMCONV_SPAN_NAME } from './span-name.ts';

export { HAS_ATTRIBUTE_CONVERTERS } from './has-attribute.ts';

/** Editors that only the transform processor has: of metrics as a whole, and the one that names spans. */
export const METRIC_EDITORS: readonly FunctionSpec[] = [
  ...CONVERT_EDITORS,
  ...EXTRACT_EDITORS,
  COPY_METRIC,
  SCALE_METRIC,
  ...AGGREGATE_EDITORS,
  CONVERT_EXPONENTIAL_HISTOGRAM,
  MERGE_HISTOGRAM_BUCKETS,
  SET_SEMCONV_SPAN_NAME,
];
