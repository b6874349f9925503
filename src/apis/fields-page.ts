import { stringify } from 'yaml';
import { describeField, type FieldDescription, type FieldSummary } from './describe-field.ts';
import { RESOURCES, type ResourceInfo, type ResourceKind } from './kinds.ts';
import { laterFields } from './later.ts';

/** A page of docs/spec: every field of a kind, from the schema that validation and the CRD use. */
export function fieldsPage(kind: ResourceKind): string {
  const { group, scope, description, versions, singular }: ResourceInfo = RESOURCES[kind];
  const [newest, ...older] = Object.keys(versions);
  const all = fields(kind, newest!);
  return [
    '<!-- Generated from src/apis by `npm run generate`. Do not edit. -->',
    `# Fields of ${kind}`,
    `${description} \`apiVersion: ${group}/${newest}\`, ${scope === 'Cluster' ? 'cluster-wide' : 'in a namespace'}. What it does: [${kind}](../${PAGES[kind]}). The same texts offline: \`sluice explain ${singular}.spec\`.`,
    ...(kind === 'LogParser' ? [] : [MARKS]),
    table(all),
    ...(all.some(({ children }) => isValue(children)) ? [VALUES] : []),
    ...older.flatMap((version) => olderVersion(kind, version, newest!)),
  ]
    .join('\n\n')
    .concat('\n');
}

const PAGES = {
  TracePipeline: 'trace-pipeline.md',
  MetricPipeline: 'metric-pipeline.md',
  LogPipeline: 'log-pipeline.md',
  Telemetry: 'telemetry.md',
  LogParser: 'log-parser.md',
} as const satisfies Record<ResourceKind, string>;

const MARKS =
  'Fields marked with **+** are extensions of Sluice; `validate --upstream` refuses them. A field of a list stands without an index, and its example is that of one item.';

const VALUES =
  'A *value* is given literally, `value: …`, or taken from a Secret: `valueFrom: { secretKeyRef: { name, namespace, key } }`; see [Secrets](../secrets.md). Exactly one of the two must be set.';

function olderVersion(kind: ResourceKind, version: string, newest: string): readonly string[] {
  const [before, now] = [paths(kind, version), paths(kind, newest)];
  const only = (some: readonly string[], others: readonly string[]) =>
    some.filter((path) => !others.includes(path)).filter((path, _, all) => !all.includes(path.replace(/\.[^.]*$/, '')));
  const [gone, come] = [only(before, now), only(now, before)];
  const words = (list: readonly string[]) => list.map((path) => `\`${path}\``).join(', ');
  if (gone.length + come.length === 0) return [`\`${version}\` has the same fields.`];
  return [
    `## ${version}`,
    `Deprecated, and converted without loss. It has ${words(come)} not${gone.length > 0 ? `, but ${words(gone)}` : ''}.`,
    ...(gone.length > 0 ? [table(fields(kind, version).filter(({ path }) => gone.includes(path)))] : []),
  ];
}

function table(list: readonly FieldDescription[]): string {
  const head = ['| field | type | default | meaning and conditions | example |', '| --- | --- | --- | --- | --- |'];
  return [...head, ...list.map(row)].join('\n');
}

function row(field: FieldDescription): string {
  const { path, isExtension, isRequired, allowed } = field;
  const words = allowed?.map((word) => `\`${word}\`${field.extensionWords?.includes(word) ? ' **+**' : ''}`).join(', ');
  const example = exampleOf(field);
  const cells = [
    `\`${path}\`${isExtension ? ' **+**' : ''}`,
    words ?? typeOf(field),
    isRequired ? 'required' : defaultOf(field),
    meaningOf(field),
    example === undefined ? '' : `\`${example}\``,
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** What a value must be is said once, below the table. */
function meaningOf({ path, description, conditions = [], children }: FieldDescription): string {
  const own = conditions.filter((message) => !(isValue(children) && message.startsWith('Exactly one')));
  const later = wordsOf(laterFields(), path);
  return [
    description,
    ...own,
    ...(later === undefined ? [] : [`Not supported yet, and refused (SL0106)${later}.`]),
  ].join(' ');
}

/** Which words of a field are among them; empty: all of it; undefined: nothing. */
function wordsOf(fields: ReturnType<typeof laterFields>, path: string): string | undefined {
  const later = fields.find((field) => field.path.join('.') === path);
  if (later === undefined) return undefined;
  return later.words === undefined ? '' : `: ${later.words.map((word) => `\`${word}\``).join(', ')}`;
}

/** A default that is one word is what a user could write. */
function defaultOf({ default: standard }: FieldSummary): string {
  if (standard === undefined) return '';
  return standard.includes(' ') ? standard : `\`${standard}\``;
}

function typeOf({ type, children }: FieldDescription): string {
  if (!isValue(children)) return type;
  if (children.length > 2) return type.startsWith('list') ? 'list of objects with a *value*' : 'object with a *value*';
  return '*value*';
}

function fromSecret(key: string): object {
  return { valueFrom: { secretKeyRef: { name: 'backend', namespace: 'shop', key } } };
}

/** What could be written there, as YAML in one line; not for an object, whose fields have their own. */
function exampleOf(field: FieldDescription): string | undefined {
  const { type, allowed, example, default: standard, children } = field;
  if (typeOf(field) === '*value*') {
    const text = children.find(({ name }) => name === 'value')?.example;
    return flow(text === undefined ? fromSecret(field.name) : { value: text });
  }
  if (allowed !== undefined) return flow(wordOf(field, allowed));
  if (type === 'boolean') return flow(standard?.startsWith('true') !== true);
  if (example === undefined) return undefined;
  if (type.startsWith('list')) return flow([example]);
  if (type.startsWith('map')) return flow({ audience: example });
  return flow(/^(integer|integer or string)$/.test(type) && /^\d+$/.test(example) ? Number(example) : example);
}

/** One that changes something, and that is carried out. */
function wordOf({ path, default: standard }: FieldDescription, allowed: readonly string[]): string {
  const later = laterFields()
    .filter((field) => field.path.join('.') === path)
    .flatMap(({ words = [] }) => words);
  const works = allowed.filter((word) => !later.includes(word));
  return works.find((word) => word !== standard) ?? works[0]!;
}

function flow(value: unknown): string {
  if (typeof value === 'string' && value.includes('\n')) return JSON.stringify(value);
  return stringify(value, { collectionStyle: 'flow', flowCollectionPadding: true, lineWidth: 0 }).trimEnd();
}

function isValue(children: readonly FieldSummary[]): boolean {
  return ['value', 'valueFrom'].every((name) => children.some((child) => child.name === name));
}

/** Every field below the spec, parents first; not those that make up a value. */
function fields(kind: ResourceKind, version: string, path: readonly string[] = ['spec']): readonly FieldDescription[] {
  const field = describeField(kind, path, version)!;
  const below = field.children.filter(({ name }) => !isValue(field.children) || !['value', 'valueFrom'].includes(name));
  return [...(path.length > 1 ? [field] : []), ...below.flatMap(({ name }) => fields(kind, version, [...path, name]))];
}

function paths(kind: ResourceKind, version: string): readonly string[] {
  return fields(kind, version).map(({ path }) => path);
}
