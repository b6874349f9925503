import type { Static } from 'typebox';
import { compileGroup, type Row } from '../../ottl/index.ts';
import { SIGNALS, type Signal } from '../../pdata/index.ts';
import { type ComponentContext, defineProcessor } from '../component.ts';
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
import { OttlCounts, type StatementCounts } from './ottl-counts.ts';
import { type OttlEdit, type OttlWalk, writesItselfOnly } from './ottl-edit.ts';
import { allOf, anyOf } from './ottl-sequence.ts';
import { createOttlStage } from './ottl-stage.ts';
import { itemCounters } from './telemetry.ts';

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
    const edit = (signal: Signal) => {
      const groups = configuredGroups(settings[KEY[signal]], optionsOf(settings, signal));
      return createEdit(groups, { context, signal, counts });
    };
    return {
      attach: (stage) => createOttlStage([edit(stage.signal)], stage),
      edit,
      statements: () => counts.snapshot(),
    };
  },
});

function optionsOf(settings: TransformConfig, signal: Signal): GroupsOptions {
  return { signal, for: 'transform', key: KEY[signal], errorMode: settings.error_mode ?? defaultErrorMode };
}

interface Surroundings {
  readonly context: ComponentContext;
  readonly signal: Signal;
  readonly counts: OttlCounts;
}

function createEdit(all: readonly ConfiguredGroup[], { context, signal, counts }: Surroundings): OttlEdit {
  const groups = all.filter(({ group }) => group.statements.length > 0);
  const statements = counts.of(
    signal,
    'statement',
    groups.flatMap(({ group }) => group.statements),
  );
  const conditions = counts.of(
    signal,
    'condition',
    groups.flatMap(({ group }) => group.conditions),
  );
  const from = { statement: 0, condition: 0 };
  const walks = groups.map((one) => {
    const own = {
      statements: statements.slice(from.statement, from.statement + one.group.statements.length),
      conditions: conditions.slice(from.condition, from.condition + one.group.conditions.length),
    };
    from.statement += own.statements.length;
    from.condition += own.conditions.length;
    return walkOf(one, own, counts);
  });
  const makesItems = signal === 'metrics' && walks.length > 0;
  return { id: context.id, walks, makesItems, ...itemCounters(context, signal) };
}

/** A group is done with all rows before the next one begins. */
function walkOf(
  { group, errorMode }: ConfiguredGroup,
  counted: { readonly statements: readonly StatementCounts[]; readonly conditions: readonly StatementCounts[] },
  counts: OttlCounts,
): OttlWalk {
  const { context, statements, conditions } = compileGroup(group, ottlEnvironment);
  const run = allOf(statements, counted.statements, { errorMode, counts });
  const isWanted = anyOf(conditions, counted.conditions, { errorMode, counts });
  const everyRow = group.conditions.length === 0;
  const visit = (row: Row) => {
    if (everyRow || isWanted(row)) run(row);
    return true;
  };
  return { steps: [{ context, visit }], isLocal: writesItselfOnly(group, context) };
}
