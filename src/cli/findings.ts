import { type Issue, renderHuman, type SourceFile } from '../diagnostics/index.ts';
import type { CliContext } from './context.ts';

/** Prints findings to stderr, for verbs whose document is something else. Warnings are left out with --quiet. */
export function reportIssues(issues: readonly Issue[], sources: readonly SourceFile[], context: CliContext): void {
  const shown = context.quiet ? issues.filter(({ severity }) => severity === 'error') : issues;
  if (shown.length === 0) return;
  const { columns } = context.stderr;
  const options = { sources, color: context.color.stderr, unicode: context.unicode, columns };
  context.stderr.write(`${renderHuman(shown, options)}\n`);
}

export function hasErrors(issues: readonly Issue[]): boolean {
  return issues.some((issue) => issue.severity === 'error');
}
