import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { requirePeer } from '../../../testbed/index.ts';
import { startCapture } from '../../testkit/capture.ts';
import { listen } from '../../testkit/free-port.ts';
import { waitFor } from '../../testkit/wait-for.ts';
import { createFolder, namesOf, pipelineOf, pointsOf, removeFolder, renderAgent, startAgent } from './agent-process.ts';

const peer = requirePeer('otelcol');
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** One server that stands for every target: each has a path of its own, and answers with a metric that names it. */
async function startTargets(): Promise<{ readonly port: number; readonly asked: () => readonly string[] }> {
  const asked = new Set<string>();
  const server = createServer((request, response) => {
    asked.add(request.url ?? '');
    const name = /\/([a-z_]+)/.exec(request.url ?? '')?.[1] ?? 'none';
    response.end(
      [
        `# TYPE ${name} gauge`,
        `${name} 1`,
        '# TYPE istio_requests_total counter',
        'istio_requests_total{source_workload="telemetry-metric-agent",destination_workload="shop"} 1',
        'istio_requests_total{source_workload="shop",destination_workload="telemetry-otlp-router"} 1',
        'istio_requests_total{source_workload="shop",destination_workload="checkout"} 1',
        '# TYPE envoy_x gauge',
        'envoy_x 3',
        '',
      ].join('\n'),
    );
  });
  const port = await listen(server);
  ends.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { port, asked: () => [...asked].sort() };
}

type Labels = Readonly<Record<string, string>>;

/** What the discovery of Pods says about one. */
function pod(name: string, labels: Labels = {}): Labels {
  return {
    namespace: 'shop',
    pod_name: name,
    pod_node_name: 'node-1',
    pod_phase: 'Running',
    pod_container_name: 'app',
    pod_annotation_prometheus_io_scrape: 'true',
    pod_annotation_prometheus_io_path: `/${name}`,
    ...labels,
  };
}

/** What the discovery of Services says about an endpoint of one. */
function endpoint(name: string, labels: Labels = {}): Labels {
  return {
    namespace: 'shop',
    service_name: `${name}-service`,
    endpoint_node_name: 'node-1',
    pod_name: name,
    pod_phase: 'Running',
    pod_container_name: 'app',
    service_annotation_prometheus_io_scrape: 'true',
    service_annotation_prometheus_io_path: `/${name}`,
    ...labels,
  };
}

/** Stands for the port of the targets. */
const PORT = '<port>';

interface Discovered {
  readonly pods?: readonly Labels[];
  readonly endpoints?: readonly Labels[];
}

interface Job {
  readonly file_sd_configs?: readonly object[];
  readonly kubernetes_sd_configs?: readonly { readonly role: string }[];
}

/** Files take the place of the discovery: the same labels, for the rules that were rendered. */
function discoverFrom(folder: string, port: number, found: Discovered): (yaml: string) => string {
  for (const [role, all] of [
    ['pod', found.pods],
    ['endpoints', found.endpoints],
  ] as const) {
    const groups = (all ?? []).map((labels) => ({
      targets: [labels['__address__'] ?? `127.0.0.1:${port}`],
      labels: Object.fromEntries(
        Object.entries(labels)
          .filter(([name]) => !name.startsWith('__'))
          .map(([name, value]) => [`__meta_kubernetes_${name}`, value]),
      ),
    }));
    writeFileSync(join(folder, `${role}.json`), JSON.stringify(groups).replaceAll(PORT, String(port)));
  }
  return (yaml) => {
    const config = parse(yaml) as { receivers: Record<string, { config: { scrape_configs: Job[] } }> };
    for (const receiver of Object.values(config.receivers)) {
      receiver.config.scrape_configs = receiver.config.scrape_configs.map(({ kubernetes_sd_configs, ...job }) => ({
        ...job,
        file_sd_configs: [{ files: [join(folder, `${kubernetes_sd_configs?.[0]?.role}.json`)] }],
      }));
    }
    return stringify(config);
  };
}

interface Scene extends Discovered {
  /** Inputs of each pipeline. */
  readonly inputs: readonly object[];
  readonly istio?: boolean;
}

/** Runs the pipelines until the target `last` has arrived at the first of them, and every target has been asked once more. */
async function scrape({ inputs, istio = false, ...found }: Scene) {
  const backends = await Promise.all(inputs.map(() => startCapture()));
  for (const backend of backends) ends.push(() => backend.stop());
  const targets = await startTargets();
  const folder = createFolder();
  ends.push(() => removeFolder(folder));
  const pipelines = inputs.map((input, index) =>
    pipelineOf('MetricPipeline', `p${index}`, input, backends[index]!.grpcPort),
  );
  const telemetry = {
    apiVersion: 'operator.kyma-project.io/v1beta1',
    kind: 'Telemetry',
    metadata: { name: 'default', namespace: 'kyma-system' },
    spec: { metric: { collectionInterval: '300ms' } },
  };
  const change = discoverFrom(folder, targets.port, found);
  const agent = await startAgent(renderAgent([telemetry, ...pipelines], { istio }), { folder, change });
  ends.push(() => agent.stop());
  const [first] = backends;
  await waitFor('the last target', () => namesOf(first!).includes('last') || namesOf(first!).includes('envoy_x'));
  const { length } = first!.accepted();
  await waitFor('another round', () => first!.accepted().length > length + 2);
  return { backends, targets };
}

const own = (names: readonly string[]) => names.filter((name) => !/^(istio|envoy)_/.test(name));

