/** A finding that can be blamed on something the user wrote. Collected, never thrown; renderers turn it into text or JSON. */
export interface Issue {
  /** `SL0101` and so on; every code is in the registry (codes.ts). */
  readonly code: string;
  readonly severity: 'error' | 'warning';
  /** What is wrong: lowercase, no full stop, stands alone. Field paths and values stand in backquotes or quotes. */
  readonly message: string;
  /** Path in the document, `['spec', 'output', 'otlp', 'protocol']`. */
  readonly path?: readonly (string | number)[];
  /** Where; absent when there is no source text. */
  readonly span?: SourceSpan;
  /** Short text under the caret: `this field does not exist`. */
  readonly label?: string;
  /** A second place that is to blame, shown with its own text: where a duplicate was first written. */
  readonly related?: readonly { readonly span: SourceSpan; readonly label: string }[];
  /** What to change. */
  readonly help?: string;
  readonly notes?: readonly string[];
  readonly fix?: Fix;
}

/** A half-open range of a source text. Lines and columns start at 1 and count UTF-16 units. */
export interface SourceSpan {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** An edit that clears the issue. */
export interface Fix {
  readonly applicability: 'MachineApplicable' | 'MaybeIncorrect';
  readonly span: SourceSpan;
  readonly newText: string;
}
