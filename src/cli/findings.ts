import { type Issue, renderHuman, type SourceFile } from '../diagnostics/index.ts';
import type { CliContext } from './context.ts';
import { asCalled } from './program-name.ts';

/** Prints findings to stderr, for verbs whose document is something else. Warnings are left out with --quiet. */
export function reportIssues(issues: readonly Issue[], sources: readonly SourceFile[], context: CliContext): void {
  const shown = context.quiet ? issues.filter(({ severity }) => severity === 'error') : issues;
  if (shown.length === 0) return;
  const { columns } = context.stderr;
  const options = { sources, color: context.color.stderr, unicode: context.unicode, columns };
  context.stderr.write(`${renderHuman(pasteable(shown, context), options)}\n`);
}

export function hasErrors(issues: readonly Issue[]): boolean {
  return issues.some((issue) => issue.severity === 'error');
}

/** Advice whose commands can be pasted as they are; what quotes the file stays as it is. */
export function pasteable(issues: readonly Issue[], { program }: Pick<CliContext, 'program'>): readonly Issue[] {
  return issues.map((issue) => ({
    ...issue,
    ...(issue.help === undefined ? {} : { help: asCalled(issue.help, program) }),
    ...(issue.notes === undefined ? {} : { notes: issue.notes.map((note) => asCalled(note, program)) }),
  }));
}
