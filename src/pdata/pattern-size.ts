const GROUP_START = /\((?:\?(?:P?<[^>]*>|[imsU-]*[:)]))?/y;
const COUNT = /\{(\d+)(,(\d*))?\}\??/y;
const CLASS = /\[\^?\]?(?:\\.|[^\]\\])*\]/sy;
const ESCAPE = /\\(?:x\{[^}]*\}|[pP]\{[^}]*\}|.)/suy;

/**
 * About how many instructions a pattern becomes, at least, so that counted repetitions within each other are refused before they
 * are written out: what is counted 1,000 times stands there 1,000 times.
 */
export function patternSize(source: string): number {
  const outer: number[] = [];
  let size = 0;
  let last = 0;
  let at = 0;
  const skip = (expression: RegExp): RegExpExecArray | null => {
    expression.lastIndex = at;
    const found = expression.exec(source);
    if (found !== null) at += found[0].length;
    return found;
  };
  const add = (more: number): void => {
    size += more;
    last = more;
  };
  while (at < source.length) {
    const character = source[at]!;
    if (character === '(') {
      skip(GROUP_START);
      outer.push(size);
      size = 0;
      last = 0;
    } else if (character === ')') {
      at += 1;
      const inner = size;
      size = outer.pop() ?? 0;
      add(inner);
    } else if (character === '{') {
      const count = skip(COUNT);
      if (count === null) {
        at += 1;
        add(1);
      } else add(last * Math.max(0, Number(count[3] || count[1]) - 1));
    } else if ((character === '[' && skip(CLASS)) || (character === '\\' && skip(ESCAPE))) add(1);
    else {
      at += 1;
      add(1);
    }
  }
  return size;
}
