import type { FunctionSpec } from './function.ts';
import { CONVERTERS, EDITORS, MISSING } from './functions/index.ts';
import { isUpper } from './parse-value.ts';
import type { ContextName } from './row.ts';

/** Every function there is, editors first. */
export const FUNCTIONS: readonly FunctionSpec[] = [...EDITORS, ...CONVERTERS];

/** Functions of the Collector that the engine lacks. */
export const MISSING_FUNCTIONS: ReadonlySet<string> = new Set(MISSING);

/** Functions of the filter processor alone. */
const FILTER_ONLY: ReadonlySet<string> = new Set(['HasAttrOnDatapoint', 'HasAttrKeyOnDatapoint']);

const BY_NAME: ReadonlyMap<string, FunctionSpec> = new Map(FUNCTIONS.map((spec) => [spec.name, spec]));

export function findFunction(name: string): FunctionSpec | undefined {
  return BY_NAME.get(name);
}

/** Where functions are asked for: the statements of transform know editors, conditions do not. */
export interface FunctionPlace {
  readonly for: 'transform' | 'filter';
  readonly in: 'statements' | 'conditions';
}

export function isOffered(spec: FunctionSpec, context: ContextName, place: FunctionPlace): boolean {
  if (spec.contexts !== undefined && !spec.contexts.includes(context)) return false;
  if (FILTER_ONLY.has(spec.name) && place.for !== 'filter') return false;
  return place.in === 'statements' || isUpper(spec.name);
}
