import { type LoadedResource, literal, outputOf, quantityBytes } from '../apis/index.ts';
import { formatPath, type Issue, type Path } from '../diagnostics/index.ts';
import { errorMessage, parseDuration } from '../lib/index.ts';
import { isAuthorization } from './credentials.ts';
import { endpointText, joinPath, resolveExporter, urlProblem } from './exporter-node.ts';
import type { FluentBitGraph, LogParserNode } from './fluentbit/graph.ts';
import { resolveFluentBit } from './fluentbit/resolve-fluent-bit.ts';
import { freeze } from './freeze.ts';
import { type DiskSetting, type ExporterNode, type PipelineGraph, type QueueSetting, SIGNAL_OF_KIND } from './graph.ts';
import { inputsHere } from './inputs-here.ts';
import { sourceOf } from './node-source.ts';
import { isOfFluentBit } from './of-fluent-bit.ts';
import { processorsOf } from './processors.ts';
import { type SecretOptions, SecretValues } from './secret-values.ts';
import { smallLogBuffer } from './small-log-buffer.ts';
import { smallRefusingBuffer } from './small-refusing-buffer.ts';

export interface ResolveOptions extends SecretOptions {
  /** The result runs in a cluster, where agents can collect. */
  readonly cluster?: boolean;
  /** The LogParsers beside the resource. */
  readonly parsers?: readonly LogParserNode[];
}

export interface Resolved {
  /** Absent when the resource could not be resolved, or is for Fluent Bit. */
  readonly graph?: PipelineGraph;
  /** Of a LogPipeline with an output of Fluent Bit, in a cluster. */
  readonly fluentBit?: FluentBitGraph;
  readonly issues: readonly Issue[];
}

type Buffer = LoadedResource['resource']['spec']['delivery']['buffer'];

const BUFFER: Path = ['spec', 'delivery', 'buffer'];

/** What a valid resource does. Never throws: a bug that one resource meets is that resource's issue. */
export function resolve(loaded: LoadedResource, options: ResolveOptions = {}): Resolved {
  try {
    if (isOfFluentBit(loaded.resource)) return resolvedFluentBit(loaded, options);
    const values = new SecretValues(loaded, options);
    const inputs = inputsHere(loaded, options.cluster === true);
    const rules = processorsOf(loaded);
    const graph = graphOf(loaded, { ...inputs, ...rules }, values);
    const problem = urlProblem(graph.exporter);
    const issues = [...values.issues, ...rules.issues, ...(problem === undefined ? [] : [urlIssue(loaded, problem)])];
    if (issues.some(({ severity }) => severity === 'error')) return { issues };
    return { graph, issues: [...inputs.issues, ...issues, ...lints(graph, loaded)] };
  } catch (error) {
    return { issues: [internalError(loaded, error)] };
  }
}

/** Whether its sections are right can be told anywhere; only in a cluster do they run, and need their Secrets. */
function resolvedFluentBit(loaded: LoadedResource, options: ResolveOptions): Resolved {
  const { graph, issues } = resolveFluentBit(
    loaded,
    options.cluster === true ? options : { ...options, secretsRequired: false },
  );
  if (issues.some(({ severity }) => severity === 'error')) return { issues };
  if (options.cluster !== true) return { issues: [...issues, needsFluentBit(loaded)] };
  return { ...(graph === undefined ? {} : { fluentBit: graph }), issues };
}

function graphOf(
  loaded: LoadedResource,
  { receivers, processors }: Pick<PipelineGraph, 'receivers' | 'processors'>,
  values: SecretValues,
): PipelineGraph {
  const { resource } = loaded;
  const output = outputOf(resource);
  return freeze({
    kind: resource.kind,
    name: resource.metadata.name,
    signal: SIGNAL_OF_KIND[resource.kind],
    receivers,
    processors,
    exporter: withSources(resolveExporter(output, values), loaded, ['spec', 'output', output.kind]),
    ...(output.kind === 'otlp' || output.kind === 'prometheusRemoteWrite' ? { queue: queueOf(loaded) } : {}),
  });
}

function withSources(exporter: ExporterNode, loaded: LoadedResource, path: Path): ExporterNode {
  const sourced = { ...exporter, ...sourceOf(loaded, path) };
  if (sourced.type !== 'otlp' && sourced.type !== 'prometheusRemoteWrite') return sourced;
  if (sourced.oauth2 === undefined) return sourced;
  return { ...sourced, oauth2: { ...sourced.oauth2, ...sourceOf(loaded, [...path, 'authentication', 'oauth2']) } };
}

function queueOf(loaded: LoadedResource): QueueSetting {
  const { guarantee, buffer } = loaded.resource.spec.delivery;
  const { maxSize, maxAge, storage, onFull } = buffer;
  const sizeBytes = quantityBytes(maxSize);
  if (sizeBytes === undefined) throw new Error(`not a quantity: ${maxSize}`);
  return {
    sizeBytes,
    onFull,
    ...(maxAge === undefined ? {} : { maxAgeMs: parseDuration(literal(maxAge)) ?? 0 }),
    ...(storage === 'Disk' ? { disk: diskOf(buffer.volume) } : {}),
    ...(guarantee === 'AtLeastOnce' ? { guarantee } : {}),
    ...sourceOf(loaded, ['spec', 'delivery']),
    ...sourceOf(loaded, BUFFER),
  };
}

