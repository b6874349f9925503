import { labelsOf, MAY_SCRAPE, type ObjectOwner, OPERATOR_PODS, objectName, podSelector } from './labels.ts';
import type { Manifest } from './manifest.ts';

export interface NetworkOptions {
  /** Where it takes OTLP; none: it takes none. */
  readonly otlpPorts: readonly number[];
  /** The workloads that alone may send it OTLP; absent: anybody. */
  readonly sentFrom?: readonly string[];
  readonly healthPort: number;
  readonly metricsPort: number;
  /** Proxies of Istio in its Pods serve metrics, too. */
  readonly istio: boolean;
}

const ISTIO_METRICS = 15090;

/**
 * Who may reach the Pods of a workload. Data: senders, or the workloads in front of it. Health: anybody, since a node has no
 * label. Metrics: Pods with upstream's label, in any namespace, and the operator. They may reach whatever their pipelines name.
 */
export function networkPolicies(owner: ObjectOwner, options: NetworkOptions): readonly Manifest[] {
  const { otlpPorts, sentFrom, healthPort, metricsPort, istio } = options;
  const from = sentFrom?.map((workload) => ({ podSelector: { matchLabels: podSelector(workload) } }));
  const scrapers = [
    { namespaceSelector: {}, podSelector: { matchLabels: MAY_SCRAPE } },
    { podSelector: { matchLabels: OPERATOR_PODS } },
  ];
  const data = otlpPorts.length === 0 ? [] : [{ ...(from === undefined ? {} : { from }), ports: ports(otlpPorts) }];
  return [
    policy(owner, '', {
      policyTypes: ['Ingress', 'Egress'],
      ingress: [...data, { ports: ports([healthPort]) }],
      egress: [{}],
    }),
    policy(owner, '-metrics', {
      policyTypes: ['Ingress'],
      ingress: [{ from: scrapers, ports: ports(istio ? [metricsPort, ISTIO_METRICS] : [metricsPort]) }],
    }),
  ];
}

/** Upstream's names. */
function policy(owner: ObjectOwner, suffix: string, spec: Readonly<Record<string, unknown>>): Manifest {
  const { namespace, workload } = owner;
  const name = `kyma-project.io--${objectName(workload)}${suffix}`;
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace, labels: labelsOf(owner) },
    spec: { podSelector: { matchLabels: podSelector(workload) }, ...spec },
  };
}

function ports(numbers: readonly number[]) {
  return numbers.map((port) => ({ port, protocol: 'TCP' }));
}
