import type { Static } from 'typebox';
import type { Issue } from '../../diagnostics/index.ts';
import type { Counter } from '../../lib/index.ts';
import { type ContextName, compileGroup, type RowStep } from '../../ottl/index.ts';
import { ITEM_NOUN, SIGNALS, type Signal } from '../../pdata/index.ts';
import { type ComponentContext, defineProcessor } from '../component.ts';
import {
  ConditionGroups,
  type ConfiguredGroup,
  checkGroups,
  configuredGroups,
  defaultErrorMode,
  ErrorModeSetting,
  issuesOf,
  Texts,
} from '../settings/ottl.ts';
import { ottlEnvironment } from '../settings/ottl-environment.ts';
import { settingsObject } from '../settings/schema.ts';
import { OttlCounts, type StatementCounts } from './ottl-counts.ts';
import type { OttlEdit } from './ottl-edit.ts';
import { anyOf } from './ottl-sequence.ts';
import { createOttlStage } from './ottl-stage.ts';
import { itemCounters } from './telemetry.ts';

const FilterConfig = settingsObject({
  error_mode: ErrorModeSetting,
  traces: settingsObject({ resource: Texts, span: Texts, spanevent: Texts }),
  metrics: settingsObject({ resource: Texts, metric: Texts, datapoint: Texts }),
  logs: settingsObject({ resource: Texts, log_record: Texts }),
  trace_conditions: ConditionGroups,
  metric_conditions: ConditionGroups,
  log_conditions: ConditionGroups,
});
type FilterConfig = Static<typeof FilterConfig>;

const KEY = { traces: 'trace_conditions', metrics: 'metric_conditions', logs: 'log_conditions' } as const;

/** In the order in which they are asked. */
const LEVELS: Readonly<Record<Signal, readonly (readonly [key: string, context: ContextName])[]>> = {
  traces: [
    ['resource', 'resource'],
    ['span', 'span'],
    ['spanevent', 'spanevent'],
  ],
  metrics: [
    ['resource', 'resource'],
    ['metric', 'metric'],
    ['datapoint', 'datapoint'],
  ],
  logs: [
    ['resource', 'resource'],
    ['log_record', 'log'],
  ],
};

/** Drops what meets a condition of OTTL. */
export const filterProcessor = defineProcessor({
  schema: FilterConfig,
  check: (settings) => SIGNALS.flatMap((signal) => checkSignal(settings, signal)),
  create(settings, context) {
    const counts = new OttlCounts(context);
    const filtered = new Set<Counter>();
    const edit = (signal: Signal) => {
      const made = createEdit(rounds(settings, signal), { context, signal, counts });
      filtered.add(made.filtered);
      return made;
    };
    return {
      attach: (stage) => createOttlStage([edit(stage.signal)], stage),
      edit,
      statements: () => counts.snapshot(),
      filtered: () => ({ processor: context.id, items: [...filtered].reduce((sum, { value }) => sum + value, 0) }),
    };
  },
});

function optionsOf(settings: FilterConfig, signal: Signal) {
  const errorMode = settings.error_mode ?? defaultErrorMode;
  return { signal, for: 'filter', key: KEY[signal], errorMode } as const;
}

/** Groups that are asked in one walk: those of the form by level together, each of the other form alone. */
function rounds(settings: FilterConfig, signal: Signal): readonly (readonly ConfiguredGroup[])[] {
  const byLevel = levelGroups(settings, signal);
  const inferred = configuredGroups(settings[KEY[signal]], optionsOf(settings, signal));
  return [byLevel, ...inferred.map((group) => [group])].filter((round) => round.length > 0);
}

function levelGroups(settings: FilterConfig, signal: Signal): ConfiguredGroup[] {
  const lists = settings[signal] as Readonly<Record<string, readonly string[] | undefined>> | undefined;
  return LEVELS[signal].flatMap(([key, context]) => {
    const conditions = lists?.[key];
    if (conditions === undefined) return [];
    const group = { signal, for: 'filter', context, conditions, statements: [] } as const;
    const errorMode = settings.error_mode ?? defaultErrorMode;
    return [{ group, errorMode, placeOf: (_: string, index: number) => [signal, key, index] }];
  });
}

/** Source: filterprocessor Config.Validate at 0.149. */
function checkSignal(settings: FilterConfig, signal: Signal): Issue[] {
  const key = KEY[signal];
  const byLevel = levelGroups(settings, signal);
  if (settings[key] !== undefined && byLevel.length > 0) {
    const message = `\`${key}\` and \`${signal}\` cannot be used together`;
    return [{ code: 'SL0105', severity: 'error', message, path: [key] }];
  }
  return [
    ...byLevel.flatMap(({ group, placeOf }) => issuesOf(group, placeOf)),
    ...checkGroups(settings[key], optionsOf(settings, signal)),
  ];
}

interface Surroundings {
  readonly context: ComponentContext;
  readonly signal: Signal;
  readonly counts: OttlCounts;
}

function createEdit(
  asked: readonly (readonly ConfiguredGroup[])[],
  { context, signal, counts }: Surroundings,
): OttlEdit & { readonly filtered: Counter } {
  const counted = counts.of(
    signal,
    'condition',
    asked.flat().flatMap(({ group }) => group.conditions),
  );
  let from = 0;
  const walks = asked.map((groups) => {
    const steps = groups.map((one) => {
      const own = counted.slice(from, from + one.group.conditions.length);
      from += own.length;
      return stepOf(one, own, counts);
    });
    return { steps, isLocal: true };
  });
  const filtered = filteredCounter(context, signal);
  return { id: context.id, walks, makesItems: false, filtered, ...itemCounters(context, signal) };
}

function stepOf(
  { group, errorMode }: ConfiguredGroup,
  counted: readonly StatementCounts[],
  counts: OttlCounts,
): RowStep {
  const compiled = compileGroup(group, ottlEnvironment);
  const isMet = anyOf(compiled.conditions, counted, { errorMode, counts });
  return { context: compiled.context, visit: (row) => !isMet(row), removesEmpty: true };
}

/** Source: filterprocessor documentation.md at 0.149. */
function filteredCounter({ id, deps }: ComponentContext, signal: Signal) {
  const help = `Number of ${ITEM_NOUN[signal].people} dropped by the filter processor.`;
  return deps.metrics.counter({ name: `otelcol_processor_filter_${FILTERED[signal]}_filtered`, help }, { filter: id });
}

const FILTERED = { traces: 'spans', metrics: 'datapoints', logs: 'logs' } as const;
