import type { EngineSnapshot, StatementSnapshot } from '../../flow/index.ts';
import type { PipelineRules, RuleStatus } from '../api.ts';
import type { PipelineRef } from './pipeline-ref.ts';

/** A rule that failed longer ago is well again, or its data has stopped. */
const FAILURE_WINDOW_MS = 300_000;
const LONGEST_TEXT = 200;
/** Of one pipeline, on its own page. */
export const MOST_RULES = 500;
/** Of all pipelines together, in a document that is sent every second; and of one of them. */
const MOST_RULES_OF_ALL = 200;
const MOST_RULES_OF_EACH = 20;

/** What became of rules, by the component that runs them. */
export type StatementsOf = ReadonlyMap<string, readonly StatementSnapshot[]>;

export function statementsOf({ statements = [] }: EngineSnapshot): StatementsOf {
  return Map.groupBy(statements, ({ processor }) => processor);
}

/** How many rules of each pipeline are shown where all pipelines are; none is left out where there are few. */
export function shareOfEach(refs: readonly PipelineRef[]): number {
  const withRules = refs.filter(({ rules }) => rules !== undefined).length;
  return Math.max(1, Math.min(MOST_RULES_OF_EACH, Math.floor(MOST_RULES_OF_ALL / Math.max(1, withRules))));
}

export interface RuleOptions {
  readonly statements: StatementsOf;
  readonly nowMs: number;
  /** How many are shown: those that failed first, then from the top. */
  readonly most: number;
}

/** The rules of a pipeline in the order they run; undefined for one without. */
export function pipelineRules(
  { rules }: Pick<PipelineRef, 'rules'>,
  { statements, nowMs, most }: RuleOptions,
): PipelineRules | undefined {
  const all = (rules?.processors ?? []).flatMap((processor) => statements.get(processor) ?? []);
  if (rules === undefined || all.length === 0) return undefined;
  const failed = all.filter((one) => one.failed > 0);
  const shown = new Set([...failed, ...all.slice(0, most)].slice(0, most));
  const told = (one: StatementSnapshot) => statusOf(one, rules.placeOf(one));
  const [dropper] = all.filter(isDropping).toSorted((a, b) => b.matched - a.matched);
  return {
    count: all.length,
    failing: failed.filter(({ lastFailedMs = 0 }) => nowMs - lastFailedMs < FAILURE_WINDOW_MS).length,
    items: all.filter((one) => shown.has(one)).map(told),
    ...(dropper === undefined || dropper.matched === 0 ? {} : { dropsMost: told(dropper) }),
  };
}

/** Whether a rule that is told of has failed a moment ago. */
export function isFailing({ lastFailedAt }: RuleStatus, nowMs: number): boolean {
  return lastFailedAt !== undefined && nowMs - Date.parse(lastFailedAt) < FAILURE_WINDOW_MS;
}

/** `telemetry.yaml:14` behind the rule, where that is known. */
export function ruleName({ field, source }: RuleStatus): string {
  const name = field.replace(/^spec\./, '');
  return source === undefined ? name : `${name} (${source.file}:${source.line})`;
}

function isDropping({ processor }: StatementSnapshot): boolean {
  return processor.startsWith('filter');
}

function statusOf(
  { part, text, asked, matched, failed, lastError, lastFailedMs, processor }: StatementSnapshot,
  place: ReturnType<NonNullable<PipelineRef['rules']>['placeOf']>,
): RuleStatus {
  return {
    field: place?.field ?? processor,
    part,
    text: short(text),
    asked,
    matched,
    failed,
    ...(lastError === undefined ? {} : { error: short(lastError) }),
    ...(lastFailedMs === undefined ? {} : { lastFailedAt: new Date(lastFailedMs).toISOString() }),
    ...(place?.source === undefined ? {} : { source: place.source }),
  };
}

function short(text: string): string {
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT).toWellFormed()}…`;
}
