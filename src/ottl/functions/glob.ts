import { compilePattern } from './pattern.ts';

/** Whether a text as a whole fits a glob: `*`, `**`, `?`, `[a-z]`, `[!abc]`, `{one,two}`, `\` before what is meant literally. */
export type Glob = (text: string) => boolean;

/** The syntax is that of github.com/gobwas/glob without separators. Throws an Error whose message ends a sentence about the pattern. */
export function compileGlob(source: string): Glob {
  // As there, a lone question mark fits an empty text as well.
  if (source === '?') return (text) => [...text.slice(0, 3)].length < 2;
  const pattern = compilePattern(`(?s)\\A(?:${toRegularExpression([...source])})\\z`);
  return (text) => pattern.test(text);
}

function toRegularExpression(characters: readonly string[]): string {
  let result = '';
  let depth = 0;
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at]!;
    if (character === '*') result += '.*';
    else if (character === '?') result += '.';
    else if (character === '[') {
      const end = classEnd(characters, at + 1);
      result += classSource(characters.slice(at + 1, end));
      at = end;
    } else if (character === '{') {
      depth += 1;
      result += '(?:';
    } else if (character === '}' && depth > 0) {
      depth -= 1;
      result += ')';
    } else if (character === ',' && depth > 0) result += '|';
    else if (character === '\\') result += quote(characters[++at] ?? '');
    else result += quote(character);
  }
  return result + ')'.repeat(depth);
}

function classEnd(characters: readonly string[], start: number): number {
  for (let at = start; at < characters.length; at++) {
    if (characters[at] === '\\') at += 1;
    else if (characters[at] === ']') return at;
  }
  throw new Error('is invalid: it has a [ without its ]');
}

function classSource(content: readonly string[]): string {
  const isNegated = content[0] === '!';
  const inner = isNegated ? content.slice(1) : content;
  const range = inner.length === 3 && inner[1] === '-';
  const members = range
    ? inner.filter((_, i) => i !== 1)
    : inner.filter((one, i) => one !== '\\' || inner[i - 1] === '\\');
  if (members.length === 0 || (inner[1] === '-' && !range)) throw new Error('is invalid: it has a class that is none');
  if (range && members[0]! > members[1]!) throw new Error(`is invalid: ${inner.join('')} goes backwards`);
  return `[${isNegated ? '^' : ''}${members.map(hexEscape).join(range ? '-' : '')}]`;
}

const quote = (character: string): string =>
  /^\w$/.test(character) || character === '' ? character : hexEscape(character);

function hexEscape(character: string): string {
  return `\\x{${character.codePointAt(0)!.toString(16)}}`;
}
