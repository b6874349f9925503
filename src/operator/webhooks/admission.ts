import { isDeepStrictEqual } from 'node:util';
import type { AdmissionAnswer, AdmissionRequest } from './admission-review.ts';
import { type CheckOptions, checkObject } from './check-object.ts';
import { defaultsPatch } from './default-inputs.ts';
import type { Finding } from './finding.ts';
import { refusalOf, warningsOf } from './refusal.ts';
import type { AdmissionPhase } from './webhook-manifests.ts';

/**
 * Judges an object. Both phases refuse alike: the API server asks the first before it looks at its own schema, so that people see all
 * mistakes at once, and the second after everybody has changed what they change. Only the second warns.
 *
 * What was stored with a mistake may stay so: an update is refused for what it brings, as CRDs are by the API server, so that labels
 * and finalizers of an invalid object can change and its mistakes be mended one by one.
 */
export function answerAdmission(
  phase: AdmissionPhase,
  { object, oldObject }: AdmissionRequest,
  options: CheckOptions,
): AdmissionAnswer {
  if (object.metadata.deletionTimestamp !== undefined) return {};
  const isSameSpec = oldObject !== undefined && isDeepStrictEqual(object.spec, oldObject.spec);
  // Whoever sets a label shall not become the owner of defaults.
  if (isSameSpec && phase === 'mutate') return {};
  const findings = checkObject(object, options);
  const found = findings.filter(({ issue }) => issue.severity === 'error');
  const old = found.length === 0 || oldObject === undefined || isSameSpec ? [] : checkObject(oldObject, options);
  const isNew = (finding: Finding) => !isSameSpec && !old.some((other) => isSameFinding(finding, other));
  const errors = found.filter(isNew);
  if (errors.length > 0) return { refusal: refusalOf(object, errors) };
  return phase === 'mutate' ? { patch: defaultsPatch(object) } : { warnings: warningsOf(findings) };
}

function isSameFinding(a: Finding, b: Finding): boolean {
  return (
    a.issue.code === b.issue.code &&
    a.field === b.field &&
    a.issue.message === b.issue.message &&
    isDeepStrictEqual(a.content, b.content)
  );
}
