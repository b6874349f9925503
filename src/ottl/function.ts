import type { ContextName, Row } from './row.ts';
import type { Value } from './value.ts';

/** Reads something for the current row. Throws an EvaluationError, which is the statement's failure. */
export type Getter<T extends Value = Value> = (row: Row) => T;

/** A path as an argument of an editor. */
export interface Target {
  readonly get: Getter;
  /** Throws an EvaluationError for a value that the place cannot hold. */
  set(row: Row, value: Value): void;
}

/** What evaluating a statement can fail with; the text is what people read, so it names the function and the value's type. */
export class EvaluationError extends Error {}

/** What a function made would be too long. Making it took its time, which is counted as if it had been written. */
export class TooLongError extends EvaluationError {}

/** Statements wrote more into one request than they may: whatever is done about errors, the request is refused as a whole. */
export class RequestLimitError extends EvaluationError {}

/**
 * What an argument must be, named as the Go types that the upstream functions declare (pkg/ottl/functions.go and
 * expression.go at 0.149), since their rules of conversion are the standard: `Getter` takes anything, `XGetter` wants the
 * type, `XLikeGetter` converts. Literals are known when the statement is compiled.
 */
export type ParameterType =
  | 'Getter'
  | 'Setter'
  | 'GetSetter'
  | 'StringGetter'
  | 'StringLikeGetter'
  | 'IntGetter'
  | 'IntLikeGetter'
  | 'FloatGetter'
  | 'FloatLikeGetter'
  | 'BoolGetter'
  | 'BoolLikeGetter'
  | 'ByteSliceLikeGetter'
  | 'DurationGetter'
  | 'TimeGetter'
  | 'PMapGetter'
  | 'PMapGetSetter'
  | 'PSliceGetter'
  | 'FunctionGetter'
  | 'string'
  | 'int'
  | 'float'
  | 'bool'
  | 'Enum';

export interface Parameter {
  /** As a named argument: `target`. */
  readonly name: string;
  readonly type: ParameterType;
  /** A list of such arguments: `[]string`. */
  readonly list?: true;
  readonly optional?: true;
}

/**
 * An argument as a function gets it. For a Getter type: the converted value where a literal is written, else a Getter that
 * converts; a written nil comes as a Getter, since undefined says that an optional argument is not given. For a Setter, GetSetter
 * or PMapGetSetter a Target; for a FunctionGetter an AppliedFunction; for `string`, `int` and so on the value; for lists an array
 * of these.
 */
export type Argument = unknown;

/** A nil that is written where a Getter type is wanted. */
export const WRITTEN_NIL: Getter = () => undefined;

/** A function as an argument of another: instantiates it with these arguments. Throws an EvaluationError when they do not fit. */
export type AppliedFunction = (args: readonly Argument[]) => Getter;

export interface FunctionSpec {
  /** `set` for an editor, `IsMatch` for a converter: the first letter tells them apart. */
  readonly name: string;
  readonly parameters: readonly Parameter[];
  /** For `explain` and documentation: one sentence, and an example that compiles for every context in `contexts`. */
  readonly doc: string;
  readonly example: string;
  /** Absent: every context. */
  readonly contexts?: readonly ContextName[];
  /**
   * Called once when a statement is compiled. Throws an InvalidArgument for literals that can never work, such as a pattern
   * that does not compile.
   */
  create(args: readonly Argument[], environment: FunctionEnvironment): Getter;
}

/** Tells which argument is at fault, so that the caret stands under it. */
export class InvalidArgument extends Error {
  readonly index: number;

  constructor(index: number, message: string) {
    super(message);
    this.index = index;
  }
}

/** What the pure set can't do by itself; the composition root gives it. */
export interface FunctionEnvironment {
  now(): bigint;
  /** Lower-case name of the algorithm, as node:crypto spells it. */
  hash(algorithm: 'md5' | 'sha1' | 'sha256' | 'sha512', data: Uint8Array): Uint8Array;
  randomBytes(count: number): Uint8Array;
}