describe.skipIf(peer.status === 'missing')(`the metric agent, run by the real Collector${skipNote}`, () => {
  it('scrapes the annotated Pods of its node that run and have no sidecar, where the annotations say', async () => {
    const { backends, targets } = await scrape({
      inputs: [{ prometheus: { enabled: true } }],
      pods: [
        pod('plain'),
        pod('not_annotated', { pod_annotation_prometheus_io_scrape: 'false' }),
        pod('other_node', { pod_node_name: 'node-2' }),
        pod('pending', { pod_phase: 'Pending' }),
        pod('succeeded', { pod_phase: 'Succeeded' }),
        pod('init', { pod_container_init: 'true' }),
        pod('sidecar', { pod_label_security_istio_io_tlsMode: 'istio' }),
        pod('plain_sidecar', {
          pod_label_security_istio_io_tlsMode: 'istio',
          pod_annotation_prometheus_io_scheme: 'http',
        }),
        pod('system', { namespace: 'kube-system' }),
        pod('other_port', { __address__: '127.0.0.1:1', pod_annotation_prometheus_io_port: PORT }),
        pod('no_port', { __address__: '127.0.0.1', pod_annotation_prometheus_io_port: PORT }),
        pod('parameters', {
          pod_annotation_prometheus_io_param_format: 'text',
          pod_annotation_prometheus_io_param_name: 'a b',
        }),
        pod('last'),
      ],
    });
    const taken = ['last', 'no_port', 'other_port', 'parameters', 'plain', 'plain_sidecar'];
    expect(targets.asked().map((url) => url.slice(1))).toEqual(
      taken.map((name) => (name === 'parameters' ? 'parameters?format=text&name=a+b' : name)),
    );
    expect(own(namesOf(backends[0]!))).toEqual(taken);
    expect(pointsOf(backends[0]!).find(({ name }) => name === 'plain')).toMatchObject({
      scope: 'io.kyma-project.telemetry/prometheus',
      resource: { 'k8s.namespace.name': 'shop', 'k8s.pod.name': 'plain', 'service.name': 'plain' },
    });
    expect(JSON.stringify(pointsOf(backends[0]!))).not.toContain('kyma.input.name');
  });

  it('scrapes the endpoints of annotated Services, each once, and names the Service', async () => {
    const { backends, targets } = await scrape({
      inputs: [{ prometheus: { enabled: true } }],
      endpoints: [
        endpoint('plain'),
        endpoint('https', { service_annotation_prometheus_io_scheme: 'https' }),
        endpoint('proxy', { pod_container_name: 'istio-proxy' }),
        endpoint('sidecar', { pod_label_security_istio_io_tlsMode: 'istio' }),
        endpoint('plain_sidecar', {
          pod_label_security_istio_io_tlsMode: 'istio',
          service_annotation_prometheus_io_scheme: 'http',
        }),
        endpoint('other_node', { endpoint_node_name: 'node-2' }),
        endpoint('last', { service_annotation_prometheus_io_param_format: 'text' }),
      ],
    });
    expect(targets.asked()).toEqual(['/last?format=text', '/plain', '/plain_sidecar']);
    expect(pointsOf(backends[0]!).find(({ name }) => name === 'plain')?.attributes).toMatchObject({
      service: 'plain-service',
    });
  });

  it('scrapes for all pipelines once, no other namespace, and gives each its own', async () => {
    const { backends, targets } = await scrape({
      inputs: [
        {
          prometheus: {
            enabled: true,
            namespaces: { exclude: ['kube-system', 'billing'] },
            diagnosticMetrics: { enabled: true },
          },
        },
        { prometheus: { enabled: true, namespaces: { include: ['billing'] } } },
      ],
      pods: [
        pod('shop'),
        pod('billing', { namespace: 'billing' }),
        pod('system', { namespace: 'kube-system' }),
        pod('last'),
      ],
    });
    expect(targets.asked()).toEqual(['/billing', '/last', '/shop']);
    expect(own(namesOf(backends[0]!))).toEqual([
      'last',
      'scrape_duration_seconds',
      'scrape_samples_post_metric_relabeling',
      'scrape_samples_scraped',
      'scrape_series_added',
      'shop',
      'up',
    ]);
    expect(own(namesOf(backends[1]!))).toEqual(['billing']);
  });

  it('takes the metrics of Istio and, for whoever wants them, those of Envoy', async () => {
    const proxy = { pod_container_name: 'istio-proxy', pod_container_port_name: 'http-envoy-prom' };
    const { backends, targets } = await scrape({
      inputs: [
        { istio: { enabled: true, envoyMetrics: { enabled: true } } },
        { istio: { enabled: true, diagnosticMetrics: { enabled: true } }, prometheus: { enabled: true } },
      ],
      pods: [pod('app', proxy), pod('not_a_proxy'), pod('other_port', { ...proxy, pod_container_port_name: 'http' })],
    });
    expect(targets.asked()).toEqual(['/app', '/not_a_proxy', '/other_port', '/stats/prometheus']);
    expect(namesOf(backends[0]!)).toEqual(['envoy_x', 'istio_requests_total']);
    const requests = pointsOf(backends[0]!).filter(({ name }) => name === 'istio_requests_total');
    expect(new Set(requests.map(({ attributes }) => attributes['destination_workload']))).toEqual(
      new Set(['checkout']),
    );
    const istio = pointsOf(backends[1]!).filter(({ scope }) => scope === 'io.kyma-project.telemetry/istio');
    expect([...new Set(istio.map(({ name }) => name))].sort()).toEqual([
      'istio_requests_total',
      'scrape_duration_seconds',
      'scrape_samples_post_metric_relabeling',
      'scrape_samples_scraped',
      'scrape_series_added',
      'up',
    ]);
    const scraped = pointsOf(backends[1]!).filter(({ scope }) => scope === 'io.kyma-project.telemetry/prometheus');
    expect([...new Set(scraped.map(({ name }) => name))]).toContain('envoy_x');
    expect(scraped.map(({ name }) => name)).not.toContain('up');
  });
});
