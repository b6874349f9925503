import {
  type LoadedResource,
  type LoadedTelemetry,
  type PipelineKind,
  readResources,
  type SecretStore,
} from '../../apis/index.ts';
import type { Issue, SourceFile } from '../../diagnostics/index.ts';
import { SIGNALS } from '../../pdata/index.ts';
import {
  identityOf,
  lastValid,
  type PipelineGraph,
  type ResolveOptions,
  type ResourceIdentity,
  type RunningResource,
  resolve,
  viewerGraph,
} from '../../pipeline/index.ts';
import {
  type GatewaySettings,
  gatewaySettings,
  type Plan,
  planTopology,
  type Topology,
  type TopologyType,
  withoutMemory,
} from '../../topology/index.ts';
import { certificateFacts } from '../certificate-facts.ts';
import { hasErrors } from '../findings.ts';
import type { InputFile } from '../input-files.ts';
import { documentOf, type FoundDocument, type FoundDocuments, findDocuments } from './found-documents.ts';

/** Everything that decides what runs. */
export interface Inputs {
  readonly files: readonly InputFile[];
  /** Secret manifests. */
  readonly secretFiles: readonly InputFile[];
  /** Secrets that win over those of the same name in files; judged when they came. */
  readonly appliedSecrets?: readonly InputFile[];
  /** Resources that win over those of the same name in `files`. */
  readonly overlays: readonly InputFile[];
  /** Files that could not be read this time; their text here is the one of before. */
  readonly unreadable?: ReadonlySet<string>;
}

export interface PipelineVersion {
  readonly loaded: LoadedResource;
  readonly graph: PipelineGraph;
}

export type RunningPipeline = RunningResource<PipelineVersion> & { readonly kind: PipelineKind };

/** What runs, or is about to, and what was found on the way. */
export interface Generation {
  readonly inputs: Inputs;
  readonly pipelines: readonly RunningPipeline[];
  /** Where the files say that a pipeline stands, whatever is wrong with it. */
  readonly documents: readonly FoundDocument[];
  /** Resources of which no version runs. */
  readonly leftOut: readonly FoundDocument[];
  readonly topology: Topology;
  /** What a Telemetry resource in the files says. */
  readonly askedTopology: TopologyType | undefined;
  readonly issues: readonly Issue[];
  /** The files with the places that must not be printed. */
  readonly sources: readonly SourceFile[];
  readonly resourceCount: number;
  /** No resource of the user's is known, so the built-in ones are shown. */
  readonly builtIn: boolean;
}

export interface GenerationOptions {
  /** Memory of each process. */
  readonly capBytes: number;
  /** Wall clock, for certificates that expire; absent: that is not looked at. */
  readonly nowMs?: number;
  /** Absent: what a Telemetry resource in the files says, else Shared. */
  readonly topology?: TopologyType;
  /** What runs at present: whatever has an error now keeps its version of there. */
  readonly before?: readonly RunningPipeline[];
  /** Resources that the engine does not take as they are now, and why; by identity. */
  readonly refused?: ReadonlyMap<string, string>;
  /** Where the viewer of several processes listens, `http://127.0.0.1:4711`; absent: it is in the engine's process. */
  readonly viewerEndpoint?: string;
}

/** Files → what runs, with the last valid version of whatever has an error. Pure. */
export function readGeneration(inputs: Inputs, options: GenerationOptions): Generation {
  const before = options.before ?? [];
  const read = readAll(inputs, options.refused ?? new Map(), options.nowMs);
  const running = lastValid(before, { found: read.found, unreadable: read.documents.unreadable });
  const planned = planRunning(running as readonly RunningPipeline[], before, {
    ...options,
    topology: options.topology ?? read.topology ?? 'Shared',
    settings: read.settings,
  });
  const issues = [...read.issues, ...appliedTopologyIssues(read.appliedTelemetry, planned.topology), ...planned.issues];
  const ids = new Set(planned.pipelines.map(identityOf));
  return {
    inputs,
    pipelines: planned.pipelines,
    documents: read.documents.documents,
    leftOut: read.documents.documents.filter((one, at, all) => {
      const isFirst = all.findIndex((other) => identityOf(other) === identityOf(one)) === at;
      return isFirst && !ids.has(identityOf(one)) && !read.elsewhere.has(placeOf(one.document));
    }),
    topology: planned.topology,
    askedTopology: read.topology,
    issues: issues.map((issue) => withNote(issue, read.documents, planned.pipelines)),
    sources: read.sources,
    resourceCount: read.resourceCount,
    builtIn: read.resourceCount === 0 && planned.pipelines.length === 0,
  };
}

