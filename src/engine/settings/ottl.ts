/**
 * What `filter` and `transform` have in common in their settings: texts of OTTL, alone or in groups.
 * Source: transformprocessor config.go and filterprocessor internal/condition/config.go at 0.149.
 */
import type { Static, TSchema } from 'typebox';
import type { Issue } from '../../diagnostics/index.ts';
import { Type } from '../../lib/index.ts';
import { type ContextName, checkGroup, type Group } from '../../ottl/index.ts';
import type { Signal } from '../../pdata/index.ts';
import { oneOf, settingsObject } from './schema.ts';

export const ERROR_MODES = ['ignore', 'silent', 'propagate'] as const;
export type ErrorMode = (typeof ERROR_MODES)[number];

/** What happens when a statement or condition fails. The Collector's default is `propagate`. */
export const ErrorModeSetting = oneOf(...ERROR_MODES);
export const defaultErrorMode: ErrorMode = 'propagate';

export const Texts = Type.Array(Type.String());

const GroupSetting = settingsObject({
  context: Type.String(),
  conditions: Texts,
  statements: Texts,
  error_mode: ErrorModeSetting,
});
type GroupSetting = Static<typeof GroupSetting>;

const ConditionGroupSetting = settingsObject({
  context: Type.String(),
  conditions: Texts,
  error_mode: ErrorModeSetting,
});

/** Texts, or groups of them; `statements` for transform, `conditions` for filter. */
export const StatementGroups = groupsOf(GroupSetting);
export const ConditionGroups = groupsOf(ConditionGroupSetting);

function groupsOf<S extends TSchema>(group: S) {
  return Type.Array(Type.Unsafe<string | GroupSetting>({ anyOf: [{ type: 'string' }, group] }));
}

type Path = readonly (string | number)[];

/** A group, and where its texts stand in the settings. */
export interface ConfiguredGroup {
  readonly group: Group;
  readonly errorMode: ErrorMode;
  placeOf(list: 'conditions' | 'statements', index: number): Path;
}

export interface GroupsOptions {
  readonly signal: Signal;
  readonly for: Group['for'];
  /** Where the list stands in the settings. */
  readonly key: string;
  readonly errorMode: ErrorMode;
}

/** The groups of a list in their order; texts that stand alone are one group, the last. */
export function configuredGroups(
  list: readonly (string | GroupSetting)[] | undefined,
  { signal, for: kind, key, errorMode }: GroupsOptions,
): ConfiguredGroup[] {
  const groups: ConfiguredGroup[] = [];
  const alone: number[] = [];
  for (const [at, entry] of (list ?? []).entries()) {
    if (typeof entry === 'string') {
      alone.push(at);
      continue;
    }
    const { conditions = [], statements = [], context } = entry;
    groups.push({
      group: {
        signal,
        for: kind,
        conditions,
        statements,
        ...(context !== undefined && { context: contextOf(context) }),
      },
      errorMode: entry.error_mode ?? errorMode,
      placeOf: (within, index) => [key, at, within, index],
    });
  }
  if (alone.length === 0) return groups;
  const texts = alone.map((at) => list![at] as string);
  const own = kind === 'filter' ? { conditions: texts, statements: [] } : { conditions: [], statements: texts };
  const placeOf = (_: string, index: number): Path => [key, alone[index]!];
  return [...groups, { group: { signal, for: kind, ...own }, errorMode, placeOf }];
}

/** The Collector takes a context in any case. */
function contextOf(text: string): ContextName {
  return text.toLowerCase() as ContextName;
}

const CONTEXTS: Readonly<Record<Signal, readonly ContextName[]>> = {
  traces: ['resource', 'scope', 'span', 'spanevent'],
  metrics: ['resource', 'scope', 'metric', 'datapoint'],
  logs: ['resource', 'scope', 'log'],
};

/** Everything that is wrong with a list of groups. */
export function checkGroups(list: readonly (string | GroupSetting)[] | undefined, options: GroupsOptions): Issue[] {
  const issues = mixedStyles(list, options);
  for (const { group, placeOf } of configuredGroups(list, options)) {
    const unknown = unknownContext(group, placeOf('statements', 0).slice(0, -2));
    issues.push(...(unknown === undefined ? issuesOf(group, placeOf) : [unknown]));
  }
  return issues;
}

/** As issues of the settings: what the engine tells has no caret within a text. */
export function issuesOf(group: Group, placeOf: ConfiguredGroup['placeOf']): Issue[] {
  return checkGroup(group).problems.map(({ code, severity, message, label, help, ...at }) => {
    const text = group[at.in][at.index] ?? '';
    const part = text.slice(at.start, at.end);
    const whole = part.trim() === '' || part === text;
    return {
      code,
      severity,
      message,
      path: placeOf(at.in, at.index),
      ...(label !== undefined && { label }),
      ...(help !== undefined && { help }),
      notes: [whole ? `in: ${text}` : `at \`${part}\` in: ${text}`],
    };
  });
}

function unknownContext({ context, signal }: Group, path: Path): Issue | undefined {
  if (context === undefined || CONTEXTS[signal].includes(context)) return undefined;
  const message = `the engine has no context \`${context}\` for ${signal}`;
  const notes = [`contexts for ${signal}: ${CONTEXTS[signal].join(', ')}`];
  return { code: 'SL0107', severity: 'error', message, path: [...path, 'context'], notes };
}

/** The Collector does not take groups after texts, nor for filter texts after groups. */
function mixedStyles(list: readonly (string | GroupSetting)[] = [], { key, for: kind }: GroupsOptions): Issue[] {
  const firstText = list.findIndex((entry) => typeof entry === 'string');
  const firstGroup = list.findIndex((entry) => typeof entry !== 'string');
  if (firstText < 0 || firstGroup < 0) return [];
  if (kind === 'transform' && list.slice(firstText).every((entry) => typeof entry === 'string')) return [];
  const message = `\`${key}\` must hold either texts or groups of them, not both`;
  return [{ code: 'SL0105', severity: 'error', message, path: [key, Math.max(firstText, firstGroup)] }];
}
