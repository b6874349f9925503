import { checkSchema, formatPath, type Issue, type Path, SourceDocument } from '../diagnostics/index.ts';
import { newerDocument } from './conversion.ts';
import { describeField } from './describe-field.ts';
import { manifestSchema } from './kinds.ts';
import { laterIssues } from './later.ts';
import { API_VERSION, OLD_API_VERSION, type PipelineKind } from './resource.ts';
import { checkRules } from './rules/check-rules.ts';
import { RuleContext } from './rules/rule-context.ts';

export interface CheckedManifest {
  readonly issues: readonly Issue[];
  /** As v1beta1 has it, with the places of what was written. */
  readonly document: SourceDocument;
}

/** Everything wrong with one pipeline, in its own words. What is inside a field that is refused as a whole is not judged. */
export function checkManifest(kind: PipelineKind, apiVersion: string, written: SourceDocument): CheckedManifest {
  const isOld = apiVersion === OLD_API_VERSION;
  const document = isOld ? new SourceDocument(written.file, newerDocument(kind, written.root)) : written;
  const schema = manifestSchema(kind, apiVersion);
  const all = checkSchema(written.value, schema, { document: written }).map((issue) =>
    withNameInThisVersion(issue, kind, isOld ? 'v1beta1' : 'v1alpha1'),
  );
  // A field that the kind does not have will not come later either.
  const later = outside(
    laterIssues(kind, document),
    all.filter(({ code }) => code === 'SL0101'),
  );
  const bySchema = outside(all, later);
  const byRules = [...checkRules(kind, document), ...(isOld ? checkOldRules(written) : [])];
  const deprecated = isOld ? [oldVersionIssue(written, document)] : [];
  return { issues: [...deprecated, ...bySchema, ...later, ...outside(byRules, [...bySchema, ...later])], document };
}

/** The issues that are not about something which others already refuse. */
function outside(issues: readonly Issue[], others: readonly Issue[]): readonly Issue[] {
  return issues.filter(({ path = [] }) => !others.some((other) => isPrefix(other.path ?? [], path)));
}

function isPrefix(start: Path, path: Path): boolean {
  return start.length <= path.length && start.every((step, index) => step === path[index]);
}

/** What a field of the other version is called in this one. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  'spec.input.otlp.disabled': 'v1beta1 has `enabled`, with the opposite value',
  'spec.input.otlp.enabled': 'v1alpha1 has `disabled`, with the opposite value',
  'spec.input.application': 'v1beta1 calls it `runtime`',
  'spec.input.runtime': 'v1alpha1 calls it `application`',
  'spec.output.http.tls.disabled': 'v1beta1 calls it `insecure`',
  'spec.output.http.tls.skipCertificateValidation': 'v1beta1 calls it `insecureSkipVerify`',
  'spec.output.http.tls.insecure': 'v1alpha1 calls it `disabled`',
  'spec.output.http.tls.insecureSkipVerify': 'v1alpha1 calls it `skipCertificateValidation`',
  'spec.output.otlp.compression': 'it came with v1beta1',
};

/** A name of the other version is no slip of the keyboard: the nearest name may mean the opposite. */
function withNameInThisVersion(issue: Issue, kind: PipelineKind, otherVersion: string): Issue {
  const path = (issue.path ?? []).map(String);
  const help = issue.code === 'SL0101' ? OTHER_NAMES[path.join('.')] : undefined;
  if (help === undefined || describeField(kind, path, otherVersion) === undefined) return issue;
  const { fix: _, ...rest } = issue;
  return { ...rest, help };
}

/** What only v1alpha1 can get wrong. */
export function checkOldRules(written: SourceDocument): readonly Issue[] {
  const context = new RuleContext(written);
  const selector = ['spec', 'input', 'application', 'namespaces'];
  const other = ['include', 'exclude'].find((name) => context.at([...selector, name]) !== undefined);
  if (other !== undefined && context.at([...selector, 'system']) !== undefined) {
    context.report('SL0114', [...selector, 'system'], `must not stand beside \`${other}\``, {
      part: 'key',
      label: 'second selection',
      related: context.related([...selector, other], 'first selection'),
      help: 'keep one of the two',
    });
  }
  return context.issues;
}

function oldVersionIssue(written: SourceDocument, document: SourceDocument): Issue {
  const path = ['apiVersion'];
  const span = written.spanOf(path)!;
  const changes = renamedFields(document);
  const system = written.spanOf(['spec', 'input', 'application', 'namespaces', 'system']);
  if (system) changes.push('`namespaces: { system: true }` as `namespaces: {}`, and leave out `system: false`');
  return {
    code: 'SL0320',
    severity: 'warning',
    message: `\`apiVersion: ${OLD_API_VERSION}\` is deprecated`,
    path,
    span,
    label: 'older version of the API',
    help: [`write \`${API_VERSION}\``, ...changes].join(', '),
    ...(changes.length === 0
      ? { fix: { applicability: 'MachineApplicable', span, newText: API_VERSION } as const }
      : {}),
  };
}

/** What is called otherwise in v1beta1: `input.application` as `input.runtime`. */
function renamedFields(document: SourceDocument): string[] {
  const candidates: Path[] = [
    ['spec', 'input', 'otlp', 'enabled'],
    ['spec', 'input', 'runtime'],
    ['spec', 'output', 'http', 'tls', 'insecure'],
    ['spec', 'output', 'http', 'tls', 'insecureSkipVerify'],
  ];
  return candidates.flatMap((path) => {
    const old = formatPath(document.written(path));
    if (document.spanOf(path) === undefined || old === formatPath(path)) return [];
    const inverted = path.at(-1) === 'enabled' ? ' with the opposite value' : '';
    return [`\`${old}\` as \`${formatPath(path)}\`${inverted}`];
  });
}
