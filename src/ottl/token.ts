import type { TextRange } from './syntax.ts';

export type TokenKind =
  /** Letters, digits and `_`, beginning with a letter; keywords have kinds of their own. */
  | 'word'
  | 'int'
  | 'float'
  | 'bytes'
  | 'string'
  | 'nil'
  | 'not'
  | 'or'
  | 'and'
  | 'boolean'
  | 'comparison'
  | 'sum'
  | 'product'
  /** `= ( ) { } : , . [ ]`, told apart by the text. */
  | 'sign'
  | 'end';

export interface Token extends TextRange {
  readonly kind: TokenKind;
  /** As written; of a string what it means. */
  readonly text: string;
}

export const KEYWORDS: ReadonlyMap<string, TokenKind> = new Map([
  ['nil', 'nil'],
  ['not', 'not'],
  ['or', 'or'],
  ['and', 'and'],
  ['true', 'boolean'],
  ['false', 'boolean'],
]);
