import type { LoadedResource } from '../../apis/index.ts';
import type { Issue, Path } from '../../diagnostics/index.ts';
import type { CheckPluginOptions } from '../../fluentbit/index.ts';
import { freeze } from '../freeze.ts';
import { receiversOf } from '../receivers.ts';
import { type SecretOptions, SecretValues } from '../secret-values.ts';
import { resolveSection } from './custom-section.ts';
import type { CustomSection, FluentBitGraph, FluentBitInput, LogParserNode } from './graph.ts';
import { resolveHttp } from './http-output.ts';
import { resolveFiles, resolveVariables } from './named-items.ts';
import { parserNames, type SectionNames } from './section-context.ts';

export interface FluentBitOptions extends SecretOptions, CheckPluginOptions {
  /** The LogParsers beside the pipeline. */
  readonly parsers?: readonly LogParserNode[];
}

export interface ResolvedFluentBit {
  /** Absent when the resource could not be resolved, or nothing is read for it. */
  readonly graph?: FluentBitGraph;
  readonly issues: readonly Issue[];
}

type LogPipeline = Extract<LoadedResource['resource'], { readonly kind: 'LogPipeline' }>;

/** What a LogPipeline with an output `http` or `custom` has Fluent Bit do. */
export function resolveFluentBit(loaded: LoadedResource, options: FluentBitOptions = {}): ResolvedFluentBit {
  const { resource } = loaded;
  if (resource.kind !== 'LogPipeline') throw new Error(`not for Fluent Bit: ${resource.kind}`);
  const values = new SecretValues(loaded, options);
  const files = resolveFiles(loaded, resource.spec.files ?? []);
  const variables = resolveVariables(loaded, resource.spec.variables ?? [], values);
  const names: SectionNames = {
    files: new Set(files.files.map(({ name }) => name)),
    variables: new Map(variables.variables.map(({ name, value }) => [name, value])),
    ...parserNames(options.parsers ?? []),
  };
  const filters = filtersOf(loaded, resource, { names, options });
  const output = outputOf(loaded, resource, { names, options, values });
  const issues = [...files.issues, ...variables.issues, ...filters.issues, ...output.issues, ...values.issues];
  issues.push(...idleDelivery(loaded));
  const input = inputOf(loaded, resource);
  if (input === undefined) return { issues: [...issues, idle(loaded)] };
  if (issues.some(({ severity }) => severity === 'error') || output.node === undefined) return { issues };
  const scripts = new Set(filters.sections.flatMap(scriptOf));
  return {
    graph: freeze({
      kind: 'LogPipeline',
      name: resource.metadata.name,
      input,
      filters: filters.sections,
      output: output.node,
      files: files.files.map((file) => ({ ...file, script: scripts.has(file.name) })),
      variables: variables.variables,
    }),
    issues,
  };
}

interface Known {
  readonly names: SectionNames;
  readonly options: FluentBitOptions;
}

/** In their order, but for multiline filters: they need the records as they were read. */
function filtersOf(
  loaded: LoadedResource,
  { spec }: LogPipeline,
  { names, options }: Known,
): { readonly sections: readonly CustomSection[]; readonly issues: readonly Issue[] } {
  const resolved = (spec.filters ?? []).flatMap(({ custom }, index) => {
    if (custom === undefined || custom.trim() === '') return [];
    const place = { kind: 'filter' as const, path: ['spec', 'filters', index, 'custom'], text: custom };
    return [resolveSection(loaded, place, names, options)];
  });
  const sections = resolved.flatMap(({ section }) => section ?? []);
  const isFirst = ({ plugin }: CustomSection) => plugin === 'multiline';
  return {
    sections: [...sections.filter(isFirst), ...sections.filter((section) => !isFirst(section))],
    issues: resolved.flatMap(({ issues }) => issues),
  };
}

function outputOf(
  loaded: LoadedResource,
  { spec }: LogPipeline,
  { names, options, values }: Known & { readonly values: SecretValues },
): { readonly node?: FluentBitGraph['output']; readonly issues: readonly Issue[] } {
  const { http, custom } = spec.output;
  if (http !== undefined) return { node: resolveHttp(loaded, http, values), issues: [] };
  const path: Path = ['spec', 'output', 'custom'];
  const { section, issues } = resolveSection(loaded, { kind: 'output', path, text: custom ?? '' }, names, options);
  return section === undefined ? { issues } : { node: { kind: 'exporter', type: 'custom', ...section }, issues };
}

function inputOf(loaded: LoadedResource, { spec }: LogPipeline): FluentBitInput | undefined {
  const receiver = receiversOf(loaded).find((one) => one.type === 'container-logs');
  if (receiver?.type !== 'container-logs') return undefined;
  const { keepAnnotations = false, dropLabels = false } = spec.input.runtime ?? {};
  return { ...receiver, keepAnnotations, dropLabels };
}

function scriptOf({ plugin, entries }: CustomSection): readonly string[] {
  if (plugin !== 'lua') return [];
  return entries.flatMap(({ value }) =>
    value.flatMap((part) => (typeof part === 'object' && 'file' in part ? part.file : [])),
  );
}

/** Buffers of the Collector; Fluent Bit has its own, the same for all. */
function idleDelivery({ document }: LoadedResource): readonly Issue[] {
  const path = ['spec', 'delivery'];
  const span = document.spanOf(path, 'key');
  if (span === undefined) return [];
  return [
    {
      code: 'SL0306',
      severity: 'warning',
      message: '`spec.delivery` has no effect on Fluent Bit',
      path,
      span,
      label: 'Fluent Bit keeps up to 1G on the disk, the oldest goes first',
      help: 'remove it, or use `output.otlp`',
    },
  ];
}

function idle({ resource, document }: LoadedResource): Issue {
  const path = ['spec', 'input', 'runtime', 'enabled'];
  return {
    code: 'SL0307',
    severity: 'warning',
    message: `LogPipeline \`${resource.metadata.name}\` has no input, so it gets no data and does not run`,
    path: document.written(path),
    span: document.nearestSpan(path),
    label: 'its only input is switched off',
    help: 'switch it on, or remove it',
  };
}
