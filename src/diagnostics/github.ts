import type { Issue } from './issue.ts';
import { sortIssues } from './summary.ts';

/** Issues as workflow commands of GitHub Actions, which marks the lines of a change with them. */
export function renderGithub(issues: readonly Issue[]): string {
  return sortIssues(issues)
    .map(({ code, severity, message, help, span }) => {
      const place =
        span === undefined
          ? []
          : [
              `file=${property(span.file)}`,
              `line=${span.line}`,
              `endLine=${span.endLine}`,
              // Columns are for marks within one line.
              ...(span.line === span.endLine ? [`col=${span.column}`, `endColumn=${span.endColumn}`] : []),
            ];
      const text = help === undefined ? message : `${message}; ${help}`;
      return `::${severity} ${[...place, `title=${code}`].join(',')}::${data(text)}\n`;
    })
    .join('');
}

/** https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
