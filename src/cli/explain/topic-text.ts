import { type CodeEntry, type ConceptEntry, type ReasonEntry, wrapWords } from '../../diagnostics/index.ts';
import { fieldText } from './field-text.ts';
import type { ContextEntry, FunctionEntry } from './ottl.ts';
import type { Topic } from './topic.ts';

const DEFAULT_COLUMNS = 100;
const MOST_COLUMNS = 120;
const LABEL_WIDTH = 8;

/** A topic as people read it. */
export function topicText(topic: Topic, columns = DEFAULT_COLUMNS): string {
  const width = Math.max(50, Math.min(columns, MOST_COLUMNS));
  switch (topic.kind) {
    case 'code':
      return codeText(topic.entry, width);
    case 'reason':
      return reasonText(topic.entry, width);
    case 'concept':
      return conceptText(topic.entry, width);
    case 'field':
      return fieldText(topic.entry, width);
    case 'function':
      return functionText(topic.entry, width);
    case 'path':
      return contextText(topic.entry, width);
  }
}

function codeText({ severity, code, title, explanation, example, fix, fixed }: CodeEntry, width: number): string {
  const parts = [
    `${severity}[${code}]: ${title}`,
    '',
    ...wrapWords(explanation, width),
    '',
    'Example',
    ...example.split('\n').map(indent),
    'Fix',
    ...wrapWords(fix, width - 4).map(indent),
    ...(fixed === undefined ? [] : ['So', ...fixed.split('\n').map(indent)]),
  ];
  return `${parts.join('\n')}\n`;
}

function indent(line: string): string {
  return line === '' ? '' : `    ${line}`;
}

function reasonText({ condition, status, means, causes, look, safe }: ReasonEntry, width: number): string {
  const where = condition === 'status' ? 'Reason of a running engine, Ready' : `Reason on condition ${condition}`;
  const commands = Math.max(...look.map(({ command }) => command.length));
  const lines = [
    `${where} = ${status}`,
    ...labelled('Means', [means], width),
    ...labelled(
      'Causes',
      causes.map((cause, i) => `${i + 1} ${cause}`),
      width,
    ),
    ...labelled(
      'Look',
      look.map(({ command, shows }) => `${command.padEnd(commands)}   ${shows}`),
      Number.POSITIVE_INFINITY,
    ),
    ...labelled('Safe?', [safe], width),
  ];
  return `${lines.join('\n')}\n`;
}

function conceptText({ name, title, paragraphs, see }: ConceptEntry, width: number): string {
  const body = paragraphs.flatMap((paragraph) => ['', ...wrapWords(paragraph, width)]);
  return `${[`${name}: ${title}`, ...body, '', ...labelled('See', see, Number.POSITIVE_INFINITY)].join('\n')}\n`;
}

function functionText({ name, signature, doc, example, contexts }: FunctionEntry, width: number): string {
  const what = /^[a-z]/.test(name)
    ? 'an editor of OTTL: it begins a statement'
    : 'a converter of OTTL: it makes a value';
  const lines = [
    `${name}: ${what}`,
    '',
    ...wrapWords(signature, width - 4).map(indent),
    '',
    ...wrapWords(doc, width),
    '',
    ...labelled('Example', [example], Number.POSITIVE_INFINITY),
    ...(contexts === undefined ? [] : labelled('Where', [`the context is ${contexts.join(' or ')}`], width)),
    ...labelled('See', ['sluice explain ottl', 'docs/spec/ottl-functions.md'], Number.POSITIVE_INFINITY),
  ];
  return `${lines.join('\n')}\n`;
}

function contextText({ context, signals, paths, symbols }: ContextEntry, width: number): string {
  const lines = [
    `${context}: what paths of OTTL begin with in rules for ${signals.join(', ')}`,
    '',
    ...labelled('Paths', [paths.join(', ')], width),
    ...(symbols.length === 0 ? [] : labelled('Symbols', [symbols.join(', ')], width)),
    ...labelled('Keys', [`${context}.attributes["key"] is one value of a map; a key that is not there is nil`], width),
    ...labelled('See', ['sluice explain ottl', 'docs/spec/ottl.md'], Number.POSITIVE_INFINITY),
  ];
  return `${lines.join('\n')}\n`;
}

/** Texts behind a label, one below the other; nothing when there is none. */
export function labelled(label: string, texts: readonly string[], width: number): readonly string[] {
  const lines = texts.flatMap((text) => (Number.isFinite(width) ? wrapWords(text, width - LABEL_WIDTH) : [text]));
  return lines.map((line, i) => `${(i === 0 ? label : '').padEnd(LABEL_WIDTH)}${line}`);
}
