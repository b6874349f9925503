import type { Manifest } from '../manifests/manifest.ts';
import { METRICS_PORT, OPERATOR, OPERATOR_LABELS, operatorLabels, WEBHOOK_PORT, WEBHOOK_SERVICE } from './names.ts';

const METRICS_PATH = '/metrics';

/** Who may reach the operator, and under which names. */
export function operatorNetwork(namespace: string): readonly Manifest[] {
  return [webhookService(namespace), metricsService(namespace), webhookPolicy(namespace), metricsPolicy(namespace)];
}

function webhookService(namespace: string): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: WEBHOOK_SERVICE, namespace, labels: operatorLabels() },
    spec: {
      type: 'ClusterIP',
      selector: OPERATOR_LABELS,
      ports: [{ name: 'webhooks', port: 443, targetPort: 'webhooks', protocol: 'TCP' }],
    },
  };
}

function metricsService(namespace: string): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: `${OPERATOR}-metrics`,
      namespace,
      labels: operatorLabels(),
      annotations: {
        'prometheus.io/scrape': 'true',
        'prometheus.io/port': String(METRICS_PORT),
        'prometheus.io/scheme': 'http',
        'prometheus.io/path': METRICS_PATH,
      },
    },
    spec: {
      type: 'ClusterIP',
      selector: OPERATOR_LABELS,
      ports: [{ name: 'http-metrics', port: METRICS_PORT, targetPort: 'metrics', protocol: 'TCP' }],
    },
  };
}

/** The API server calls the webhooks from an address that no selector names. */
function webhookPolicy(namespace: string): Manifest {
  return policy({
    name: `kyma-project.io--${OPERATOR}`,
    namespace,
    ingress: [{ ports: [{ port: WEBHOOK_PORT, protocol: 'TCP' }] }],
  });
}

/** Whoever carries upstream's label may scrape. Probes come from the node, which policies let in. */
function metricsPolicy(namespace: string): Manifest {
  const scraper = { matchLabels: { 'networking.kyma-project.io/metrics-scraping': 'allowed' } };
  return policy({
    name: `kyma-project.io--${OPERATOR}-metrics`,
    namespace,
    ingress: [
      { from: [{ namespaceSelector: {}, podSelector: scraper }], ports: [{ port: METRICS_PORT, protocol: 'TCP' }] },
    ],
  });
}

/**
 * Egress stays open: the operator talks to the API server, to DNS, to the metrics of its workloads, and asks backends that users
 * name why they take no data.
 */
function policy({
  name,
  namespace,
  ingress,
}: {
  name: string;
  namespace: string;
  ingress: readonly object[];
}): Manifest {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace, labels: operatorLabels() },
    spec: { podSelector: { matchLabels: OPERATOR_LABELS }, policyTypes: ['Ingress'], ingress },
  };
}