/** The topology that the files ask for. */
export function topologyOf({ files, secretFiles }: Inputs): TopologyType | undefined {
  return readResources(files, { secretFiles }).telemetry?.resource.spec.topology?.type;
}

interface ReadAll {
  readonly found: readonly (ResourceIdentity & { readonly file: string; readonly version?: PipelineVersion })[];
  readonly documents: FoundDocuments;
  /** Places of what is valid and for a cluster: Fluent Bit runs it there. */
  readonly elsewhere: ReadonlySet<string>;
  readonly issues: readonly Issue[];
  readonly sources: readonly SourceFile[];
  readonly resourceCount: number;
  readonly topology: TopologyType | undefined;
  readonly settings: GatewaySettings;
  readonly appliedTelemetry: LoadedTelemetry | undefined;
}

function readAll(inputs: Inputs, refused: ReadonlyMap<string, string>, nowMs: number | undefined): ReadAll {
  const { files, secretFiles, appliedSecrets = [], overlays, unreadable } = inputs;
  const base = readResources(files, { secretFiles });
  // Overlays are read apart: they replace resources of the files, and Secrets, and do not compete with them.
  const over = readResources(overlays);
  const baseDocuments = findDocuments(files);
  const overDocuments = findDocuments(overlays);
  const replaced = new Set(overDocuments.documents.map(identityOf));
  const documents = {
    // In this order pipelines get their memory: what comes later never displaces what was there.
    documents: [
      ...baseDocuments.documents.filter((document) => !replaced.has(identityOf(document))),
      ...overDocuments.documents,
    ],
    unreadable: new Set([...baseDocuments.unreadable, ...overDocuments.unreadable, ...(unreadable ?? [])]),
  };
  const applied = readResources([], { secretFiles: appliedSecrets });
  const secrets: SecretStore = {
    get: (namespace, name) =>
      [over, applied].find((read) => read.secrets.get(namespace, name))?.secrets.get(namespace, name) ??
      base.secrets.get(namespace, name),
  };
  const parsers = [...over.parsers, ...base.parsers].map(({ parser }) => parser);
  const resolved = [...over.resources, ...base.resources.filter((one) => !replaced.has(identityOfLoaded(one)))].map(
    (loaded) => ({
      loaded,
      ...resolveUnlessRefused(loaded, refused, { secrets, parsers, ...(nowMs === undefined ? {} : { nowMs }) }),
    }),
  );
  const versions = new Map(
    resolved.flatMap(({ loaded, graph, issues }) =>
      graph === undefined || hasErrors(issues) ? [] : [[placeOf(loaded.document), { loaded, graph }] as const],
    ),
  );
  return {
    found: documents.documents.map(({ kind, name, file, document }) => {
      const version = versions.get(placeOf(document));
      return { kind, name, file, ...(version === undefined ? {} : { version }) };
    }),
    documents,
    elsewhere: new Set(
      resolved.flatMap(({ loaded, graph, issues }) =>
        graph !== undefined || hasErrors(issues) ? [] : [placeOf(loaded.document)],
      ),
    ),
    issues: [...over.issues, ...base.issues, ...resolved.flatMap(({ issues }) => issues)],
    sources: [...over.sources, ...base.sources],
    resourceCount: base.resourceCount + over.resourceCount,
    topology: base.telemetry?.resource.spec.topology?.type,
    settings: withoutMemory(gatewaySettings(base.telemetry?.resource)),
    appliedTelemetry: over.telemetry,
  };
}

/** What was applied comes and goes while the engine runs, and the topology cannot. */
function appliedTopologyIssues(telemetry: LoadedTelemetry | undefined, { type }: Topology): readonly Issue[] {
  const asked = telemetry?.resource.spec.topology?.type;
  if (telemetry === undefined || asked === undefined || asked === type) return [];
  return [
    {
      code: 'SL0610',
      severity: 'warning',
      message: `an applied Telemetry resource does not change the topology; ${type} runs`,
      span: telemetry.document.nearestSpan(['spec', 'topology', 'type']),
      label: `${asked} is asked for`,
      help: 'put it into a file of `sluice up` and start that again',
    },
  ];
}