function diskOf({ size, storageClassName }: NonNullable<Buffer['volume']> = {}): DiskSetting {
  const volumeBytes = size === undefined ? undefined : quantityBytes(size);
  return {
    ...(volumeBytes === undefined ? {} : { volumeBytes }),
    ...(storageClassName === undefined ? {} : { storageClass: literal(storageClassName) }),
  };
}

function lints(graph: PipelineGraph, loaded: LoadedResource): Issue[] {
  const { document } = loaded;
  const issues: Issue[] = [];
  const buffer = document.spanOf(BUFFER, 'key');
  if (graph.queue === undefined && buffer !== undefined) {
    issues.push({
      code: 'SL0306',
      severity: 'warning',
      message: `\`${formatPath(BUFFER)}\` has no effect with the output \`${graph.exporter.type}\``,
      path: BUFFER,
      span: buffer,
      label: 'nothing is buffered',
      help: 'remove it; only a backend on the network can make data wait',
    });
  }
  return [
    ...issues,
    ...smallLogBuffer(graph, document),
    ...smallRefusingBuffer(graph, document),
    ...doubledPath(graph, document),
    ...idleBasicAuth(loaded),
  ];
}

/** Upstream lets the header win, too. */
function idleBasicAuth({ resource, document }: LoadedResource): readonly Issue[] {
  const { kind, output } = outputOf(resource);
  if (kind !== 'otlp' && kind !== 'prometheusRemoteWrite') return [];
  const header = (output.headers ?? []).findIndex(({ name }) => isAuthorization(literal(name)));
  if (output.authentication?.basic === undefined || header < 0) return [];
  const path = ['spec', 'output', kind, 'authentication', 'basic'];
  const written = document.spanOf(['spec', 'output', kind, 'headers', header, 'name']);
  return [
    {
      code: 'SL0306',
      severity: 'warning',
      message: `\`${formatPath(path)}\` has no effect beside a header \`Authorization\``,
      path,
      span: document.nearestSpan(path),
      label: 'the header is sent instead',
      ...(written === undefined ? {} : { related: [{ span: written, label: 'this header' }] }),
      help: 'remove one of the two',
    },
  ];
}

/** An endpoint copied with its path, as OTEL_EXPORTER_OTLP_TRACES_ENDPOINT has it: the backend will answer 404. */
function doubledPath({ exporter, signal }: PipelineGraph, document: LoadedResource['document']): readonly Issue[] {
  if (exporter.type !== 'otlp' || exporter.protocol !== 'http') return [];
  const endpoint = endpointText(exporter) ?? '';
  const url = exporter.exactUrl ? endpoint : joinPath(endpoint, `v1/${signal}`);
  const [doubled] = /(?:\/+v1\/(?:traces|metrics|logs)){2}\/*$/.exec(url) ?? [];
  if (doubled === undefined) return [];
  const path = ['spec', 'output', 'otlp', 'endpoint', 'value'];
  return [
    {
      code: 'SL0308',
      severity: 'warning',
      message: `\`${formatPath(path)}\` ends with a path that is added to it once more`,
      path,
      span: document.spanOf(path) ?? document.nearestSpan(path),
      label: `requests would go to \`${doubled}\``,
      help: 'remove the path from the endpoint',
    },
  ];
}

function urlIssue({ resource, document }: LoadedResource, problem: string): Issue {
  const path = ['spec', 'output', outputOf(resource).kind, 'endpoint', 'value'];
  return {
    code: 'SL0110',
    severity: 'error',
    message: `\`${formatPath(path)}\`, together with \`path\`, ${problem}`,
    path,
    span: document.spanOf(path) ?? document.nearestSpan(path),
    label: 'not a URL',
    help: 'write such characters as `%` and two hexadecimal digits: `%25` for `%`, `%20` for a space',
  };
}

function needsFluentBit({ resource, document }: LoadedResource): Issue {
  const path = ['spec', 'output', 'http' in resource.spec.output ? 'http' : 'custom'];
  return {
    code: 'SL0614',
    severity: 'warning',
    message: `output \`${path.at(-1)}\` needs Fluent Bit in a cluster, so ${resource.kind} \`${resource.metadata.name}\` does not run here`,
    path: document.written(path),
    span: document.nearestSpan(path),
    label: 'this machine has none',
    help: 'use `output.otlp` for what shall run here, too',
  };
}

function internalError({ resource, document }: LoadedResource, error: unknown): Issue {
  return {
    code: 'SL0000',
    severity: 'error',
    message: `${resource.kind} \`${resource.metadata.name}\` could not be compiled and is left out`,
    span: document.nearestSpan(['metadata', 'name']),
    notes: [errorMessage(error)],
    help: 'this is a bug; the other pipelines run',
  };
}
