import type { FunctionSpec } from './function.ts';
import { CONVERTERS, EDITORS, MISSING } from './functions/index.ts';

/** Every function there is, editors first. */
export const FUNCTIONS: readonly FunctionSpec[] = [...EDITORS, ...CONVERTERS];

/** Functions of the Collector that the engine lacks. */
export const MISSING_FUNCTIONS: readonly string[] = MISSING;

const BY_NAME: ReadonlyMap<string, FunctionSpec> = new Map(FUNCTIONS.map((spec) => [spec.name, spec]));

export function findFunction(name: string): FunctionSpec | undefined {
  return BY_NAME.get(name);
}
