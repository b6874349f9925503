import { stringify } from 'yaml';
import { type LoadedResource, readResources } from '../../apis/index.ts';
import { ottlEnvironment } from '../../engine/index.ts';
import { CodedError } from '../../lib/index.ts';
import { type PipelineGraph, resolve, SIGNAL_OF_KIND } from '../../pipeline/index.ts';
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
const MOST_RULES = 500;
/** Of rules on items: the engine delivers nothing meanwhile. */
const MOST_RUNS = 200_000;
const FEWEST_ITEMS = 10;
const MOST_VALUES = 300;
const LONGEST_VALUE = 1000;
const LONGEST_TEST = 20_000;

/** Tries the rules of a text's pipeline on data. */
export function previewDraft(request: PreviewRequest, viewer: Viewer): PreviewDocument {
  const read = readResources([{ file: 'draft.yaml', text: request.text }]);
  const nothing = { in: 0, out: 0, dropped: 0, ruleCount: 0, rules: [], items: [] };
  const loaded = read.resources.find((one) => isMeant(one, request));
  if (loaded === undefined) return { ...nothing, issues: read.issues };
  const { graph, issues } = resolve(loaded);
  const all = [...read.issues, ...issues];
  const pipeline = { kind: loaded.resource.kind, name: loaded.resource.metadata.name };
  if (graph === undefined) return { ...nothing, pipeline, issues: all };
  try {
    const items = inputItems(request, loaded, viewer).slice(-mostItems(graph));
    return { pipeline, ...documentOf(previewPipeline(graph, items, ottlEnvironment), loaded), issues: all };
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return { ...nothing, pipeline, issues: all, inputProblem: error.message };
  }
}

function documentOf({ items, rules }: Preview, loaded: LoadedResource) {
  const shown = shownRules(rules);
  const placeOf = new Map(shown.map((rule, place) => [rule, place]));
  return {
    in: items.length,
    out: items.reduce((sum, { after }) => sum + after.length, 0),
    dropped: items.filter(({ after }) => after.length === 0).length,
    ruleCount: rules.length,
    rules: shown.map((index) => ({ ...rules[index]!, ...lineOf(rules[index]!, loaded) })),
    items: items.map((item) => itemDocument(withPlaces(item, placeOf), loaded)),
  };
}

/** Of very many those that did something, then from the top. */
function shownRules(rules: Preview['rules']): readonly number[] {
  const all = rules.map((_, index) => index);
  const active = all.filter((index) => rules[index]!.matched + rules[index]!.failed > 0);
  const shown = new Set([...active, ...all.slice(0, MOST_RULES)].slice(0, MOST_RULES));
  return all.filter((index) => shown.has(index));
}

/** Rules by their place among those that are shown. */
function withPlaces(outcome: ItemOutcome, placeOf: ReadonlyMap<number, number>): ItemOutcome {
  const { droppedBy, ...rest } = outcome;
  const place = droppedBy === undefined ? undefined : placeOf.get(droppedBy);
  return {
    ...rest,
    failed: outcome.failed.flatMap((rule) => placeOf.get(rule) ?? []),
    ...(place === undefined ? {} : { droppedBy: place }),
  };
}

/** With very many rules it is tried on fewer items. */
function mostItems({ processors }: PipelineGraph): number {
  const rules = processors.reduce(
    (sum, node) => sum + node.conditions.length + (node.type === 'transform' ? node.statements.length : 0),
    1,
  );
  return Math.max(FEWEST_ITEMS, Math.min(MOST_ITEMS, Math.floor(MOST_RUNS / rules)));
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
