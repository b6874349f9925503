import type { Argument, Getter, Parameter, ParameterType, Target } from '../function.ts';
import type { MapValue, Value } from '../value.ts';

/** What reads an argument of a Getter type, literal or not. */
export function getterOf<T extends Value = Value>(argument: Argument): Getter<T> {
  return typeof argument === 'function' ? (argument as Getter<T>) : () => argument as T;
}

/** The same for an optional argument. */
export function getterOr<T extends Value>(argument: Argument, fallback: T): Getter<T> {
  return argument === undefined ? () => fallback : getterOf<T>(argument);
}

export function gettersOf<T extends Value = Value>(argument: Argument): readonly Getter<T>[] {
  return ((argument ?? []) as readonly Argument[]).map((one) => getterOf<T>(one));
}

/** The value of an argument that was written as a literal. */
export function literalOf<T extends Value>(argument: Argument): T | undefined {
  return typeof argument === 'function' ? undefined : (argument as T | undefined);
}

export interface MapTarget extends Target {
  readonly get: Getter<MapValue>;
}

/** The names and types of parameters in their order: `target: StringGetter`, `?` after the name for an optional one, `[]` before the type for a list. */
export function parameters(...declared: readonly (readonly [name: string, type: string])[]): readonly Parameter[] {
  return declared.map(([name, type]) => ({
    name: name.replace('?', ''),
    type: type.replace('[]', '') as ParameterType,
    ...(type.startsWith('[]') && { list: true as const }),
    ...(name.endsWith('?') && { optional: true as const }),
  }));
}
