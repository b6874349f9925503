import type { Finding } from '../../operator/index.ts';
import type { CliContext } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { asCalled } from '../program-name.ts';

const SYMBOLS = { ok: '√', info: '·', warning: '‼', failed: '×' } as const;
const WORDS = { ok: 'ok  ', info: 'note', warning: 'warn', failed: 'FAIL' } as const;

/** Findings under their headings, and one line that sums up. */
export function findingsText(findings: readonly Finding[], context: CliContext): string {
  return `${findingsList(findings, context)}\n${summaryLine(findings)}\n`;
}

/** Findings under their headings, each with what to do. */
export function findingsList(findings: readonly Finding[], { unicode, program }: CliContext): string {
  const marks = unicode ? SYMBOLS : WORDS;
  const groups = [...new Set(findings.map(({ group }) => group))];
  const parts = groups.map((group) => {
    const lines = findings
      .filter((finding) => finding.group === group)
      .flatMap(({ status, text, fixes = [] }) => [`${marks[status]} ${text}`, ...fixes.map((fix) => `    ${fix}`)]);
    return `${group}\n${'-'.repeat(group.length)}\n${lines.join('\n')}\n`;
  });
  return asCalled(parts.join('\n'), program);
}

export interface FindingsSummary {
  readonly ok: number;
  readonly warnings: number;
  readonly failed: number;
}

export function findingsSummary(findings: readonly Finding[]): FindingsSummary {
  const count = (wanted: Finding['status']) => findings.filter(({ status }) => status === wanted).length;
  return { ok: count('ok'), warnings: count('warning'), failed: count('failed') };
}

function summaryLine(findings: readonly Finding[]): string {
  const { ok, warnings, failed } = findingsSummary(findings);
  return `${failed} failed, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}, ${ok} ok`;
}

export function findingsExit(findings: readonly Finding[], strict: boolean): ExitCode {
  const { warnings, failed } = findingsSummary(findings);
  if (failed > 0) return EXIT.no;
  return strict && warnings > 0 ? EXIT.warningsOnly : EXIT.ok;
}
