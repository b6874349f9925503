import type { ComponentConfig } from '../../../otelcol/index.ts';
import type { NamespaceSelection } from '../../../pipeline/index.ts';
import type { ClusterSettings } from '../../../topology/index.ts';
import { withNodeName } from './node-name.ts';
import {
  addressOf,
  DROP_IDLE,
  drop,
  dropScheme,
  keep,
  keepAnnotated,
  keepOwnNode,
  type RelabelRule,
  schemeOf,
} from './relabel.ts';

/** Where the sidecar of the agent puts the certificates it gets from Istio. */
const ISTIO_CERTIFICATES = '/etc/istio-output-certs';

/** A target that serves more is not scraped at all: upstream's limits. */
const LIMITS = { sample_limit: 50_000, body_size_limit: '20MB' } as const;

/** What decides which targets there are, and how often they are scraped. */
export interface JobOptions {
  /** What any pipeline takes of this input. */
  readonly namespaces: NamespaceSelection;
  readonly interval: string;
}

/** Annotated Pods; those with a sidecar that insists on TLS are reached through their Services. */
export function podJobs(options: JobOptions): readonly ComponentConfig[] {
  const rules = [
    keepOwnNode('pod'),
    keepAnnotated('pod'),
    ...DROP_IDLE,
    ...schemeOf('pod'),
    dropScheme('https'),
    ...addressOf('pod'),
  ];
  return [scrapeJob('app-pods', { ...options, role: 'pod', rules })];
}

/** The endpoints of annotated Services; with Istio also those behind a sidecar, with the agent's certificate. */
export function serviceJobs(
  options: JobOptions,
  { istio }: Pick<ClusterSettings, 'istio'>,
): readonly ComponentConfig[] {
  const rules = (unwanted: 'http' | 'https') => [
    keepOwnNode('endpoint'),
    keepAnnotated('service'),
    ...DROP_IDLE,
    drop('pod_container_name', 'istio-proxy'),
    ...schemeOf('service'),
    dropScheme(unwanted),
    ...addressOf('service'),
    { source_labels: ['__meta_kubernetes_service_name'], target_label: 'service', action: 'replace' },
  ];
  const job = { ...options, role: 'endpoints' as const };
  const plain = scrapeJob('app-services', { ...job, rules: rules('https') });
  if (!istio) return [plain];
  return [plain, { ...scrapeJob('app-services-secure', { ...job, rules: rules('http') }), tls_config: ISTIO_TLS }];
}

/** Identities of the mesh are no host names, so there is nothing to compare the server's name with. */
const ISTIO_TLS: ComponentConfig = {
  ca_file: `${ISTIO_CERTIFICATES}/root-cert.pem`,
  cert_file: `${ISTIO_CERTIFICATES}/cert-chain.pem`,
  key_file: `${ISTIO_CERTIFICATES}/key.pem`,
  insecure_skip_verify: true,
};

const GATEWAYS =
  'telemetry-(otlp-(engine-)?(gateway|router|entry)|(trace|metric|log)-(engine-)?(gateway|dispatcher.*))';

/** What proxies count of scraping and of the way of telemetry itself would tell people about nothing but us, as upstream has it. */
const OWN_TRAFFIC: readonly RelabelRule[] = [
  { source_labels: ['__name__', 'source_workload'], regex: 'istio_.*;telemetry-metric-agent', action: 'drop' },
  { source_labels: ['__name__', 'destination_workload'], regex: `istio_.*;${GATEWAYS}`, action: 'drop' },
];

/** Istio's proxies; with `envoyMetrics` also what Envoy itself counts, which is a lot. */
export function istioJobs(
  options: JobOptions,
  { envoyMetrics }: { readonly envoyMetrics: boolean },
): readonly ComponentConfig[] {
  const rules = [
    keepOwnNode('pod'),
    keep('pod_container_name', 'istio-proxy'),
    keep('pod_container_port_name', 'http-envoy-prom'),
    drop('pod_phase', 'Pending|Succeeded|Failed'),
  ];
  const names = { source_labels: ['__name__'], regex: envoyMetrics ? '(envoy|istio)_.*' : 'istio_.*', action: 'keep' };
  return [
    {
      ...scrapeJob('istio-proxy', { ...options, role: 'pod', rules }),
      metrics_path: '/stats/prometheus',
      metric_relabel_configs: [names, ...OWN_TRAFFIC],
    },
  ];
}

interface ScrapeJobOptions extends JobOptions {
  readonly role: 'pod' | 'endpoints';
  readonly rules: readonly RelabelRule[];
}

function scrapeJob(name: string, { namespaces, interval, role, rules }: ScrapeJobOptions): ComponentConfig {
  const { include, exclude } = namespaces;
  const unwanted = exclude === undefined ? [] : [drop('namespace', exclude.join('|'))];
  return {
    job_name: name,
    scrape_interval: interval,
    ...LIMITS,
    kubernetes_sd_configs: [
      {
        role,
        ...(include === undefined ? {} : { namespaces: { names: include } }),
        selectors: [{ role: 'pod', field: withNodeName('spec.nodeName=') }],
      },
    ],
    relabel_configs: [...unwanted, ...rules],
  };
}
