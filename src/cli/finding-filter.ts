import { CODES, codeEntry, type Issue, type ResourceRange, resourceAt, suggest } from '../diagnostics/index.ts';
import { CliError } from './context.ts';
import { EXIT } from './exit-code.ts';

/** `SL0305` anywhere, or in one resource. */
interface Suppression {
  readonly code: string;
  readonly resource?: { readonly kind: string; readonly name: string };
}

export interface FindingFilter {
  keep(issue: Issue): boolean;
}

/**
 * `--only SL02,SL0305` keeps codes that begin so; `--suppress 'SL0305=LogPipeline archive'` takes out a warning that was
 * looked at and found right. An error cannot be taken out: its pipeline would not run.
 */
export function parseFindingFilter(
  only: readonly string[] | undefined,
  suppress: readonly string[] | undefined,
  resources: readonly ResourceRange[],
): FindingFilter {
  const prefixes = only?.flatMap((list) => list.split(',')).map(parsePrefix);
  const suppressions = (suppress ?? []).map(parseSuppression);
  const isSuppressed = (issue: Issue) =>
    issue.severity === 'warning' &&
    suppressions.some(({ code, resource }) => {
      if (code !== issue.code) return false;
      const at = resource === undefined ? undefined : resourceAt(issue, resources);
      return resource === undefined || (at?.kind === resource.kind && at.name === resource.name);
    });
  return {
    keep: (issue) => (prefixes?.some((prefix) => issue.code.startsWith(prefix)) ?? true) && !isSuppressed(issue),
  };
}

function parsePrefix(text: string): string {
  const prefix = text.trim().toUpperCase();
  // A whole range may have no codes in this version.
  if (/^SL0\d$/.test(prefix)) return prefix;
  if (prefix !== '' && CODES.some(({ code }) => code.startsWith(prefix))) return prefix;
  throw unknownCode('--only', text);
}

function parseSuppression(text: string): Suppression {
  const [, code = '', kind, name] = /^\s*(\w+)\s*(?:=\s*(\w+)[\s/]+(\S+)\s*)?$/.exec(text) ?? [];
  const entry = codeEntry(code);
  if (entry === undefined) throw unknownCode('--suppress', text);
  if (entry.severity === 'error') {
    throw new CliError(EXIT.usage, 'SL0903', `--suppress takes codes of warnings; ${entry.code} is an error`, [
      'a pipeline with an error does not run; mend it, or leave its file out',
    ]);
  }
  return { code: entry.code, ...(kind === undefined || name === undefined ? {} : { resource: { kind, name } }) };
}

function unknownCode(flag: string, text: string): CliError {
  const near = suggest(
    text.replace(/=.*/s, '').trim().toUpperCase(),
    CODES.map(({ code }) => code),
  );
  const meant = near === undefined ? '' : `; did you mean \`${near}\`?`;
  return new CliError(EXIT.usage, 'SL0903', `${flag} takes codes such as SL0305, got \`${text}\`${meant}`, [
    'all codes:  sluice explain',
  ]);
}
