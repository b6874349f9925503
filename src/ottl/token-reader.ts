import { MAX_STATEMENT_NESTING } from './limits.ts';
import type { Problem, TextRange } from './syntax.ts';
import type { Token, TokenKind } from './token.ts';

/** Ends the reading of a text: what follows a mistake of syntax can't be told from more mistakes. */
export class SyntaxFailure extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** Where the parser stands in a text. */
export class TokenReader {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get next(): Token {
    return this.#tokens[this.#at]!;
  }

  get afterNext(): Token {
    return this.#tokens[Math.min(this.#at + 1, this.#tokens.length - 1)]!;
  }

  /** The end of what was taken last. */
  get position(): number {
    return this.#at === 0 ? 0 : this.#tokens[this.#at - 1]!.end;
  }

  take(): Token {
    const token = this.next;
    if (token.kind !== 'end') this.#at++;
    return token;
  }

  is(kind: TokenKind, text?: string): boolean {
    const { next } = this;
    return next.kind === kind && (text === undefined || next.text === text);
  }

  takeIf(kind: TokenKind, text?: string): Token | undefined {
    return this.is(kind, text) ? this.take() : undefined;
  }

  takeSign(text: string, where: string): Token {
    return this.takeIf('sign', text) ?? this.fail(`expected \`${text}\` ${where}, found ${describe(this.next)}`);
  }

  /** What stands within parentheses or brackets. */
  nested<T>(read: () => T): T {
    if (++this.#depth > MAX_STATEMENT_NESTING) {
      const { start, end } = this.next;
      throw new SyntaxFailure({
        code: 'SL0213',
        severity: 'error',
        message: `nested more than ${MAX_STATEMENT_NESTING} deep`,
        start: Math.min(start, this.position),
        end,
        help: 'split it into several statements or conditions',
      });
    }
    const result = read();
    this.#depth--;
    return result;
  }

  /** At the next token, unless a range is given. */
  fail(message: string, more: Partial<Problem> = {}): never {
    const { start, end }: TextRange = this.next;
    throw new SyntaxFailure({ code: 'SL0202', severity: 'error', message, start, end, ...more });
  }
}

/** A token in a sentence. */
export function describe(token: Token): string {
  if (token.kind === 'end') return 'the end';
  if (token.kind === 'string') return token.text.length > 30 ? 'a string' : `"${token.text}"`;
  return `\`${token.text.length > 30 ? `${token.text.slice(0, 30)}…` : token.text}\``;
}
