import type { Signal } from '../pdata/index.ts';
import type { Item } from './item.ts';
import type { Change } from './values.ts';

/** One statement or condition that a user wrote. */
export interface Rule {
  /** `spec.transform[0].statements[1]` */
  readonly field: string;
  readonly stage: 'transform' | 'filter';
  readonly part: 'statement' | 'condition';
  readonly text: string;
}

/** Where the rule stands in the document of its resource. */
export function rulePath({ field }: Pick<Rule, 'field'>): readonly (string | number)[] {
  const steps = field.split(/[.[\]]+/).filter((step) => step !== '');
  return steps.map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}

/** What a rule did to all items together. */
export interface RuleOutcome extends Rule {
  /** Items for which the condition was true, or the statement ran. */
  readonly matched: number;
  /** Items for which it could not be evaluated; it is as if the rule were not there. */
  readonly failed: number;
  /** Why, the first time. */
  readonly error?: string;
}

export interface ItemOutcome {
  readonly before: Item;
  /** Absent: it was dropped. What one item became: usually one. */
  readonly after: readonly Item[];
  /** The rule that dropped it, by its place in `rules`. */
  readonly droppedBy?: number;
  readonly changes: readonly Change[];
  /** Places in `rules` of those that matched and of those that failed. */
  readonly matched: readonly number[];
  readonly failed: readonly number[];
}

/** What the rules of a pipeline do to some items, one by one. */
export interface Preview {
  readonly signal: Signal;
  readonly rules: readonly RuleOutcome[];
  readonly items: readonly ItemOutcome[];
}
