import type { LoadedResource } from '../../apis/index.ts';
import { type Issue, isHeaderSetting, isSecretSetting, type Path } from '../../diagnostics/index.ts';
import {
  type CheckPluginOptions,
  checkPlugin,
  type Entry,
  type Problem,
  parseEntries,
  valueProblemOf,
} from '../../fluentbit/index.ts';
import { sourceOf } from '../node-source.ts';
import type { CustomSection, SectionEntry, SectionText } from './graph.ts';
import { isSharedFile, reachProblems, readsFile } from './reach.ts';
import { helpWith, issueOf, type SectionNames } from './section-context.ts';
import { UPSTREAM_FILES } from './shared-paths.ts';
import { splitVariables, variableProblems } from './variable-text.ts';

export interface SectionPlace {
  readonly kind: 'filter' | 'output';
  readonly path: Path;
  readonly text: string;
}

export interface ResolvedSection {
  /** Absent when the section has an error, or nothing of it is left. */
  readonly section?: CustomSection;
  readonly issues: readonly Issue[];
}

/** A section as a user wrote it: one plugin that Fluent Bit has, with options it takes, and nothing that reaches others. */
export function resolveSection(
  loaded: LoadedResource,
  { kind, path, text }: SectionPlace,
  names: SectionNames,
  options: CheckPluginOptions = {},
): ResolvedSection {
  const { entries, problems: syntax } = parseEntries(text);
  const issuesOf = (problems: readonly Problem[]) => problems.map((problem) => issueOf(problem, path, loaded));
  const checked = checkPlugin(kind, entries, { start: 0, end: text.length }, options);
  const { plugin } = checked;
  if (plugin === undefined) return { issues: issuesOf(syntax.length > 0 ? syntax : checked.problems) };
  const reach = reachProblems(kind, plugin, entries);
  const refused = new Set(reach.map(({ start }) => start));
  const problems = [
    ...syntax,
    ...checked.problems.filter(({ start }) => !refused.has(start)),
    ...reach,
    ...entries.flatMap((entry) => [...variableProblems(entry, names), ...fileProblems(plugin, entry, names)]),
    ...entries.flatMap((entry) => expandedProblems(kind, plugin, { entry, names })),
  ].sort((a, b) => a.start - b.start);
  const known = withKnownParsers(plugin, entries, names);
  const issues = issuesOf([...problems, ...known.problems]);
  if (problems.length > 0 || known.entries === undefined) return { issues };
  return {
    section: {
      plugin,
      entries: known.entries
        .filter(({ key }) => key.toLowerCase() !== 'name')
        .map((entry) => toEntry(plugin, entry, names)),
      ...sourceOf(loaded, path),
    },
    issues,
  };
}

function toEntry(plugin: string, entry: Entry, names: SectionNames): SectionEntry {
  const key = entry.key.toLowerCase();
  const file = readsFile(plugin, key) ? ownFile(entry.value) : undefined;
  if (file !== undefined && names.files.has(file)) return { key, value: [{ file }] };
  const value = splitVariables(entry.value);
  if (file !== undefined || !isSecretSetting(key, entry.value)) return { key, value };
  return { key, value: isHeaderSetting(key) ? hiddenHeader(value) : value.map(hidden) };
}

/** The name of a header is no secret, nor the word in front of a variable that is one. */
const OPEN_PART = /^\S+[ \t]+(?:(?:apikey|basic|bearer|splunk|token)[ \t]+$)?/i;

function hiddenHeader([first = '', ...rest]: SectionText): SectionText {
  const open = typeof first === 'string' ? (OPEN_PART.exec(first)?.[0] ?? '') : '';
  const closed = typeof first === 'string' ? first.slice(open.length) : first;
  return [open, ...[closed, ...rest].map(hidden)].filter((part) => part !== '' && !isEmptySecret(part));
}

function isEmptySecret(part: SectionText[number]): boolean {
  return typeof part === 'object' && 'secret' in part && part.secret === '';
}

function hidden(part: SectionText[number]): SectionText[number] {
  return typeof part === 'string' ? { secret: part } : part;
}

/** What a Secret holds where an option takes a number or the like: Fluent Bit would stop for it, and with it everybody. */
function expandedProblems(
  kind: SectionPlace['kind'],
  plugin: string,
  { entry, names }: { readonly entry: Entry; readonly names: SectionNames },
): readonly Problem[] {
  const parts = splitVariables(entry.value);
  const texts = parts.map((part) =>
    typeof part === 'string' ? part : 'variable' in part ? names.variables.get(part.variable)?.text : undefined,
  );
  if (parts.every((part) => typeof part === 'string') || texts.includes(undefined)) return [];
  const expected = valueProblemOf(kind, plugin, { key: entry.key, value: texts.join('') });
  if (expected === undefined) return [];
  const { start, end } = entry.valueAt;
  const message = `must give \`${entry.key.toLowerCase()}\` ${expected}; the variable holds something else`;
  return [{ code: 'SL0133', severity: 'error', message, start, end, label: 'what the Secret holds does not fit' }];
}

/** The name of a file of the pipeline, as upstream has it in one folder for all, or alone. */
function ownFile(value: string): string {
  return value.startsWith(UPSTREAM_FILES) ? value.slice(UPSTREAM_FILES.length) : value;
}

function fileProblems(plugin: string, entry: Entry, { files }: SectionNames): readonly Problem[] {
  const key = entry.key.toLowerCase();
  const { value, valueAt } = entry;
  if (!readsFile(plugin, key) || files.has(ownFile(value)) || isSharedFile(key, value)) return [];
  return [
    {
      code: 'SL0134',
      severity: 'error',
      message: `must name one of the pipeline's own files in \`${key}\``,
      ...valueAt,
      label: files.size === 0 ? 'the pipeline has no files' : 'not one of `files`',
      help: helpWith(ownFile(value), files, 'add the file under `files`, and write its name here'),
    },
  ];
}

/** Parsers that nobody knows are left out; no entries when the filter is nothing without them. */
function withKnownParsers(
  plugin: string,
  entries: readonly Entry[],
  { parsers, multilineParsers }: SectionNames,
): { readonly entries?: readonly Entry[]; readonly problems: readonly Problem[] } {
  const [option, known] =
    plugin === 'parser' ? ['parser', parsers] : plugin === 'multiline' ? ['multiline.parser', multilineParsers] : [];
  if (option === undefined || known === undefined) return { entries, problems: [] };
  const problems: Problem[] = [];
  let kept = 0;
  const left = entries.flatMap((entry) => {
    if (entry.key.toLowerCase() !== option) return [entry];
    const names = option === 'parser' ? [entry.value] : entry.value.split(',').map((name) => name.trim());
    const found = names.filter((name) => known.has(name));
    for (const name of names) if (!known.has(name)) problems.push(unknownParser(entry, name, known));
    kept += found.length;
    return found.length === 0 ? [] : [{ ...entry, value: found.join(',') }];
  });
  return kept === 0 ? { problems } : { entries: left, problems };
}

function unknownParser({ value, valueAt }: Entry, name: string, known: ReadonlySet<string>): Problem {
  const start = valueAt.start + Math.max(0, value.indexOf(name));
  return {
    code: 'SL0430',
    severity: 'warning',
    message: `names a parser that is not there: \`${name}\``,
    start,
    end: start + Math.max(1, name.length),
    label: 'left out, as Fluent Bit would not start with it',
    help: helpWith(name, known, 'add a LogParser of this name, or use one of Fluent Bit'),
  };
}
