import { codeEntry } from './codes.ts';
import { fingerprints } from './fingerprint.ts';
import type { Issue, SourceSpan } from './issue.ts';
import { sortIssues } from './summary.ts';

export interface SarifOptions {
  readonly cliVersion: string;
}

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** Issues as a SARIF 2.1.0 log, as code scanning reads it. The same issues give the same bytes. */
export function renderSarif(issues: readonly Issue[], { cliVersion }: SarifOptions): unknown {
  const sorted = sortIssues(issues);
  const codes = [...new Set(sorted.map(({ code }) => code))].sort();
  const marks = fingerprints(sorted);
  return {
    version: '2.1.0',
    $schema: SCHEMA,
    runs: [
      {
        tool: { driver: { name: 'sluice', semanticVersion: cliVersion, rules: codes.map(rule) } },
        columnKind: 'utf16CodeUnits',
        results: sorted.map((issue, i) => result(issue, codes.indexOf(issue.code), marks[i]!)),
      },
    ],
  };
}

function rule(code: string): unknown {
  const entry = codeEntry(code);
  if (entry === undefined) return { id: code };
  const { title, explanation, fix, example, severity } = entry;
  return {
    id: code,
    name: pascalCase(title),
    shortDescription: { text: title },
    fullDescription: { text: explanation },
    help: {
      text: `${explanation}\n\n${fix}`,
      markdown: `${explanation}\n\n\`\`\`yaml\n${example}\n\`\`\`\n\n${fix}`,
    },
    defaultConfiguration: { level: severity },
  };
}

function pascalCase(title: string): string {
  return title
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

function result(issue: Issue, ruleIndex: number, mark: string): unknown {
  const { code, severity, message, span, help, related, fix } = issue;
  return {
    ruleId: code,
    ruleIndex,
    level: severity,
    message: { text: help === undefined ? message : `${message}; ${help}` },
    ...(span === undefined ? {} : { locations: [{ physicalLocation: physicalLocation(span) }] }),
    ...(related === undefined
      ? {}
      : {
          relatedLocations: related.map((place) => ({
            physicalLocation: physicalLocation(place.span),
            message: { text: place.label },
          })),
        }),
    partialFingerprints: { 'sluiceFinding/v1': mark },
    ...(fix === undefined ? {} : { fixes: [{ artifactChanges: [change(fix.span, fix.newText)] }] }),
  };
}

function physicalLocation(span: SourceSpan) {
  return { artifactLocation: { uri: uriOf(span.file) }, region: regionOf(span) };
}

function change(span: SourceSpan, text: string) {
  return {
    artifactLocation: { uri: uriOf(span.file) },
    replacements: [{ deletedRegion: regionOf(span), insertedContent: { text } }],
  };
}

/** Ends are exclusive on both sides. */
function regionOf({ line, column, endLine, endColumn }: SourceSpan) {
  return { startLine: line, startColumn: column, endLine, endColumn };
}

/** A relative path stays one, so that it is found below the root of the repository. */
function uriOf(file: string): string {
  if (file === '<stdin>') return 'stdin';
  const path = file.replaceAll('\\', '/').split('/').map(encodeURIComponent).join('/');
  return path.startsWith('/') ? `file://${path}` : path;
}
