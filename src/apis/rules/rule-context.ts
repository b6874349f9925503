import { formatPath, type Issue, type Path, type SourceDocument } from '../../diagnostics/index.ts';

/** Reads a manifest that may still be wrong in other places, and reports at its places, with the field names it has. */
export class RuleContext {
  readonly issues: Issue[] = [];
  readonly #document: SourceDocument;

  constructor(document: SourceDocument) {
    this.#document = document;
  }

  /** The value at a path; undefined where it is missing or null, or something above it has another shape. */
  at(path: Path): unknown {
    let value: unknown = this.#document.value;
    for (const step of path) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
      value = (value as Record<string | number, unknown>)[step];
    }
    return value ?? undefined;
  }

  text(path: Path): string | undefined {
    const value = this.at(path);
    return typeof value === 'string' ? value : undefined;
  }

  object(path: Path): Readonly<Record<string, unknown>> | undefined {
    const value = this.at(path);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  }

  list(path: Path): readonly unknown[] {
    const value = this.at(path);
    return Array.isArray(value) ? value : [];
  }

  /** Reports a value; `message` follows its path. */
  report(
    code: string,
    path: Path,
    message: string,
    rest: Partial<Issue> & { readonly part?: 'key' | 'value' } = {},
  ): void {
    const { part = 'value', ...fields } = rest;
    const span = this.#document.spanOf(path, part) ?? this.#document.nearestSpan(path);
    const written = this.#document.written(path);
    const subject = `\`${formatPath(written)}\``;
    this.issues.push({ code, severity: 'error', message: `${subject} ${message}`, path: written, span, ...fields });
  }

  related(path: Path, label: string): NonNullable<Issue['related']> {
    const span = this.#document.spanOf(path, 'key');
    return span ? [{ span, label }] : [];
  }
}
