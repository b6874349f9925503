/** A half-open range of the text that was parsed, in UTF-16 units. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** What is wrong with one statement or condition; `start` and `end` lie within its text, so that a caret can stand there. */
export interface Problem extends TextRange {
  /** `SL02xx`. */
  readonly code: string;
  readonly severity: 'error' | 'warning';
  /** What is wrong: lowercase, no full stop, stands alone. */
  readonly message: string;
  /** Short text under the caret. */
  readonly label?: string;
  /** What to change. */
  readonly help?: string;
}

/** An editor applied where the condition holds: `set(span.name, "x") where span.kind == SPAN_KIND_SERVER`. */
export interface Statement extends TextRange {
  readonly kind: 'statement';
  readonly editor: Call;
  readonly where?: Condition;
}

export type Condition =
  | ({ readonly kind: 'or' | 'and'; readonly terms: readonly Condition[] } & TextRange)
  | ({ readonly kind: 'not'; readonly operand: Condition } & TextRange)
  | ({ readonly kind: 'parens'; readonly inner: Condition } & TextRange)
  | Comparison
  | ({ readonly kind: 'constant'; readonly value: boolean } & TextRange)
  /** A converter that must yield a boolean. */
  | ({ readonly kind: 'test'; readonly call: Call } & TextRange);

export const COMPARISON_OPERATORS = ['==', '!=', '<', '<=', '>', '>='] as const;
export type ComparisonOperator = (typeof COMPARISON_OPERATORS)[number];

export interface Comparison extends TextRange {
  readonly kind: 'comparison';
  readonly operator: ComparisonOperator;
  readonly left: Expression;
  readonly right: Expression;
}

export type MathOperator = '+' | '-' | '*' | '/';

export type Literal =
  | ({ readonly kind: 'nil' } & TextRange)
  | ({ readonly kind: 'string'; readonly value: string } & TextRange)
  | ({ readonly kind: 'int'; readonly value: bigint } & TextRange)
  | ({ readonly kind: 'float'; readonly value: number } & TextRange)
  | ({ readonly kind: 'bool'; readonly value: boolean } & TextRange)
  | ({ readonly kind: 'bytes'; readonly value: Uint8Array } & TextRange);

export type Expression =
  | Literal
  | Path
  | Call
  /** A symbol for a number, or as an argument the name of a function in capitals: `SPAN_KIND_SERVER`, `SHA256`. */
  | ({ readonly kind: 'symbol'; readonly name: string } & TextRange)
  /** The name of a function as an argument: `Murmur3Hash`. */
  | ({ readonly kind: 'function'; readonly name: string } & TextRange)
  | ({ readonly kind: 'list'; readonly items: readonly Expression[] } & TextRange)
  | ({ readonly kind: 'map'; readonly entries: readonly MapEntry[] } & TextRange)
  | ({ readonly kind: 'sign'; readonly sign: '+' | '-'; readonly operand: Expression } & TextRange)
  /** Operators of one precedence, from left to right. */
  | ({ readonly kind: 'math'; readonly first: Expression; readonly rest: readonly MathStep[] } & TextRange)
  | ({ readonly kind: 'group'; readonly inner: Expression } & TextRange);

export interface MathStep {
  readonly operator: MathOperator;
  readonly operand: Expression;
}

export interface MapEntry {
  readonly key: string;
  readonly value: Expression;
}

/** `resource.attributes["a"]`, as written: whether the first name is that of a context, the checker says. */
export interface Path extends TextRange {
  readonly kind: 'path';
  readonly fields: readonly PathField[];
}

export interface PathField extends TextRange {
  readonly name: string;
  readonly keys: readonly Expression[];
}

export interface Call extends TextRange {
  readonly kind: 'call';
  readonly name: string;
  /** Of the name alone. */
  readonly nameRange: TextRange;
  readonly arguments: readonly CallArgument[];
  /** What the result is indexed with. */
  readonly keys: readonly Expression[];
}

export interface CallArgument extends TextRange {
  readonly name?: string;
  readonly value: Expression;
}

export type Parsed<T> = { readonly ast: T; readonly problems?: undefined } | { readonly problems: readonly Problem[] };
