import type { Issue, SourceSpan } from './issue.ts';
import type { Path } from './path.ts';
import { countSeverities, type SummaryCounts, sortIssues } from './summary.ts';

export interface ValidationReportOptions extends SummaryCounts {
  readonly cliVersion: string;
  /** RFC 3339; left out when the caller wants the same bytes for the same input. */
  readonly generatedAt?: string;
  /** `files` unless the check looked further. */
  readonly target?: string;
}

/** The document of `validate -o json`. Field names never change within v1; additions only. */
export interface ValidationReport {
  readonly apiVersion: 'cli.sluice.io/v1';
  readonly kind: 'ValidationReport';
  readonly metadata: { readonly generatedAt?: string; readonly cliVersion: string; readonly target: string };
  readonly summary: {
    readonly files: number;
    readonly resources: number;
    readonly errors: number;
    readonly warnings: number;
  };
  readonly items: readonly ValidationReportItem[];
}

export interface ValidationReportItem {
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly location?: Partial<SourceSpan> & { readonly path?: Path };
  readonly label?: string;
  readonly related?: readonly { readonly location: SourceSpan; readonly label: string }[];
  readonly help?: string;
  readonly notes?: readonly string[];
  /** The page of the code, in the repository. */
  readonly docs: string;
  readonly fixes?: readonly {
    readonly applicability: 'MachineApplicable' | 'MaybeIncorrect';
    readonly edits: readonly {
      readonly start: readonly [number, number];
      readonly end: readonly [number, number];
      readonly newText: string;
    }[];
  }[];
}

export function renderJson(issues: readonly Issue[], options: ValidationReportOptions): ValidationReport {
  const { cliVersion, generatedAt, target = 'files', files, resources } = options;
  return {
    apiVersion: 'cli.sluice.io/v1',
    kind: 'ValidationReport',
    metadata: { ...(generatedAt === undefined ? {} : { generatedAt }), cliVersion, target },
    summary: { files, resources, ...countSeverities(issues) },
    items: sortIssues(issues).map(reportItem),
  };
}

function reportItem(issue: Issue): ValidationReportItem {
  const { span, related, fix, path, label, help, notes } = issue;
  return {
    code: issue.code,
    severity: issue.severity,
    message: issue.message,
    ...(span || path ? { location: { ...span, ...(path === undefined ? {} : { path }) } } : {}),
    ...(label === undefined ? {} : { label }),
    ...(related === undefined ? {} : { related: related.map((one) => ({ location: one.span, label: one.label })) }),
    ...(help === undefined ? {} : { help }),
    ...(notes === undefined ? {} : { notes }),
    docs: docsOf(issue.code),
    ...(fix === undefined
      ? {}
      : { fixes: [{ applicability: fix.applicability, edits: [editOf(fix.span, fix.newText)] }] }),
  };
}

function editOf({ line, column, endLine, endColumn }: SourceSpan, newText: string) {
  return { start: [line, column] as const, end: [endLine, endColumn] as const, newText };
}

/** The page stands beside the source, so that it is about the version that is installed. */
export function docsOf(code: string): string {
  return `docs/spec/diagnostics.md#${code.toLowerCase()}`;
}
