import { checkSchema, type Issue, type Path, type SourceDocument } from '../diagnostics/index.ts';
import { manifestSchema } from './kinds.ts';
import { laterIssues } from './later.ts';
import type { PipelineKind } from './resource.ts';
import { checkRules } from './rules/check-rules.ts';

/** Everything wrong with one manifest. What is inside a field that is refused as a whole is not judged. */
export function checkManifest(kind: PipelineKind, document: SourceDocument): readonly Issue[] {
  const later = laterIssues(kind, document);
  const bySchema = outside(checkSchema(document.value, manifestSchema(kind), { document }), later);
  return [...bySchema, ...later, ...outside(checkRules(kind, document), [...bySchema, ...later])];
}

/** The issues that are not about something which others already refuse. */
export function outside(issues: readonly Issue[], others: readonly Issue[]): readonly Issue[] {
  return issues.filter(({ path = [] }) => !others.some((other) => isPrefix(other.path ?? [], path)));
}

function isPrefix(start: Path, path: Path): boolean {
  return start.length <= path.length && start.every((step, index) => step === path[index]);
}
