import { checkLength } from './limits.ts';
import type { Match, Pattern } from './pattern.ts';

/** A replacement as Go's regexp writes it: `$1`, `$name`, `${name}`, `$$`. The longest name counts, so `$1x` is the group `1x`. */
const REFERENCE = /\$(?:(\$)|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu;

export type Template = (match: Match) => string;

export function compileTemplate(source: string, groupNames: readonly string[]): Template {
  if (!source.includes('$')) return () => source;
  return ({ groups }) =>
    source.replace(REFERENCE, (_, dollar?: string, braced?: string, bare?: string) => {
      if (dollar !== undefined) return '$';
      const name = braced ?? bare!;
      if (/^(0|[1-9]\d{0,7})$/.test(name)) return groups[Number(name)] ?? '';
      return groups[groupNames.indexOf(name)] ?? '';
    });
}

/** Every match replaced by what is made of it. */
export function replaceMatches(functionName: string, pattern: Pattern, text: string, make: Template): string {
  let result = '';
  let end = 0;
  for (const match of pattern.findAll(text)) {
    result += text.slice(end, match.start) + make(match);
    checkLength(functionName, result.length);
    end = match.end;
  }
  return end === 0 && result === '' ? text : result + text.slice(end);
}

/** Every occurrence of a text replaced, as Go's strings.ReplaceAll; an empty one occurs around every character. */
export function replaceText(functionName: string, text: string, old: string, by: string): string {
  const parts = old === '' ? ['', ...text, ''] : text.split(old);
  checkLength(functionName, text.length + (parts.length - 1) * (by.length - old.length));
  return parts.join(by);
}
