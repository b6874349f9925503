/** The lines that two texts do not share: `-` only the first has, `+` only the second, with one line around; empty when they are equal. */
export function diffLines(before: string, after: string): readonly string[] {
  const [a, b] = [before.split('\n'), after.split('\n')];
  const common = longestCommon(a, b);
  const lines: { readonly mark: ' ' | '-' | '+'; readonly text: string }[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ mark: ' ', text: a[i]! });
      i++;
      j++;
    } else if (j >= b.length || (i < a.length && common[i + 1]![j]! >= common[i]![j + 1]!)) {
      lines.push({ mark: '-', text: a[i++]! });
    } else lines.push({ mark: '+', text: b[j++]! });
  }
  const isNear = (at: number) =>
    [at - 1, at, at + 1].some((index) => lines[index] !== undefined && lines[index].mark !== ' ');
  return lines.filter((_, at) => isNear(at)).map(({ mark, text }) => `${mark} ${text}`.trimEnd());
}

/** By position in both, the length of the longest sequence of lines that both have from there on. */
function longestCommon(a: readonly string[], b: readonly string[]): readonly (readonly number[])[] {
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      table[i]![j] = a[i] === b[j] ? table[i + 1]![j + 1]! + 1 : Math.max(table[i + 1]![j]!, table[i]![j + 1]!);
    }
  }
  return table;
}
