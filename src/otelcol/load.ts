// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the Collector's references look like template strings
import { formatPath, type Issue, parseYamlDocuments, type SourceDocument } from '../diagnostics/index.ts';
import type { OtelcolConfig } from './config.ts';
import { type ExpandProblem, expandValue } from './expand.ts';
import { checkReferences } from './references.ts';
import { checkShape, withAllSections } from './shape.ts';

export interface LoadConfigOptions {
  /** Where `${env:X}` looks. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface LoadedConfig {
  /** Present when its shape is right; with references that lead nowhere it is still there to be checked, not to be run. */
  readonly config?: OtelcolConfig;
  readonly issues: readonly Issue[];
  /** Gives places to whoever finds more in the configuration. */
  readonly document?: SourceDocument;
}

/**
 * Reads a Collector configuration: YAML, expansion of environment variables, shape of the sections, component ids and
 * references. What the settings of a component mean is left to whoever runs it.
 */
export function loadConfig(text: string, file: string, options: LoadConfigOptions): LoadedConfig {
  const { documents, issues } = parseYamlDocuments(text, file, { dialect: 'collector' });
  const document = documents[0];
  if (document === undefined || issues.length > 0) {
    return { issues: issues.length > 0 ? issues : [emptyFile(file)] };
  }
  const found: Issue[] = documents.slice(1).map(ignoredDocument);
  const value = expandValue(document.value, [], {
    env: options.env,
    report: (problem) => found.push(expansionIssue(problem, document)),
  });
  if (found.some(isError)) return { issues: found, document };
  found.push(...checkShape(value, document));
  if (found.some(isError)) return { issues: found, document };
  const config = withAllSections(value);
  return { config, issues: [...found, ...checkReferences(config, document)], document };
}

function isError(issue: Issue): boolean {
  return issue.severity === 'error';
}

function emptyFile(file: string): Issue {
  const span = { file, line: 1, column: 1, endLine: 1, endColumn: 1 };
  return {
    code: 'SL0102',
    severity: 'error',
    message: 'the configuration is empty',
    span,
    help: 'add `receivers`, `exporters` and `service`',
  };
}

function ignoredDocument(document: SourceDocument): Issue {
  return {
    code: 'SL0418',
    severity: 'warning',
    message: 'only the first document of a configuration file is read',
    span: document.nearestSpan([]),
    label: 'this document is ignored',
    help: 'merge it into the first one',
  };
}

function expansionIssue(problem: ExpandProblem, document: SourceDocument): Issue {
  const at = { path: problem.path, span: document.spanOf(problem.path) ?? document.nearestSpan(problem.path) };
  switch (problem.kind) {
    case 'unset':
      return {
        code: 'SL0416',
        severity: 'warning',
        message: `environment variable \`${problem.name}\` is not set; \`${formatPath(problem.path)}\` gets an empty text for it`,
        ...at,
        help: `set it, or write a default: \`\${env:${problem.name}:-default}\``,
      };
    case 'provider':
      return {
        code: 'SL0107',
        severity: 'error',
        message: `the configuration provider \`${problem.scheme}\` is not supported by the engine`,
        ...at,
        label: 'only `${env:NAME}` is expanded',
        help: 'put the value into an environment variable, or write `$$` for a `$` that is meant as text',
      };
    case 'invalid':
      return {
        code: 'SL0417',
        severity: 'error',
        message: `\`${formatPath(problem.path)}\` cannot be expanded: ${problem.reason}`,
        ...at,
        help: 'write `${env:NAME}`, or `$$` for a `$` that is meant as text',
      };
  }
}
