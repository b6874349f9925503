import { readResources } from '../../apis/index.ts';
import type { Issue } from '../../diagnostics/index.ts';
import { type CertificateFacts, resolve } from '../../pipeline/index.ts';
import { type AdmittedObject, isRecord } from './admission-review.ts';
import { type Finding, findingsOf } from './finding.ts';

export interface CheckOptions {
  /** Absent: only the form of certificates is looked at. */
  readonly certificates?: CertificateFacts;
}

/** What the API server says itself, and what depends on other objects, which the reconciler knows. */
const NOT_TOLD_HERE: readonly string[] = ['SL0320', 'SL0430'];

/** Annotations that may hold a whole manifest; nothing is checked in them. */
const COPIES = ['kubectl.kubernetes.io/last-applied-configuration', 'telemetry.kyma-project.io/conversion-data'];

/**
 * Everything that `sluice validate` finds in one object, but for what needs Secrets, other objects or the time: what was accepted
 * once is accepted again, from a backup too.
 */
export function checkObject(object: AdmittedObject, options: CheckOptions): readonly Finding[] {
  const source = { file: object.kind, text: JSON.stringify(writtenPart(object), null, 1) };
  const read = readResources([source]);
  const resolved = read.resources.map((loaded) => resolve(loaded, { ...options, cluster: true }));
  const issues = [...read.issues, ...resolved.flatMap((result) => result.issues)];
  const findings = findingsOf(
    issues,
    source.text,
    read.sources.flatMap(({ sensitive = [] }) => sensitive),
  );
  return [...findings, ...rulesOfRejected(object, read.issues)].filter(
    ({ issue }) => !NOT_TOLD_HERE.includes(issue.code),
  );
}

/** What people write; the rest is the API server's. */
function writtenPart({ apiVersion, kind, metadata, spec }: AdmittedObject): object {
  const { name, generateName, namespace, labels, annotations = {} } = metadata;
  const kept = Object.entries(annotations).filter(([key]) => !COPIES.includes(key));
  return {
    apiVersion,
    kind,
    metadata: {
      // The API server makes a name of it after this.
      name: name ?? (generateName === undefined ? undefined : `${generateName}00000`),
      namespace,
      labels,
      ...(kept.length === 0 ? {} : { annotations: Object.fromEntries(kept) }),
    },
    spec,
  };
}

const RULE_FIELDS = ['transform', 'filter'] as const;

/**
 * Rules are read last, of what is valid otherwise. So that all mistakes are told at once, those of a pipeline with other mistakes are
 * read in its place by one that has nothing but them.
 */
function rulesOfRejected(object: AdmittedObject, found: readonly Issue[]): readonly Finding[] {
  const spec = isRecord(object.spec) ? object.spec : {};
  const isRejected = found.some(({ severity }) => severity === 'error');
  const fields = RULE_FIELDS.filter((field) => Array.isArray(spec[field]) && !isUnreadable(['spec', field], found));
  if (!isRejected || fields.length === 0 || !object.kind.endsWith('Pipeline')) return [];
  const rules = Object.fromEntries(fields.map((field) => [field, spec[field]]));
  const output = { otlp: { endpoint: { value: 'http://backend:4317' } } };
  const stand = { ...object, metadata: { name: 'rules' }, spec: { ...rules, output } };
  const source = { file: object.kind, text: JSON.stringify(stand, null, 1) };
  const { resources, sources } = readResources([source]);
  const issues = resources.flatMap((loaded) => resolve(loaded, { cluster: true }).issues);
  return findingsOf(
    issues.filter(({ path = [] }) => path[0] === 'spec' && fields.some((field) => field === path[1])),
    source.text,
    sources.flatMap(({ sensitive = [] }) => sensitive),
  );
}

/** Rules that an output cannot carry out (SL0114) can be read all the same. */
function isUnreadable(path: readonly string[], issues: readonly Issue[]): boolean {
  return issues.some(
    (issue) =>
      issue.severity === 'error' && issue.code !== 'SL0114' && path.every((step, at) => issue.path?.[at] === step),
  );
}
