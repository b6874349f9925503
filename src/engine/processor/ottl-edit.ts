import type { Counter } from '../../lib/index.ts';
import type { ComponentId } from '../../otelcol/index.ts';
import type { ContextName, Group, RowStep, Walk } from '../../ottl/index.ts';

/** What a group of statements or conditions does on its way through a request. */
export interface OttlWalk {
  readonly steps: Walk;
  /** It writes nothing but the row that it is on, or what stands in that. */
  readonly isLocal: boolean;
}

/** What a processor does with requests of one signal. Neighbours in a pipeline become one stage, which writes a request once. */
export interface OttlEdit {
  readonly id: ComponentId;
  /** One after the other; without any, requests go on as they are. */
  readonly walks: readonly OttlWalk[];
  /** Statements may make items of others, or one of several. */
  readonly makesItems: boolean;
  readonly incoming: Counter;
  readonly outgoing: Counter;
  /** Items that were dropped, under the Collector's name. */
  readonly filtered?: Counter;
}

const DEPTH: Readonly<Record<ContextName, number>> = {
  resource: 0,
  scope: 1,
  span: 2,
  metric: 2,
  log: 2,
  spanevent: 3,
  datapoint: 3,
};

/** As few walks as do the same: one joins the walk before it if it is on the same rows or below, and neither writes elsewhere. */
export function joinedWalks(walks: readonly OttlWalk[]): Walk[] {
  const joined: { steps: RowStep[]; isLocal: boolean }[] = [];
  for (const { steps, isLocal } of walks) {
    const last = joined.at(-1);
    if (last?.isLocal === true && isLocal && highest(steps) >= lowest(last.steps)) last.steps.push(...steps);
    else joined.push({ steps: [...steps], isLocal });
  }
  return joined.map(({ steps }) => steps);
}

function highest(steps: Walk): number {
  return Math.min(...steps.map(({ context }) => DEPTH[context]));
}

function lowest(steps: Walk): number {
  return Math.max(...steps.map(({ context }) => DEPTH[context]));
}

/** Names of what a row stands in, and of functions that add to it. */
const ABOVE: Readonly<Record<ContextName, RegExp>> = {
  resource: /(?!)/,
  scope: /\bresource\b/,
  span: /\b(?:resource|scope|instrumentation_scope)\b/,
  log: /\b(?:resource|scope|instrumentation_scope)\b/,
  metric: /\b(?:resource|scope|instrumentation_scope|copy_metric|extract_\w+|convert_\w+)\b/,
  spanevent: /\b(?:resource|scope|instrumentation_scope|span)\b/,
  datapoint: /\b(?:resource|scope|instrumentation_scope|metric|convert_\w+)\b/,
};

/** Whether statements write nothing above their row: certainly, if they do not even name it. */
export function writesItselfOnly({ statements }: Group, context: ContextName): boolean {
  return !statements.some((text) => ABOVE[context].test(text));
}
