import type { FieldSummary } from '../../apis/index.ts';
import { wrapWords } from '../../diagnostics/index.ts';
import type { FieldEntry } from './field.ts';

/** A field as people read it: what it is, its values, and the fields in it. */
export function fieldText(entry: FieldEntry, width: number): string {
  const { kind, path, apiVersion, type, description, conditions = [], children } = entry;
  const lines = [
    path === '' ? `${kind}  (${apiVersion})` : `${kind}.${path}  (${apiVersion})`,
    '',
    ...wrapWords(description, width),
    ...conditions.flatMap((condition) => wrapWords(condition, width)),
    '',
    ...facts(entry, type),
    ...(children.length === 0
      ? []
      : ['', 'Fields', ...children.flatMap((child) => childLines(child, children, width))]),
  ];
  return `${lines.join('\n')}\n`;
}

const LABEL_WIDTH = 12;

function facts(field: FieldSummary, type: string): readonly string[] {
  const { allowed, extensionWords = [], example, isRequired, isExtension } = field;
  const words = allowed?.map((word) => (extensionWords.includes(word) ? `${word} (extension)` : word));
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['Type', type],
    ['Required', isRequired ? 'yes' : undefined],
    ['Default', field.default],
    ['Allowed', words?.join(', ')],
    ['Example', example],
    ['Extension', isExtension ? 'of Sluice: upstream does not know it (sluice validate --upstream)' : undefined],
  ];
  return rows.flatMap(([label, text]) =>
    (text?.trimEnd().split('\n') ?? []).map((line, at) => `${(at === 0 ? label : '').padEnd(LABEL_WIDTH)}${line}`),
  );
}

function childLines(child: FieldSummary, all: readonly FieldSummary[], width: number): readonly string[] {
  const nameWidth = Math.max(...all.map(({ name }) => name.length)) + 2;
  const typeWidth = Math.max(...all.map(({ type }) => type.length)) + 2;
  const indent = 2 + nameWidth + typeWidth;
  const marks = [
    child.isRequired ? 'required' : '',
    child.isExtension ? 'extension' : '',
    child.default ? `default ${child.default}` : '',
  ]
    .filter((mark) => mark !== '')
    .join(', ');
  const text = `${child.description}${marks === '' ? '' : ` (${marks})`}`;
  const [first = '', ...rest] = wrapWords(text, Math.max(30, width - indent));
  const head = `  ${child.name.padEnd(nameWidth)}${child.type.padEnd(typeWidth)}${first}`;
  return [head, ...rest.map((line) => `${' '.repeat(indent)}${line}`)];
}
