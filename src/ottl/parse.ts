import { MAX_PROBLEMS, MAX_STATEMENT_LENGTH } from './limits.ts';
import { parseCondition as readCondition } from './parse-condition.ts';
import { isUpper, parseCall } from './parse-value.ts';
import { readTokens } from './read-tokens.ts';
import type { Condition, Parsed, Problem, Statement } from './syntax.ts';
import { describe, SyntaxFailure, TokenReader } from './token-reader.ts';

/** Every sign that is no OTTL, or the first mistake of syntax. Takes time in proportion to the text, whatever it is. */
export function parseStatement(text: string): Parsed<Statement> {
  return parse(text, 'statement', (reader) => readStatement(reader, text));
}

export function parseCondition(text: string): Parsed<Condition> {
  return parse(text, 'condition', (reader) => {
    const condition = readCondition(reader);
    if (reader.is('end')) return condition;
    const { next } = reader;
    const isWhere = next.kind === 'word' && next.text === 'where';
    return reader.fail(`expected \`and\`, \`or\` or the end, found ${describe(next)}`, {
      ...(isWhere && { help: '`where` belongs to statements; a condition stands alone' }),
      ...(next.kind === 'word' &&
        /^(AND|OR|NOT)$/i.test(next.text) && { help: `write \`${next.text.toLowerCase()}\`` }),
      ...(next.text === '=' && { help: 'to compare, write `==`' }),
    });
  });
}

function parse<T>(text: string, noun: string, read: (reader: TokenReader) => T): Parsed<T> {
  const whole = { start: 0, end: text.length };
  if (text.length > MAX_STATEMENT_LENGTH)
    return failed({
      code: 'SL0213',
      severity: 'error',
      message: `the ${noun} has ${text.length} characters; it may have ${MAX_STATEMENT_LENGTH}`,
      ...whole,
      help: 'split it into several',
    });
  if (text.trim() === '')
    return failed({ code: 'SL0202', severity: 'error', message: `the ${noun} is empty`, ...whole });
  const { tokens, problems } = readTokens(text);
  if (problems.length > 0) return { problems: problems.slice(0, MAX_PROBLEMS) };
  try {
    return { ast: read(new TokenReader(tokens)) };
  } catch (failure) {
    if (failure instanceof SyntaxFailure) return failed(within(failure.problem, text));
    throw failure;
  }
}

function readStatement(reader: TokenReader, text: string): Statement {
  const { next, afterNext } = reader;
  if (next.kind !== 'word' || afterNext.kind !== 'sign' || afterNext.text !== '(') failNoEditor(reader, text);
  const editor = parseCall(reader);
  const start = editor.start;
  if (reader.is('word', 'where')) {
    reader.take();
    const where = readCondition(reader);
    if (!reader.is('end')) reader.fail(`expected \`and\`, \`or\` or the end, found ${describe(reader.next)}`);
    return { kind: 'statement', editor, where, start, end: reader.position };
  }
  if (!reader.is('end')) {
    const isIf = reader.is('word') && /^(where|when|if)$/i.test(reader.next.text);
    reader.fail(`expected \`where\` or the end, found ${describe(reader.next)}`, isIf ? { help: 'write `where`' } : {});
  }
  return { kind: 'statement', editor, start, end: editor.end };
}

/** `path = value`, as other languages write it; strings may hold any sign. */
const ASSIGNMENT = /^([^="]*(?:"[^"]*"[^="]*)*)=(?!=)(.+)$/s;

function failNoEditor(reader: TokenReader, text: string): never {
  const { next } = reader;
  const [, path, value] = (next.kind === 'word' && ASSIGNMENT.exec(text.slice(next.start))) || [];
  if (path !== undefined && value !== undefined) {
    const written = value.length > 60 || /\bwhere\b/.test(value) ? '…' : value.trim();
    reader.fail('expected an editor such as `set(…)`, found an assignment', {
      help: `write \`set(${path.trim()}, ${written})\``,
    });
  }
  const isName = next.kind === 'word' && !isUpper(next.text);
  return reader.fail(`expected an editor such as \`set(…)\`, found ${describe(next)}`, {
    help: isName
      ? 'a statement changes something: `set(span.name, "x")`; what is only true or false stands under `conditions`'
      : 'a statement begins with the name of an editor',
  });
}

/** At the end of the text there is nothing to point at, so the caret stands under its last character. */
function within(problem: Problem, text: string): Problem {
  if (problem.end > problem.start) return problem;
  const end = Math.min(problem.end, text.length);
  const last = text.slice(0, end).trimEnd().length;
  return { ...problem, start: Math.max(0, last - 1), end: Math.max(last, Math.min(1, text.length)) };
}

function failed(problem: Problem): { readonly problems: readonly Problem[] } {
  return { problems: [problem] };
}
