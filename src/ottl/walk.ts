import type { Call, Condition, Expression, Path, Statement } from './syntax.ts';

export interface Visitor {
  path?(path: Path): void;
  call?(call: Call): void;
  symbol?(symbol: Extract<Expression, { readonly kind: 'symbol' }>): void;
}

export function walk(node: Statement | Condition, visitor: Visitor): void {
  if (node.kind !== 'statement') return walkCondition(node, visitor);
  walkExpression(node.editor, visitor);
  if (node.where !== undefined) walkCondition(node.where, visitor);
}

function walkCondition(condition: Condition, visitor: Visitor): void {
  switch (condition.kind) {
    case 'or':
    case 'and':
      for (const term of condition.terms) walkCondition(term, visitor);
      return;
    case 'not':
      return walkCondition(condition.operand, visitor);
    case 'parens':
      return walkCondition(condition.inner, visitor);
    case 'comparison':
      walkExpression(condition.left, visitor);
      return walkExpression(condition.right, visitor);
    case 'test':
      return walkExpression(condition.call, visitor);
    case 'constant':
  }
}

export function walkExpression(expression: Expression, visitor: Visitor): void {
  switch (expression.kind) {
    case 'path':
      visitor.path?.(expression);
      for (const { keys } of expression.fields) for (const key of keys) walkExpression(key, visitor);
      return;
    case 'call':
      visitor.call?.(expression);
      for (const { value } of expression.arguments) walkExpression(value, visitor);
      return;
    case 'symbol':
      return visitor.symbol?.(expression);
    case 'list':
      for (const item of expression.items) walkExpression(item, visitor);
      return;
    case 'map':
      for (const { value } of expression.entries) walkExpression(value, visitor);
      return;
    case 'sign':
      return walkExpression(expression.operand, visitor);
    case 'group':
      return walkExpression(expression.inner, visitor);
    case 'math':
      walkExpression(expression.first, visitor);
      for (const { operand } of expression.rest) walkExpression(operand, visitor);
  }
}
