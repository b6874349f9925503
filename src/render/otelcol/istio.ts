import { componentId } from '../../otelcol/index.ts';
import type { Signal } from '../../pdata/index.ts';
import type { ClusterSettings } from '../../topology/index.ts';
import type { RenderedComponent } from './config-parts.ts';
import { ottlText, resourceAttribute, SIGNAL_WORD, transformOf } from './statements.ts';

/** Our own workloads, as Istio names them. */
const OWN = '^telemetry-(otlp-(gateway|router|entry)|(trace|metric|log)-(gateway|agent|dispatcher.*)|fluent-bit)$';

/** Agents that scrape: the Collector under its several names, and vmagent. */
const SCRAPER = '^((kyma-)?otelcol(-[a-z0-9]+)?/|vm_promscrape)';

const NAMESPACE = resourceAttribute('k8s.namespace.name');

/** Spans and access logs of Istio's proxies about the way of telemetry itself, which would tell people about nothing but us. */
export function istioNoise(signal: Signal, cluster: ClusterSettings): readonly RenderedComponent[] {
  if (signal === 'metrics') return [];
  const conditions = signal === 'traces' ? spanNoise(cluster) : logNoise(cluster);
  return [
    {
      id: componentId('filter', `istio-noise-${signal}`),
      settings: { error_mode: 'ignore', [`${SIGNAL_WORD[signal]}_conditions`]: [{ conditions }] },
    },
  ];
}

function matches(place: string, pattern: string): string {
  return `IsMatch(${place}, ${ottlText(pattern)})`;
}

/** Names of namespaces hold no character that means something in a pattern. */
function spanNoise({ namespace }: ClusterSettings): readonly string[] {
  const of = (key: string) => `span.attributes[${ottlText(key)}]`;
  const gateway = `^https?://telemetry-otlp(-(logs|metrics|traces))?[.]${namespace}([.].*)?:(4317|4318)`;
  return [
    [`${NAMESPACE} == ${ottlText(namespace)}`, matches(of('istio.canonical_service'), OWN)],
    [
      `${of('http.method')} == "POST"`,
      matches(of('upstream_cluster.name'), '^outbound[|]'),
      matches(of('http.url'), gateway),
    ],
    [
      `${of('http.method')} == "GET"`,
      matches(of('upstream_cluster.name'), '^inbound[|]'),
      matches(of('user_agent'), SCRAPER),
    ],
    [
      `${NAMESPACE} == "istio-system"`,
      `${of('istio.canonical_service')} == "istio-ingressgateway"`,
      `${of('http.method')} == "GET"`,
      matches(of('upstream_cluster.name'), '^outbound[|]'),
      matches(of('http.url'), '^https://healthz[.].+/healthz/ready'),
    ],
  ].map((terms) => [`${of('component')} == "proxy"`, ...terms].join(' and '));
}

function logNoise({ namespace }: ClusterSettings): readonly string[] {
  const of = (key: string) => `log.attributes[${ottlText(key)}]`;
  const workloads = ['k8s.deployment.name', 'k8s.daemonset.name', 'k8s.statefulset.name'].map(resourceAttribute);
  return [
    [`${NAMESPACE} == ${ottlText(namespace)}`, `(${workloads.map((workload) => matches(workload, OWN)).join(' or ')})`],
    [matches(of('server.address'), `^telemetry-otlp(-(logs|metrics|traces))?[.]${namespace}`)],
    [
      `${of('http.request.method')} == "GET"`,
      `${of('http.direction')} == "inbound"`,
      matches(of('user_agent.original'), SCRAPER),
    ],
    [
      `${of('http.request.method')} == "GET"`,
      `${of('http.direction')} == "outbound"`,
      matches(of('server.address'), '^healthz[.].+'),
      matches(of('url.path'), '/healthz/ready'),
    ],
  ].map((terms) => [`${of('kyma.module')} == "istio"`, ...terms].join(' and '));
}

/** Access logs of Istio's proxies get a severity, and addresses and protocols in the form of the semantic conventions. */
export function istioAccessLogs(): RenderedComponent {
  const protocol = 'log.attributes["network.protocol.name"]';
  const address = 'log.attributes["client.address"]';
  const port = 'log.attributes["client.port"]';
  const withPort = matches(address, '^([^:]*|\\[[^\\]]*\\]):[^:]*$');
  return transformOf(
    'istio-access-logs',
    ['logs'],
    [
      {
        conditions: ['log.attributes["kyma.module"] == "istio"'],
        statements: [
          'set(log.severity_text, "INFO")',
          'set(log.severity_number, SEVERITY_NUMBER_INFO)',
          `set(log.attributes["network.protocol.version"], Split(${protocol}, "/")[1]) where ${matches(protocol, '^[^/]*/[^/]*$')}`,
          `set(${protocol}, Split(${protocol}, "/")[0]) where ${matches(protocol, '^[^/]*/[^/]*$')}`,
          `set(${port}, ${address}) where ${withPort}`,
          `replace_pattern(${port}, "^.*:", "") where ${withPort}`,
          `replace_pattern(${address}, ${ottlText('^\\[?([^\\]]*?)\\]?:[^:]*$')}, "$1") where ${withPort}`,
          'set(scope.name, "io.kyma-project.telemetry/istio")',
          'delete_key(log.attributes, "kyma.module")',
        ],
      },
    ],
  );
}
