import type { Condition, Parsed, Statement } from './syntax.ts';

export function parseStatement(_text: string): Parsed<Statement> {
  return { problems: [] };
}

export function parseCondition(_text: string): Parsed<Condition> {
  return { problems: [] };
}
