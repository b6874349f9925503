import { describeField, type FieldDescription, type FieldSummary } from './describe-field.ts';
import { RESOURCES, type ResourceInfo, type ResourceKind } from './kinds.ts';
import { laterFields } from './later.ts';
import type { MarkedSchema } from './schema.ts';

/** A page of docs/spec: every field of a kind, from the schema that validation and the CRD use. */
export function fieldsPage(kind: ResourceKind): string {
  const { group, scope, description, versions }: ResourceInfo = RESOURCES[kind];
  const [newest, ...older] = Object.keys(versions);
  const rules = [...new Set(rulesOf(versions[newest!]!, 'spec'))];
  return [
    '<!-- Generated from src/apis by `npm run generate`. Do not edit. -->',
    `# ${kind}`,
    `${description} \`apiVersion: ${group}/${newest}\`, ${scope === 'Cluster' ? 'cluster-wide' : 'in a namespace'}. The same texts offline: \`sluice explain ${RESOURCES[kind].singular}.spec\`.`,
    ...(kind === 'LogParser'
      ? []
      : ['Fields marked with **+** are extensions of Sluice; `validate --upstream` refuses them.']),
    table(kind, newest!),
    ...(hasValues(kind, newest!) ? [VALUES] : []),
    ...laterNote(kind, newest!),
    ...(rules.length > 0 ? ['## Rules', rules.map((rule) => `- ${rule}`).join('\n')] : []),
    ...older.flatMap((version) => olderVersion(kind, version, newest!)),
  ]
    .join('\n\n')
    .concat('\n');
}

const VALUES =
  'A *value* is given literally, `value: …`, or taken from a Secret: `valueFrom: { secretKeyRef: { name, namespace, key } }`; see [Secrets](../secrets.md).';

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
    ...(gone.length > 0 ? [rows(fields(kind, version).filter(({ path }) => gone.includes(path)))] : []),
  ];
}

function laterNote(kind: ResourceKind, version: string): readonly string[] {
  const uses = laterFields()
    .filter(({ path }) => describeField(kind, path, version) !== undefined)
    .flatMap(({ path, words }) => (words ?? ['']).map((word) => path.join('.') + (word === '' ? '' : `: ${word}`)));
  if (uses.length === 0) return [];
  const list = uses.map((use) => `\`${use}\``).join(', ');
  return [`Not supported by this version yet, and refused with SL0106 where they ask for anything: ${list}.`];
}

function table(kind: ResourceKind, version: string): string {
  return rows(fields(kind, version));
}

function rows(list: readonly FieldDescription[]): string {
  return ['| field | type | default | meaning |', '| --- | --- | --- | --- |', ...list.map(row)].join('\n');
}

function row(field: FieldDescription): string {
  const { path, isExtension, isRequired, description, allowed } = field;
  const words = allowed?.map((word) => `\`${word}\`${field.extensionWords?.includes(word) ? ' **+**' : ''}`).join(', ');
  const standard = isRequired ? 'required' : defaultOf(field);
  const cells = [`\`${path}\`${isExtension ? ' **+**' : ''}`, words ?? typeOf(field), standard, description];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
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

function isValue(children: readonly FieldSummary[]): boolean {
  return ['value', 'valueFrom'].every((name) => children.some((child) => child.name === name));
}

function hasValues(kind: ResourceKind, version: string): boolean {
  return fields(kind, version).some(({ children }) => isValue(children));
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

/** What the rules of a schema say, with their places. Those of values hold for each, and are said once. */
function rulesOf(schema: MarkedSchema, path: string): readonly string[] {
  const { properties = {}, items } = schema;
  const own = (schema['x-kubernetes-validations'] ?? []).map(({ message }) => message);
  const isOfValue = properties['value'] !== undefined && properties['valueFrom'] !== undefined;
  return [
    ...own.map((message) => (isOfValue && message.startsWith('Exactly') ? `${message}.` : `\`${path}\`: ${message}.`)),
    ...Object.entries(properties).flatMap(([name, child]) => rulesOf(child, `${path}.${name}`)),
    ...(items ? rulesOf(items, `${path}[]`) : []),
  ];
}
