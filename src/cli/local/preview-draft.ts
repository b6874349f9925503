import { stringify } from 'yaml';
import { type LoadedResource, readResources } from '../../apis/index.ts';
import { ottlEnvironment } from '../../engine/index.ts';
import { CodedError } from '../../lib/index.ts';
import { resolve, SIGNAL_OF_KIND } from '../../pipeline/index.ts';
import {
  type Change,
  decodeItems,
  type Item,
  type ItemOutcome,
  itemsOfJson,
  itemTitle,
  type Preview,
  previewPipeline,
  type Rule,
  rulePath,
  testDocument,
  valuesOf,
} from '../../preview/index.ts';
import type { PreviewDocument, PreviewItem, PreviewRequest, Viewer } from '../../server/index.ts';

/** More would be a page that nobody reads. */
const MOST_ITEMS = 200;
const MOST_VALUES = 300;
const LONGEST_VALUE = 1000;
const LONGEST_TEST = 20_000;

/** Tries the rules of a text's pipeline on data. Throws a CodedError that was worded for people `invalid_item` that says where the data are unusable. */
export function previewDraft(request: PreviewRequest, viewer: Viewer): PreviewDocument {
  const read = readResources([{ file: 'draft.yaml', text: request.text }]);
  const nothing = { in: 0, out: 0, dropped: 0, rules: [], items: [] };
  const loaded = read.resources.find((one) => isMeant(one, request));
  if (loaded === undefined) return { ...nothing, issues: read.issues };
  const { graph, issues } = resolve(loaded);
  const all = [...read.issues, ...issues];
  const pipeline = { kind: loaded.resource.kind, name: loaded.resource.metadata.name };
  if (graph === undefined) return { ...nothing, pipeline, issues: all };
  try {
    const items = inputItems(request, loaded, viewer).slice(-MOST_ITEMS);
    return { pipeline, ...documentOf(previewPipeline(graph, items, ottlEnvironment), loaded), issues: all };
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return { ...nothing, pipeline, issues: all, inputProblem: error.message };
  }
}

function documentOf({ items, rules }: Preview, loaded: LoadedResource) {
  return {
    in: items.length,
    out: items.reduce((sum, { after }) => sum + after.length, 0),
    dropped: items.filter(({ after }) => after.length === 0).length,
    rules: rules.map((rule) => ({ ...rule, ...lineOf(rule, loaded) })),
    items: items.map((item) => itemDocument(item, loaded)),
  };
}

/** Without a name the first one is meant. */
function isMeant({ resource }: LoadedResource, { kind, name }: PreviewRequest): boolean {
  return (kind === undefined || resource.kind === kind) && (name === undefined || resource.metadata.name === name);
}

function inputItems({ input }: PreviewRequest, { resource }: LoadedResource, viewer: Viewer): readonly Item[] {
  const signal = SIGNAL_OF_KIND[resource.kind];
  if ('otlpJson' in input) return itemsOfJson(signal, new TextEncoder().encode(input.otlpJson));
  const count = Math.min(input.last, MOST_ITEMS);
  const items = viewer.newest(signal, count).flatMap((request) => decodeItems(signal, request));
  return count === 0 ? [] : items.slice(-count);
}

function lineOf(rule: Rule, { document }: LoadedResource): { readonly line?: number } {
  const line = document.spanOf(rulePath(rule))?.line;
  return line === undefined ? {} : { line };
}

function itemDocument(outcome: ItemOutcome, { resource: { kind, metadata } }: LoadedResource): PreviewItem {
  const { before, after, changes, droppedBy, failed } = outcome;
  const kept = changes.length === 0 ? 'unchanged' : 'changed';
  const test = testText({ kind, name: metadata.name }, outcome);
  return {
    title: itemTitle(before),
    verdict: after.length === 0 ? 'dropped' : kept,
    ...(droppedBy === undefined ? {} : { droppedBy }),
    failed,
    changes: changes.slice(0, MOST_VALUES).map(shortened),
    values: [...valuesOf(before)].slice(0, MOST_VALUES).map(([path, value]) => ({ path, value: short(value) })),
    ...(test === undefined ? {} : { test }),
  };
}

function testText(pipeline: Parameters<typeof testDocument>[0], outcome: ItemOutcome): string | undefined {
  const document = testDocument(pipeline, outcome);
  const text = document === undefined ? undefined : stringify(document);
  return text === undefined || text.length > LONGEST_TEST ? undefined : text;
}

function shortened({ path, before, after }: Change): Change {
  return {
    path,
    ...(before === undefined ? {} : { before: short(before) }),
    ...(after === undefined ? {} : { after: short(after) }),
  };
}

function short(text: string): string {
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE).toWellFormed()}…`;
}
