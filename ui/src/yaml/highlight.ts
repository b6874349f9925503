/** One piece of a line; pieces joined are the line. */
export interface Token {
  readonly kind: 'text' | 'key' | 'string' | 'literal' | 'comment' | 'mark';
  readonly text: string;
}

const KEY = /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s#'"[\]{}&*!|>%@`-][^#:]*?|-[^\s#:][^#:]*?)(:)(?=\s|$)/;
const QUOTED = /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')/;
const LITERAL = /^(?:true|false|null|~|[-+]?\d[\d_]*(?:\.\d+)?(?:e[-+]?\d+)?)$/i;

/** Colours for one line of YAML, seen alone: what spans lines is not known, and no harm is done where it is guessed wrong. */
export function tokenizeLine(line: string): readonly Token[] {
  const tokens: Token[] = [];
  const push = (kind: Token['kind'], text: string) => {
    if (text !== '') tokens.push({ kind, text });
  };
  const [start] = /^(?:\s|- |-$)*/.exec(line) ?? [''];
  push(start.includes('-') ? 'mark' : 'text', start);
  let rest = line.slice(start.length);
  if (rest === '---' || rest === '...') {
    push('mark', rest);
    return tokens;
  }
  const key = KEY.exec(rest);
  if (key !== null) {
    push('key', key[1]);
    push('mark', key[2]);
    rest = rest.slice(key[0].length);
  }
  const [space] = /^\s*/.exec(rest) ?? [''];
  push('text', space);
  pushValue(rest.slice(space.length), push);
  return tokens;
}

function pushValue(value: string, push: (kind: Token['kind'], text: string) => void): void {
  const quoted = QUOTED.exec(value)?.[0];
  const comment = value.startsWith('#') ? 0 : value.slice(quoted?.length ?? 0).search(/\s#/);
  const end = comment < 0 ? value.length : comment + (quoted?.length ?? 0);
  const body = value.slice(0, end);
  if (quoted !== undefined) {
    push('string', quoted);
    push('text', body.slice(quoted.length));
  } else if (/^[|>][-+\d]*$/.test(body)) push('mark', body);
  else push(LITERAL.test(body) ? 'literal' : 'text', body);
  push('comment', value.slice(end));
}
