import type { Issue } from './issue.ts';

/** Issues in the order of their files and lines; those without a place come first. A stable sort: equal places keep their order. */
export function sortIssues(issues: readonly Issue[]): Issue[] {
  return [...issues].sort((a, b) => {
    if (!a.span || !b.span) return Number(a.span !== undefined) - Number(b.span !== undefined);
    const byFile = a.span.file < b.span.file ? -1 : a.span.file > b.span.file ? 1 : 0;
    return byFile || a.span.line - b.span.line || a.span.column - b.span.column;
  });
}

export function countSeverities(issues: readonly Issue[]): { errors: number; warnings: number } {
  const errors = issues.filter((issue) => issue.severity === 'error').length;
  return { errors, warnings: issues.length - errors };
}

export interface SummaryCounts {
  readonly files: number;
  readonly resources: number;
}

/** `2 files, 2 resources: 4 errors, 0 warnings. Details of a code: sluice explain SL0101` */
export function summaryLine(issues: readonly Issue[], counts: SummaryCounts): string {
  const { errors, warnings } = countSeverities(issues);
  const found = `${count(counts.files, 'file')}, ${count(counts.resources, 'resource')}: ${count(errors, 'error')}, ${count(warnings, 'warning')}`;
  const first = sortIssues(issues)[0];
  return first ? `${found}. Details of a code: sluice explain ${first.code}` : found;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
