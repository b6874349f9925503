/**
 * Patterns are in Onigmo's syntax for Ruby, which no library here reads. Only what cannot be right in it is found: brackets
 * that do not match, and names of groups that are none. What passes may still be refused by Fluent Bit.
 */
export interface PatternFacts {
  readonly problem?: string;
  readonly groups: readonly string[];
}

/** As long as names of groups ever are, so that a text of nothing but beginnings takes no time. */
const GROUP_NAME = /\(\?<(?![=!])([^>]{0,200})>/y;

/** `pattern` may stand between slashes, as Ruby writes it. */
export function inspectPattern(pattern: string): PatternFacts {
  const [, inner, flags = ''] = /^\/([\s\S]*)\/([a-zA-Z]*)$/.exec(pattern) ?? [];
  const text = inner ?? pattern;
  // With x, what follows a # is a comment, which may hold any bracket.
  if (flags.includes('x') || /\(\?[a-z]*x/.test(text)) return { groups: [] };
  return scan(text);
}

function scan(text: string): PatternFacts {
  const groups: string[] = [];
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '\\') i++;
    else if (character === '[') {
      i = endOfClass(text, i);
      if (i < 0) return { problem: 'a `[` is not closed', groups };
    } else if (character === '(') {
      if (text.startsWith('(?#', i)) {
        const end = text.indexOf(')', i);
        if (end < 0) return { problem: 'a `(` is not closed', groups };
        i = end;
        continue;
      }
      depth++;
      GROUP_NAME.lastIndex = i;
      const name = GROUP_NAME.exec(text)?.[1];
      if (name !== undefined && !/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name)) {
        return { problem: `\`${name}\` is no name of a group`, groups };
      }
      if (name !== undefined) groups.push(name);
    } else if (character === ')' && --depth < 0) return { problem: 'a `)` closes nothing', groups };
  }
  if (/(?:^|[^\\])(?:\\\\)*\\$/.test(text)) return { problem: 'it ends with a `\\`', groups };
  return depth > 0 ? { problem: 'a `(` is not closed', groups } : { groups };
}

/** Where the class that opens at `start` ends; -1: nowhere. Classes nest, and a `]` that comes first is one of its characters. */
function endOfClass(text: string, start: number): number {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    const character = text[i];
    if (character === '\\') i++;
    else if (character === '[') {
      if (text.startsWith('[:', i) && depth > 0) {
        const named = /^\[:\^?\w+:\]/.exec(text.slice(i, i + 20))?.[0];
        if (named !== undefined) {
          i += named.length - 1;
          continue;
        }
      }
      depth++;
      if (text[i + 1] === '^') i++;
      if (text[i + 1] === ']' && text.indexOf(']', i + 2) >= 0) i++;
    } else if (character === ']' && --depth === 0) return i;
  }
  return -1;
}
