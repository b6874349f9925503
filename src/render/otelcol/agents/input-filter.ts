import type { ComponentConfig } from '../../../otelcol/index.ts';
import type {
  IstioReceiverNode,
  NamespaceSelection,
  PrometheusReceiverNode,
  RuntimeReceiverNode,
} from '../../../pipeline/index.ts';

import { foreignNamespace } from '../namespaces.ts';
import { ottlText, resourceAttribute } from '../statements.ts';
import { sameSelection } from './namespaces.ts';
import { wantedMetrics } from './runtime-receivers.ts';

export type MetricReceiverNode = RuntimeReceiverNode | PrometheusReceiverNode | IstioReceiverNode;

/** What is taken of an input: by one pipeline, by all of them together, or what comes out of a receiver. */
export interface Taken {
  readonly namespaces: NamespaceSelection;
  /** Of `runtime`: names of metrics. */
  readonly metrics?: ReadonlySet<string>;
  /** Of what is scraped: `up` and its like. */
  readonly diagnosticMetrics?: boolean;
  /** Of `istio`. */
  readonly envoyMetrics?: boolean;
}

export function takenBy(receiver: MetricReceiverNode): Taken {
  const { namespaces } = receiver;
  switch (receiver.type) {
    case 'runtime':
      return { namespaces, metrics: wantedMetrics(receiver) };
    case 'prometheus':
      return { namespaces, diagnosticMetrics: receiver.diagnosticMetrics };
    case 'istio':
      return { namespaces, diagnosticMetrics: receiver.diagnosticMetrics, envoyMetrics: receiver.envoyMetrics };
  }
}

/** The conditions for what is there and not taken; `of` stands in front of each. Empty where all of it is. */
export function excess(there: Taken, taken: Taken, of = ''): readonly ComponentConfig[] {
  const foreign = sameSelection(there.namespaces, taken.namespaces) ? undefined : foreignNamespace(taken.namespaces);
  const metrics = [
    ...(there.metrics === undefined ? [] : otherMetrics(there.metrics, taken.metrics ?? new Set())),
    ...(there.diagnosticMetrics === true && taken.diagnosticMetrics !== true ? [IS_DIAGNOSTIC] : []),
    ...(there.envoyMetrics === true && taken.envoyMetrics !== true ? [nameStarts('envoy_')] : []),
  ];
  return [
    ...(foreign === undefined ? [] : [{ context: 'resource', conditions: [`${of}${foreign}`] }]),
    ...(metrics.length === 0 ? [] : [{ context: 'metric', conditions: metrics.map((one) => `${of}${one}`) }]),
  ];
}

/** What the receiver says about each scrape, beside what it scraped. */
const DIAGNOSTIC = ['duration_seconds', 'samples_post_metric_relabeling', 'samples_scraped', 'series_added'];
const IS_DIAGNOSTIC = isOneOf(['up', ...DIAGNOSTIC.map((name) => `scrape_${name}`)]);

/** A condition for each kind of resource: its common beginning where nothing of the kind is taken, else the names. */
function otherMetrics(there: ReadonlySet<string>, taken: ReadonlySet<string>): readonly string[] {
  const unwanted = [...there].filter((name) => !taken.has(name)).sort();
  return [...new Set(unwanted.map(kindOf))].map((kind) => {
    const isKind = (name: string) => kindOf(name) === kind;
    return [...taken].some(isKind) ? isOneOf(unwanted.filter(isKind)) : nameStarts(kind);
  });
}

/** `k8s.pod.` of `k8s.pod.cpu.time`, `container.` of `container.cpu.time`. */
function kindOf(name: string): string {
  return /^(?:k8s[.])?[^.]+[.]/.exec(name)?.[0] ?? name;
}

function isOneOf(names: readonly string[]): string {
  return `(${names.map((name) => `metric.name == ${ottlText(name)}`).join(' or ')})`;
}

function nameStarts(prefix: string): string {
  return `IsMatch(metric.name, ${ottlText(`^${prefix.replaceAll('.', '[.]')}`)})`;
}

/** The mark that tells the inputs of an agent apart behind the shared enrichment. */
export const INPUT_NAME = 'kyma.input.name';

export function isOfInput(name: string): string {
  return `${resourceAttribute(INPUT_NAME)} == ${ottlText(name)}`;
}
