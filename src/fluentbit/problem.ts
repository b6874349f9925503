/** What is wrong with a text, by offsets into it. Whoever knows the file makes an issue of it. */
export interface Problem {
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly start: number;
  readonly end: number;
  readonly label?: string;
  readonly help?: string;
}

export interface Range {
  readonly start: number;
  readonly end: number;
}

/** One line of a section: a key and all that follows it. */
export interface Entry {
  /** As written; Fluent Bit does not care for its case. */
  readonly key: string;
  readonly value: string;
  readonly keyAt: Range;
  readonly valueAt: Range;
}

/** Line and column of an offset, both from 1, columns in UTF-16 units. */
export function positionOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}

export function problemAt(
  code: string,
  { start, end }: Range,
  message: string,
  rest: Partial<Omit<Problem, 'code' | 'message' | 'start' | 'end'>> = {},
): Problem {
  return { code, severity: 'error', message, start, end, ...rest };
}
