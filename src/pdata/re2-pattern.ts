import { RE2JS, type RE2JSException } from 're2js';
import { patternSize } from './pattern-size.ts';

/** Instructions of a compiled pattern. */
export const MAX_PATTERN_PROGRAM = 50_000;

export interface Match {
  readonly start: number;
  readonly end: number;
  /** The whole match, then the groups; undefined for a group that took no part. */
  readonly groups: readonly (string | undefined)[];
}

/** A pattern in RE2's syntax, which matches in linear time and finds the leftmost match, the first alternative before the others. */
export interface Pattern {
  /** By the groups' numbers, from 0 for the whole; '' for a group without a name. */
  readonly groupNames: readonly string[];
  /** In instructions; matching takes time in proportion to these and the text. */
  readonly size: number;
  test(text: string): boolean;
  find(text: string): Match | undefined;
  /** All matches that do not overlap; an empty one not right behind another. */
  findAll(text: string): Generator<Match>;
}

/** Throws an Error whose message ends a sentence about the pattern. */
export function compilePattern(source: string): Pattern {
  const expression = compile(withoutTwins(source));
  const size = expression.programSize();
  const groupNames = Array.from({ length: expression.groupCount() + 1 }, () => '');
  for (const [name, index] of Object.entries(expression.namedGroups())) groupNames[index] = name.replace(TWIN, '');
  const pattern: Pattern = {
    groupNames,
    size,
    test: (text) => expression.test(text),
    find: (text) => pattern.findAll(text).next().value ?? undefined,
    *findAll(text) {
      const matcher = expression.matcher(text);
      let from = 0;
      let lastEnd = -1;
      while (from <= text.length && matcher.find(from)) {
        const start = matcher.start();
        const end = matcher.end();
        from = end > start ? end : end + ((text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1);
        if (start === end && start === lastEnd) continue;
        lastEnd = end;
        yield { start, end, groups: groupNames.map((_, group) => matcher.group(group) ?? undefined) };
      }
    },
  };
  return pattern;
}

const GROUP = /\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?P?<(\w+)>/gs;
const TWIN = /__twin\d+$/;

/** Go takes groups of the same name, as two references to one grok pattern make them; RE2 does not. */
function withoutTwins(source: string): string {
  const seen = new Set<string>();
  let count = 0;
  return source.replace(GROUP, (whole, name?: string) => {
    if (name === undefined || !seen.has(name)) {
      if (name !== undefined) seen.add(name);
      return whole;
    }
    return `(?P<${name}__twin${count++}>`;
  });
}

function compile(source: string): RE2JS {
  if (patternSize(source) > MAX_PATTERN_PROGRAM) throw tooLarge();
  let expression: RE2JS;
  try {
    expression = RE2JS.compile(source);
  } catch (error) {
    throw new Error(`is invalid: ${whyInvalid(source, error as RE2JSException)}`, { cause: error });
  }
  if (expression.programSize() > MAX_PATTERN_PROGRAM) throw tooLarge();
  return expression;
}

function whyInvalid(source: string, { message }: RE2JSException): string {
  const around = /\(\?<?[=!]/.exec(source)?.[0];
  if (around !== undefined) return `RE2 looks neither ahead nor behind, as \`${around}\` would`;
  return message.replace('error parsing regexp: ', '');
}

function tooLarge(): Error {
  return new Error(`compiles to more than ${MAX_PATTERN_PROGRAM} instructions`);
}
