import type { CodeEntry } from './code-entry.ts';
import { CODES } from './codes.ts';
import { REASONS, type ReasonEntry } from './reasons.ts';

const AREAS: Readonly<Record<string, string>> = {
  SL00: 'YAML',
  SL01: 'Fields and rules',
  SL02: 'Transform and filter rules',
  SL03: 'Lints',
  SL04: 'References between things',
  SL05: 'Backends',
  SL06: 'This machine',
  SL07: 'Engines and clusters',
  SL08: 'Lab',
  SL09: 'Usage',
};

/** docs/spec/diagnostics.md: every code and reason with its text, so that a finding can link to it. */
export function diagnosticsPage(): string {
  const areas = Object.entries(AREAS).flatMap(([prefix, title]) => {
    const codes = CODES.filter(({ code }) => code.startsWith(prefix));
    return codes.length === 0 ? [] : [`## ${title}`, '', ...codes.flatMap(codeSection)];
  });
  const lines = [
    '<!-- Generated from src/diagnostics by `npm run generate`. Do not edit. -->',
    '',
    '# Diagnostics',
    '',
    'Every code that Sluice reports, and every reason that a condition or status gives. Codes are stable and never reused. The same texts offline: `sluice explain CODE`, `sluice explain REASON`.',
    '',
    ...areas,
    '## Reasons',
    '',
    ...REASONS.flatMap(reasonSection),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

function codeSection({ code, title, severity, explanation, example, fix, fixed }: CodeEntry): readonly string[] {
  return [
    `### ${code}`,
    '',
    `**${title}** (${severity}). ${explanation}`,
    '',
    ...block(example),
    fix,
    '',
    ...(fixed === undefined ? [] : block(fixed)),
  ];
}

function block(text: string): readonly string[] {
  return ['```text', ...text.split('\n'), '```', ''];
}

function reasonSection({ reason, condition, status, means, causes, look, safe }: ReasonEntry): readonly string[] {
  const where = condition === 'status' ? 'of a running engine, Ready' : `on condition ${condition}`;
  return [
    `### ${reason}`,
    '',
    `${where} = ${status}. ${means} Safe? ${safe}`,
    '',
    ...(causes.length === 0 ? [] : [...causes.map((cause) => `- ${cause}`), '']),
    ...look.map(({ command, shows }) => `- \`${command}\`: ${shows}`),
    '',
  ];
}
