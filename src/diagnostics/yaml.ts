import { parseAllDocuments } from 'yaml';
import type { Issue } from './issue.ts';
import { SourceDocument } from './source-document.ts';
import { createTextLines, type TextLines } from './text-lines.ts';
import { NodeBuilder } from './yaml-nodes.ts';
import type { YamlDialect } from './yaml-scalar.ts';
import { syntaxIssue } from './yaml-syntax.ts';

const MAX_TEXT_LENGTH = 8 * 1024 * 1024;

export interface ParsedYaml {
  /** Documents that hold a value; empty ones (`---` twice, comments alone) are left out. A document with an error is left out too. */
  readonly documents: readonly SourceDocument[];
  readonly issues: readonly Issue[];
}

export interface ParseYamlOptions {
  /** Default `kubernetes`. */
  readonly dialect?: YamlDialect;
}

/** Parses a file of YAML (or JSON) documents. Never throws: whatever is wrong with the text becomes an issue with its place. */
export function parseYamlDocuments(text: string, file: string, options: ParseYamlOptions = {}): ParsedYaml {
  const lines = createTextLines(file, text);
  if (text.length > MAX_TEXT_LENGTH) {
    return {
      documents: [],
      issues: [limitIssue(lines, `the file is larger than ${MAX_TEXT_LENGTH / 1024 / 1024} MiB`)],
    };
  }
  const parsed = parseAll(text);
  if (parsed === undefined) return { documents: [], issues: [limitIssue(lines, 'values are nested too deeply')] };
  const documents: SourceDocument[] = [];
  const issues: Issue[] = [];
  for (const document of Array.isArray(parsed) ? parsed : []) {
    if (document.errors.length > 0) {
      // What follows the first error of a document is mostly its echo.
      issues.push(syntaxIssue(document.errors[0]!, text, lines));
      continue;
    }
    const builder = new NodeBuilder(text, lines, options.dialect ?? 'kubernetes');
    const root = builder.build(document.contents, lines.spanAt(document.range?.[0] ?? 0, document.range?.[0] ?? 0));
    issues.push(...builder.issues);
    if (builder.issues.length === 0 && root.value !== null) documents.push(new SourceDocument(file, root));
  }
  return { documents, issues };
}

function parseAll(text: string): ReturnType<typeof parseAllDocuments> | undefined {
  try {
    return parseAllDocuments(text, { schema: 'failsafe', prettyErrors: false, uniqueKeys: false, logLevel: 'error' });
  } catch (error) {
    // The parser is recursive: a text of brackets alone exhausts the stack, which is the user's mistake and not ours.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function limitIssue(lines: TextLines, message: string): Issue {
  return { code: 'SL0004', severity: 'error', message, span: lines.spanAt(0, 0) };
}
