import type { Static } from 'typebox';
import { compileEditor, compileGroup, type Walk } from '../../ottl/index.ts';
import { SIGNALS, type Signal } from '../../pdata/index.ts';
import { type ComponentContext, defineProcessor, type StageContext } from '../component.ts';
import {
  type ConfiguredGroup,
  checkGroups,
  configuredGroups,
  defaultErrorMode,
  ErrorModeSetting,
  type GroupsOptions,
  StatementGroups,
} from '../settings/ottl.ts';
import { ottlEnvironment } from '../settings/ottl-environment.ts';
import { settingsObject } from '../settings/schema.ts';
import { newCounts, OttlCounts, type StatementCounts } from './ottl-counts.ts';
import { allOf, anyOf } from './ottl-sequence.ts';
import { createOttlStage } from './ottl-stage.ts';
import { createPassingStage } from './telemetry.ts';

const TransformConfig = settingsObject({
  error_mode: ErrorModeSetting,
  trace_statements: StatementGroups,
  metric_statements: StatementGroups,
  log_statements: StatementGroups,
});
type TransformConfig = Static<typeof TransformConfig>;

const KEY = { traces: 'trace_statements', metrics: 'metric_statements', logs: 'log_statements' } as const;

/** Runs OTTL statements. */
export const transformProcessor = defineProcessor({
  schema: TransformConfig,
  check: (settings) => SIGNALS.flatMap((signal) => checkGroups(settings[KEY[signal]], optionsOf(settings, signal))),
  create(settings, context) {
    const counts = new OttlCounts(context);
    return {
      attach(stage) {
        const groups = configuredGroups(settings[KEY[stage.signal]], optionsOf(settings, stage.signal));
        return createTransformStage(groups, { context, stage, counts });
      },
      statements: () => counts.snapshot(),
    };
  },
});

function optionsOf(settings: TransformConfig, signal: Signal): GroupsOptions {
  return { signal, for: 'transform', key: KEY[signal], errorMode: settings.error_mode ?? defaultErrorMode };
}

interface Surroundings {
  readonly context: ComponentContext;
  readonly stage: StageContext;
  readonly counts: OttlCounts;
}

function createTransformStage(all: readonly ConfiguredGroup[], { context, stage, counts }: Surroundings) {
  const groups = all.filter(({ group }) => group.statements.length > 0);
  if (groups.length === 0) return createPassingStage(context, stage);
  const counted = counts.of(
    stage.signal,
    groups.flatMap(({ group }) => group.statements),
  );
  let from = 0;
  const walks = groups.map((one) => {
    const own = counted.slice(from, from + one.group.statements.length);
    from += own.length;
    return walkOf(one, own, { context, stage, counts });
  });
  const editor = compileEditor(stage.signal, walks);
  return createOttlStage(context, stage, { editor, makesItems: stage.signal === 'metrics' });
}

/** A group is done with all rows before the next one begins. */
function walkOf(
  { group, errorMode }: ConfiguredGroup,
  counted: readonly StatementCounts[],
  { counts }: Surroundings,
): Walk {
  const compiled = compileGroup(group, ottlEnvironment);
  const run = allOf(compiled.statements, counted, { errorMode, counts });
  const conditionCounts = group.conditions.map(newCounts);
  const isWanted = anyOf(compiled.conditions, conditionCounts, { errorMode, counts });
  const everyRow = group.conditions.length === 0;
  return [
    {
      context: compiled.context,
      visit(row) {
        if (everyRow || isWanted(row)) run(row);
        return true;
      },
    },
  ];
}
