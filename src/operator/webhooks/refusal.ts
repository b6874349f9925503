import type { AdmittedObject, RefusalStatus, StatusCause } from './admission-review.ts';
import type { Finding } from './finding.ts';

/** More would not be read; the rest is counted. */
const MAX_CAUSES = 50;
const MAX_CAUSE_LENGTH = 600;

/** The API server cuts what is longer, and drops all above 4096 together. */
const MAX_WARNING_LENGTH = 120;
const MAX_WARNINGS = 20;

/** Causes of the API, and the words that Kubernetes has for them. */
const INVALID = ['FieldValueInvalid', 'Invalid value'] as const;
const REASONS: Readonly<Record<string, readonly [reason: string, words: string]>> = {
  SL0102: ['FieldValueRequired', 'Required value'],
  SL0104: ['FieldValueNotSupported', 'Unsupported value'],
  SL0106: ['FieldValueForbidden', 'Forbidden'],
  SL0109: ['FieldValueRequired', 'Required value'],
  SL0114: ['FieldValueForbidden', 'Forbidden'],
};

/** The answer that kubectl prints as a list with a line for each field. */
export function refusalOf(object: AdmittedObject, errors: readonly Finding[]): RefusalStatus {
  const shownErrors = errors.slice(0, MAX_CAUSES);
  const rest = errors.length - shownErrors.length;
  const causes: readonly StatusCause[] = [
    ...shownErrors.map(causeOf),
    ...(rest === 0 ? [] : [{ reason: INVALID[0], field: 'spec', message: `and ${rest} more` }]),
  ];
  const { kind, apiVersion, metadata } = object;
  const [group = ''] = apiVersion.split('/');
  const name = metadata.name ?? metadata.generateName ?? '';
  const list = causes.map(({ field, message }) => (field === '' ? message : `${field}: ${message}`)).join(', ');
  return {
    metadata: {},
    status: 'Failure',
    reason: 'Invalid',
    code: 422,
    message: `${kind}.${group} "${name}" is invalid: ${causes.length === 1 ? list : `[${list}]`}`,
    details: { group, kind, name, causes },
  };
}

export function warningsOf(findings: readonly Finding[]): readonly string[] {
  const lines = findings.map((finding) => {
    const code = ` (${finding.issue.code})`;
    const subject = finding.field === '' ? '' : `${finding.field}: `;
    return `${cut(`${subject}${messageOf(finding)}`, MAX_WARNING_LENGTH - code.length)}${code}`;
  });
  return [...new Set(lines)].slice(0, MAX_WARNINGS);
}

function causeOf(finding: Finding): StatusCause {
  const { field, value, place, issue } = finding;
  const [reason, words] = REASONS[issue.code] ?? INVALID;
  const shownValue = value === undefined || reason === 'FieldValueRequired' ? words : `${words}: ${value}`;
  const where = place === undefined ? '' : `${place}: `;
  const help = issue.help === undefined ? '' : `; ${issue.help}`;
  const code = ` (${issue.code})`;
  const text = cut(`${shownValue}: ${where}${messageOf(finding)}${help}`, MAX_CAUSE_LENGTH - code.length);
  return { reason, field, message: `${text}${code}` };
}

/** Messages begin with the field they are about, which stands in front of them here. */
function messageOf({ issue, field }: Finding): string {
  const start = `\`${field}\` `;
  return issue.message.startsWith(start) ? issue.message.slice(start.length) : issue.message;
}

function cut(text: string, maxLength: number): string {
  return text.length > maxLength ? `${text.slice(0, maxLength - 1)}…` : text;
}
