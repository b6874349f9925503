import { type Issue, renderHuman, type SourceFile } from '../diagnostics/index.ts';
import type { CliContext } from './context.ts';

/** Prints findings to stderr, for verbs whose document is something else. */
export function reportIssues(issues: readonly Issue[], sources: readonly SourceFile[], context: CliContext): void {
  if (issues.length === 0) return;
  context.stderr.write(`${renderHuman(issues, { sources, color: context.color.stderr, unicode: context.unicode })}\n`);
}

export function hasErrors(issues: readonly Issue[]): boolean {
  return issues.some((issue) => issue.severity === 'error');
}
