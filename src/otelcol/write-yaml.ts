import { Document, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import type { ComponentConfig, OtelcolConfig } from './config.ts';
import { EnvRef } from './env-ref.ts';

export interface WriteYamlOptions {
  /** Lines put as a comment at the top. */
  readonly header?: readonly string[];
  /** Comments for blocks, by section and key: `{'exporters/otlp_grpc/x': 'telemetry.yaml:18  spec.output.otlp'}`. */
  readonly comments?: Readonly<Record<string, string>>;
}

/** Order of the sections in a file: data flows from the first to the last, then what surrounds it. */
const SECTIONS = ['receivers', 'processors', 'connectors', 'exporters', 'extensions'] as const;

/**
 * The configuration as YAML. Deterministic: sections in a fixed order, components and pipelines by id, settings in the
 * order given, empty sections left out. Text is literal: every `$` is doubled and every string that is not a bare word
 * is quoted, so only an EnvRef is ever expanded. Ill-formed UTF-16 is written as U+FFFD.
 */
export function writeYaml(config: OtelcolConfig, options: WriteYamlOptions = {}): string {
  const root = new YAMLMap();
  for (const section of SECTIONS) {
    if (Object.keys(config[section]).length === 0) continue;
    root.items.push(pair(section, sortedMap(config[section], `${section}/`, options)));
  }
  root.items.push(pair('service', serviceMap(config.service, options)));
  const document = new Document(root);
  if (options.header !== undefined) document.commentBefore = options.header.map(commentText).join('\n');
  return escapeUnprintable(document.toString({ lineWidth: 0, doubleQuotedAsJSON: true, flowCollectionPadding: false }));
}

function serviceMap(service: OtelcolConfig['service'], options: WriteYamlOptions): YAMLMap {
  const map = new YAMLMap();
  if (service.extensions.length > 0) map.items.push(pair('extensions', toNode(service.extensions)));
  if (service.telemetry !== undefined) map.items.push(pair('telemetry', toNode(service.telemetry)));
  map.items.push(pair('pipelines', sortedMap(service.pipelines, 'service/pipelines/', options)));
  return map;
}

function sortedMap(entries: Readonly<Record<string, object>>, prefix: string, options: WriteYamlOptions): YAMLMap {
  const map = new YAMLMap();
  for (const id of Object.keys(entries).sort()) {
    const value = toNode(entries[id]);
    const comment = options.comments?.[prefix + id];
    if (comment !== undefined) value.commentBefore = commentText(comment);
    map.items.push(pair(id, value));
  }
  return map;
}

function pair(key: string, value: Node): Pair {
  return new Pair(textNode(key), value);
}

type Node = Scalar | YAMLMap | YAMLSeq;

function toNode(value: unknown): Node {
  if (value instanceof EnvRef) return quoted(value.toString());
  if (typeof value === 'string') return textNode(value.replaceAll('$', '$$$$'));
  if (Array.isArray(value)) return listNode(value);
  if (typeof value !== 'object' || value === null) return new Scalar(value);
  const map = new YAMLMap();
  for (const [key, item] of Object.entries(value as ComponentConfig)) {
    if (item !== undefined) map.items.push(pair(key, toNode(item)));
  }
  return map;
}

function listNode(items: readonly unknown[]): YAMLSeq {
  const list = new YAMLSeq();
  list.flow = items.every((item) => typeof item === 'string' && isBareWord(item));
  list.items.push(...items.map(toNode));
  return list;
}

/** Words that YAML 1.1 or 1.2 readers take for something else than text. */
const RESERVED = /^(true|false|null|yes|no|on|off|y|n|nan|inf)$/i;

function isBareWord(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_./-]*$/.test(text) && !RESERVED.test(text);
}

function textNode(text: string): Scalar {
  if (!isBareWord(text)) return quoted(text);
  const node = new Scalar(text);
  node.type = 'PLAIN';
  return node;
}

function quoted(text: string): Scalar {
  const node = new Scalar(text.toWellFormed());
  node.type = 'QUOTE_DOUBLE';
  return node;
}

/** Characters that YAML readers refuse or treat as a line break when they stand unescaped; they occur in quoted strings only. */
const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

function escapeUnprintable(yaml: string): string {
  return yaml.replace(UNPRINTABLE, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function commentText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters would end the comment
  return ` ${text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, ' ').toWellFormed()}`;
}
