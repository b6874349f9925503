import type { Issue, SourceSpan } from '../../diagnostics/index.ts';
import type { InputFile } from '../input-files.ts';

/** No file of ours has such a name. */
const POSTED = 'posted: ';

/** Files as somebody sent them, under names that they share with no file of ours. */
export function asPosted(files: readonly InputFile[]): readonly InputFile[] {
  return files.map(({ file, text }) => ({ file: `${POSTED}${file}`, text }));
}

/** Those of the findings that are about posted files, with the names of their sender. */
export function issuesOfPosted(issues: readonly Issue[]): readonly Issue[] {
  return issues.filter(({ span }) => span?.file.startsWith(POSTED)).map(underSentName);
}

/** The names of files in a finding as their sender wrote them. */
function underSentName(issue: Issue): Issue {
  const sent = (span: SourceSpan): SourceSpan => ({ ...span, file: span.file.replace(POSTED, '') });
  return {
    ...issue,
    ...(issue.span === undefined ? {} : { span: sent(issue.span) }),
    ...(issue.related === undefined ? {} : { related: issue.related.map((one) => ({ ...one, span: sent(one.span) })) }),
    ...(issue.fix === undefined ? {} : { fix: { ...issue.fix, span: sent(issue.fix.span) } }),
  };
}
