/** Breaks at spaces; what stands in backquotes and a word longer than a line stay whole, so that they can be copied. */
export function wrapWords(text: string, length: number): readonly string[] {
  const lines: string[] = [];
  let line: string | undefined;
  for (const word of text.match(/(?:`[^`]*`|[^ ])+/g) ?? []) {
    if (line !== undefined && line.length + 1 + word.length <= length) line += ` ${word}`;
    else {
      if (line !== undefined) lines.push(line);
      line = word;
    }
  }
  return line === undefined ? lines : [...lines, line];
}
