import type { Issue } from './issue.ts';
import { printable } from './printable.ts';
import { sortIssues } from './summary.ts';

/** One line an issue, as compilers write them: `file:line:col: error[SL0101]: …`. */
export function renderShort(issues: readonly Issue[]): string {
  return sortIssues(issues)
    .map((issue) => {
      const at = issue.span ? `${issue.span.file}:${issue.span.line}:${issue.span.column}: ` : '';
      const help = issue.help === undefined ? '' : ` (${issue.help})`;
      return `${printable(`${at}${issue.severity}[${issue.code}]: ${issue.message}${help}`)}\n`;
    })
    .join('');
}
