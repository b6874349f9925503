import type { Condition } from '../../pipeline/index.ts';
import type { CrashedGeneration } from './kept-resource.ts';

/** What people read in a table and in `kubectl describe`. Source: the form of messages in the design. */
const MOST_CHARACTERS = 256;

interface Generations {
  readonly present: number;
  /** The one that runs; absent: none does. */
  readonly runs?: number;
}

/** The condition of a resource of which an earlier generation runs, or which has an error and may be long. */
export function keptCondition(condition: Condition, { present, runs }: Generations): Condition {
  if (condition.status === 'True') return condition;
  if (runs === undefined || runs === present) return { ...condition, message: cut(condition.message) };
  const [head, tail] = [`generation ${present} is invalid: `, `; generation ${runs} keeps running`];
  return {
    ...condition,
    message: `${head}${cut(condition.message, MOST_CHARACTERS - head.length - tail.length)}${tail}`,
  };
}

/** A generation that may not be tried again. */
export function crashedCondition({ workload, how }: CrashedGeneration): Condition {
  return {
    type: 'ConfigurationGenerated',
    status: 'False',
    reason: 'CollectorCrashed',
    message: `with it \`${workload}\` ${how}, so it was taken back until the pipeline or a Secret of it is edited`,
  };
}

/** The text, or its beginning. */
export function cut(text: string, most = MOST_CHARACTERS): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).trimEnd()}…`;
}
