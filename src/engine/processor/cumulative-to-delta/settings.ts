import type { Static } from 'typebox';
import type { Issue } from '../../../diagnostics/index.ts';
import { errorMessage, Type } from '../../../lib/index.ts';
import { compilePattern } from '../../../pdata/index.ts';
import { Count, Duration, oneOf, settingsObject } from '../../settings/schema.ts';

const MatchMetrics = settingsObject({
  match_type: oneOf('strict', 'regexp'),
  regexp: settingsObject({ cacheenabled: Type.Boolean(), cachemaxnumentries: Count }),
  metrics: Type.Array(Type.String()),
  metric_types: Type.Array(Type.String()),
});
type MatchMetrics = Static<typeof MatchMetrics>;

/** Source: cumulativetodeltaprocessor config.go at 0.149. */
export const CumulativeToDeltaConfig = settingsObject({
  max_staleness: Duration,
  initial_value: oneOf('auto', 'keep', 'drop'),
  include: MatchMetrics,
  exclude: MatchMetrics,
});
export type CumulativeToDeltaConfig = Static<typeof CumulativeToDeltaConfig>;

/** The types that can be converted, by the field of a metric that holds them. */
export const CONVERTED_TYPES: ReadonlyMap<number, string> = new Map([
  [7, 'sum'],
  [9, 'histogram'],
  [10, 'exponentialhistogram'],
]);

export type MetricMatch = (metric: { readonly name: string; readonly type: string }) => boolean;

/** Whether a metric is to be converted. */
export function metricMatch({ include, exclude }: CumulativeToDeltaConfig): MetricMatch {
  const [isIncluded, isExcluded] = [matchOf(include, true), matchOf(exclude, false)];
  return (metric) =>
    isIncluded.name(metric.name) &&
    isIncluded.type(metric.type) &&
    !isExcluded.name(metric.name) &&
    !isExcluded.type(metric.type);
}

interface Match {
  readonly name: (name: string) => boolean;
  readonly type: (type: string) => boolean;
}

/** An empty list says nothing, which is `unsaid`. */
function matchOf(
  { match_type: matchType, metrics = [], metric_types: types = [] }: MatchMetrics = {},
  unsaid: boolean,
): Match {
  const wanted = new Set(types.map((type) => type.toLowerCase()));
  const names = new Set(metrics);
  const patterns = matchType === 'regexp' ? metrics.map((one) => compilePattern(one)) : [];
  const ofName = (name: string) =>
    matchType === 'regexp' ? patterns.some((pattern) => pattern.test(name)) : names.has(name);
  return {
    name: metrics.length === 0 ? () => unsaid : ofName,
    type: wanted.size === 0 ? () => unsaid : (type) => wanted.has(type),
  };
}

export function checkCumulativeToDelta(settings: CumulativeToDeltaConfig): Issue[] {
  return (['include', 'exclude'] as const).flatMap((side) => checkMatch(settings[side] ?? {}, side));
}

function checkMatch(
  { match_type: matchType, metrics = [], metric_types: types = [] }: MatchMetrics,
  side: string,
): Issue[] {
  const issues: Issue[] = [];
  const add = (path: readonly (string | number)[], message: string) =>
    issues.push({ code: 'SL0105', severity: 'error', message, path: [side, ...path] });
  if (metrics.length > 0 && matchType === undefined)
    add(['metrics'], '`metrics` needs a `match_type`: strict or regexp');
  if (metrics.length === 0 && matchType !== undefined) add(['match_type'], '`match_type` needs `metrics`');
  types.forEach((type, index) => {
    if ([...CONVERTED_TYPES.values()].includes(type.toLowerCase())) return;
    add(['metric_types', index], '`metric_types` knows sum, histogram and exponentialhistogram');
  });
  if (matchType === 'regexp')
    metrics.forEach((pattern, index) => {
      try {
        compilePattern(pattern);
      } catch (error) {
        add(['metrics', index], `the pattern ${errorMessage(error)}`);
      }
    });
  return issues;
}
