import { type LoadedResource, RUNTIME_METRICS } from '../apis/index.ts';
import type { Path } from '../diagnostics/index.ts';
import {
  type CollectingReceiverNode,
  type ContainerLogsReceiverNode,
  type NamespaceSelection,
  type OtlpReceiverNode,
  type ReceiverNode,
  RUNTIME_RESOURCES,
} from './graph.ts';
import { sourceOf } from './node-source.ts';

const INPUT: Path = ['spec', 'input'];

/** Where the system's own data is: mostly noise, and left out unless somebody asks for it. */
const SYSTEM_NAMESPACES = ['kyma-system', 'kube-system', 'istio-system'];

/** The inputs that are switched on, in a cluster. One that the user wrote nothing about has no source. */
export function receiversOf(loaded: LoadedResource): readonly ReceiverNode[] {
  return [...otlpReceivers(loaded), ...collectingReceivers(loaded)];
}

function otlpReceivers(loaded: LoadedResource): readonly OtlpReceiverNode[] {
  const { resource } = loaded;
  if (resource.kind === 'TracePipeline') return [{ kind: 'receiver', type: 'otlp' }];
  const { enabled, namespaces } = resource.spec.input.otlp;
  if (!enabled) return [];
  const selection = namespaces === undefined ? {} : selectionOf(namespaces);
  return [
    {
      kind: 'receiver',
      type: 'otlp',
      ...(Object.keys(selection).length === 0 ? {} : { namespaces: selection }),
      ...sourceOf(loaded, [...INPUT, 'otlp']),
    },
  ];
}

function collectingReceivers(loaded: LoadedResource): readonly CollectingReceiverNode[] {
  const { resource } = loaded;
  switch (resource.kind) {
    case 'TracePipeline':
      return [];
    case 'MetricPipeline':
      return metricReceivers(loaded, resource.spec.input);
    case 'LogPipeline':
      return containerLogs(loaded, resource.spec.input.runtime);
  }
}

type InputOf<Kind> = Extract<LoadedResource['resource'], { readonly kind: Kind }>['spec'] extends {
  readonly input: infer Input;
}
  ? Input
  : never;

type MetricInput = InputOf<'MetricPipeline'>;

function metricReceivers(
  loaded: LoadedResource,
  { runtime, prometheus, istio }: MetricInput,
): readonly CollectingReceiverNode[] {
  const common = (name: 'runtime' | 'prometheus' | 'istio', namespaces: NamespaceSelection | undefined) => ({
    kind: 'receiver' as const,
    namespaces: collectedFrom(namespaces),
    ...sourceOf(loaded, [...INPUT, name]),
  });
  const receivers: CollectingReceiverNode[] = [];
  if (runtime?.enabled === true) {
    const resources = RUNTIME_RESOURCES.filter((name) => runtime.resources?.[name]?.enabled ?? true);
    const additionalMetrics = [...new Set(runtime.additionalMetrics)]
      .filter((name) => RUNTIME_METRICS.has(name))
      .sort();
    // With every resource switched off there is nothing to read.
    if (resources.length + additionalMetrics.length > 0) {
      receivers.push({ ...common('runtime', runtime.namespaces), type: 'runtime', resources, additionalMetrics });
    }
  }
  if (prometheus?.enabled === true) {
    const diagnosticMetrics = prometheus.diagnosticMetrics?.enabled ?? false;
    receivers.push({ ...common('prometheus', prometheus.namespaces), type: 'prometheus', diagnosticMetrics });
  }
  if (istio?.enabled === true) {
    receivers.push({
      ...common('istio', istio.namespaces),
      type: 'istio',
      diagnosticMetrics: istio.diagnosticMetrics?.enabled ?? false,
      envoyMetrics: istio.envoyMetrics?.enabled ?? false,
    });
  }
  return receivers;
}

/** Taken by default: a LogPipeline that says nothing about its input gets what containers write. */
function containerLogs(
  loaded: LoadedResource,
  input: InputOf<'LogPipeline'>['runtime'] = {},
): readonly ContainerLogsReceiverNode[] {
  if (input.enabled === false) return [];
  return [
    {
      kind: 'receiver',
      type: 'container-logs',
      namespaces: collectedFrom(input.namespaces),
      containers: selectionOf(input.containers ?? {}),
      keepOriginalBody: input.keepOriginalBody ?? true,
      ...sourceOf(loaded, [...INPUT, 'runtime']),
    },
  ];
}

/** A selector that is there but empty takes all namespaces, the system's too. */
function collectedFrom(namespaces: NamespaceSelection | undefined): NamespaceSelection {
  return namespaces === undefined ? { exclude: SYSTEM_NAMESPACES } : selectionOf(namespaces);
}

/** Empty lists select nothing away; names are sorted, as their order means nothing. */
function selectionOf({ include = [], exclude = [] }: NamespaceSelection): NamespaceSelection {
  if (include.length > 0) return { include: [...new Set(include)].sort() };
  return exclude.length > 0 ? { exclude: [...new Set(exclude)].sort() } : {};
}
