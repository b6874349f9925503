import { compare, isEqual } from './compare.ts';
import { printExpression } from './print.ts';
import { neverEqual, staticType, typeNoun } from './static-type.ts';
import type { Comparison, Condition, Expression, TextRange } from './syntax.ts';
import type { Value } from './value.ts';

/** A part of a condition that comes to the same for all data. */
export interface Verdict {
  readonly always: boolean;
  readonly range: TextRange;
  readonly label: string;
  readonly help?: string;
}

/** What in a condition is decided by the text alone, told once for each part. */
export function verdictsOf(condition: Condition): readonly Verdict[] {
  switch (condition.kind) {
    case 'or':
    case 'and':
      return [...condition.terms.flatMap(verdictsOf), ...contradictionsOf(condition)];
    case 'not':
      return verdictsOf(condition.operand);
    case 'parens':
      return verdictsOf(condition.inner);
    case 'comparison': {
      const verdict = verdictOf(condition);
      return verdict === undefined ? [] : [verdict];
    }
    case 'constant':
    case 'test':
      return [];
  }
}

function verdictOf(comparison: Comparison): Verdict | undefined {
  const { left, operator, right } = comparison;
  const a = literalOf(left);
  const b = literalOf(right);
  if (a !== undefined && b !== undefined) {
    const always = compare(a.value, b.value, operator);
    return { always, range: comparison, label: `these two literals make it ${always}` };
  }
  const leftType = staticType(left);
  const rightType = staticType(right);
  if (!neverEqual(leftType, rightType)) return undefined;
  const always = operator === '!=';
  const label = `${typeNoun(leftType!)} is never equal to ${typeNoun(rightType!)}`;
  const help = helpFor(left, rightType) ?? helpFor(right, leftType);
  return { always, range: comparison, label, ...(help !== undefined && { help }) };
}

function helpFor(side: Expression, other: string | undefined): string | undefined {
  if (side.kind !== 'path') return undefined;
  const path = printExpression(side);
  const type = staticType(side);
  if (other === 'nil') return type === 'string' ? `\`${path}\` without a value is ""` : `\`${path}\` is never nil`;
  if (other !== 'string') return undefined;
  if (type === 'id') return `compare \`${path}.string\``;
  if (path.endsWith('.kind')) return `compare with a symbol such as \`SPAN_KIND_SERVER\`, or \`${path}.string\``;
  if (path.endsWith('status.code')) return 'compare with `STATUS_CODE_OK`, `STATUS_CODE_ERROR` or `STATUS_CODE_UNSET`';
  if (path.endsWith('severity_number')) return 'compare with a symbol such as `SEVERITY_NUMBER_ERROR`';
  return undefined;
}

/** `x == "a" and x == "b"`, `x != "a" or x != "b"`. */
function contradictionsOf({ kind, terms }: Extract<Condition, { kind: 'and' | 'or' }>): readonly Verdict[] {
  const operator = kind === 'and' ? '==' : '!=';
  const seen = new Map<string, Value>();
  const verdicts: Verdict[] = [];
  for (const term of terms) {
    if (term.kind !== 'comparison' || term.operator !== operator) continue;
    const literal = literalOf(term.right);
    if (literal === undefined || !isStable(term.left)) continue;
    const path = printExpression(term.left);
    if (seen.has(path) && !isEqual(seen.get(path), literal.value)) {
      const label =
        kind === 'and'
          ? `\`${path}\` can't equal two values at once`
          : `\`${path}\` always differs from one of the two`;
      const help = kind === 'and' ? 'to allow either, write `or`' : 'to refuse both, write `and`';
      verdicts.push({ always: kind === 'or', range: term, label, help });
    }
    seen.set(path, literal.value);
  }
  return verdicts;
}

/** Reads the same twice: a path, with no converter in it. */
function isStable(expression: Expression): boolean {
  return (
    expression.kind === 'path' &&
    expression.fields.every(({ keys }) => keys.every(({ kind }) => kind === 'string' || kind === 'int'))
  );
}

function literalOf(expression: Expression): { readonly value: Value } | undefined {
  switch (expression.kind) {
    case 'nil':
      return { value: undefined };
    case 'string':
    case 'int':
    case 'float':
    case 'bool':
    case 'bytes':
      return { value: expression.value };
    default:
      return undefined;
  }
}