function resolveUnlessRefused(
  loaded: LoadedResource,
  refused: ReadonlyMap<string, string>,
  known: Pick<ResolveOptions, 'secrets' | 'parsers' | 'nowMs'>,
) {
  const reason = refused.get(identityOfLoaded(loaded));
  if (reason === undefined) {
    return resolve(loaded, { ...known, secretsRequired: true, certificates: certificateFacts });
  }
  const { resource, document } = loaded;
  const issue: Issue = {
    code: 'SL0609',
    severity: 'error',
    message: `the engine cannot run ${resource.kind} \`${resource.metadata.name}\``,
    span: document.spanOf(['spec', 'output'], 'key') ?? document.nearestSpan(['metadata', 'name']),
    label: reason,
    help: 'mend what the reason names and save again; the other pipelines run',
  };
  return { graph: undefined, issues: [issue] };
}

function identityOfLoaded({ resource }: LoadedResource): string {
  return identityOf({ kind: resource.kind, name: resource.metadata.name });
}

function placeOf({ file, root: { span } }: LoadedResource['document']): string {
  return JSON.stringify([file, span.line, span.column]);
}

interface Planned extends Pick<Plan, 'topology' | 'issues'> {
  readonly pipelines: readonly RunningPipeline[];
}

/** A version that finds no place in the topology gives way to the one that had one. */
function planRunning(
  running: readonly RunningPipeline[],
  before: readonly RunningPipeline[],
  options: LocalPlanOptions,
): Planned {
  const first = plan(running, options);
  if (first.pipelines.length === running.length) return first;
  const placed = new Set(first.pipelines);
  const fallback = running.map((pipeline): RunningPipeline => {
    const old = before.find((candidate) => identityOf(candidate) === identityOf(pipeline));
    return placed.has(pipeline) || old === undefined ? pipeline : { ...old, runs: 'previous' };
  });
  const second = plan(fallback, options);
  const known = new Set(first.issues.map(({ message }) => message));
  return { ...second, issues: [...first.issues, ...second.issues.filter(({ message }) => !known.has(message))] };
}

interface LocalPlanOptions extends GenerationOptions {
  readonly settings: GatewaySettings;
}

function plan(running: readonly RunningPipeline[], options: LocalPlanOptions): Planned {
  const { viewerEndpoint, capBytes, settings, topology: type } = options;
  const viewer = viewerEndpoint === undefined ? {} : { endpoint: viewerEndpoint };
  const builtIn = SIGNALS.map((signal) => viewerGraph(signal, viewer));
  const graphs = running.map(({ version }) => version.graph);
  const { topology, issues } = planTopology([...builtIn, ...graphs], {
    distribution: 'sluice',
    capBytes,
    settings,
    ...(type === undefined ? {} : { topology: type }),
  });
  const placed = new Set(topology.workloads.flatMap(graphsOf).map(identityOf));
  const hasPlace = (pipeline: RunningPipeline) =>
    placed.has(identityOf(pipeline)) || pipeline.version.graph.receivers.length === 0;
  return { topology, issues, pipelines: running.filter(hasPlace) };
}

function graphsOf(workload: Topology['workloads'][number]): readonly PipelineGraph[] {
  return workload.role === 'router' ? [] : workload.pipelines;
}

/** `tracepipeline/demo` */
export function shownName({ kind, name }: ResourceIdentity): string {
  return `${kind.toLowerCase()}/${name}`;
}

/** An error says what it does not change: the last valid version runs on. */
function withNote(issue: Issue, { documents }: FoundDocuments, running: readonly RunningPipeline[]): Issue {
  if (issue.severity !== 'error') return issue;
  const document = documentOf(issue, documents);
  const kept = running.filter((pipeline) => {
    if (pipeline.runs !== 'previous') return false;
    if (document !== undefined) return identityOf(document) === identityOf(pipeline);
    return pipeline.file === issue.span?.file && !documents.some((one) => identityOf(one) === identityOf(pipeline));
  });
  if (kept.length === 0) return issue;
  const note = `the engine keeps running with the previous version of ${inWords(kept.map(shownName))}`;
  return { ...issue, notes: [...(issue.notes ?? []), note] };
}

const MANY = 5;

function inWords(names: readonly string[]): string {
  const shown = names.length > MANY ? [...names.slice(0, MANY - 1), `${names.length - MANY + 1} more`] : names;
  return shown.length === 1 ? shown[0]! : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}
