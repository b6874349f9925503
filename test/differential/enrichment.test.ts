import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileFiles } from '../../src/cli/compile.ts';
import { componentId, type OtelcolConfig } from '../../src/otelcol/index.ts';
import { renderedYaml } from '../../src/render/index.ts';
import { requirePeer } from '../../testbed/index.ts';
import { startCapture } from '../testkit/capture.ts';
import { startOtelcol } from '../testkit/collector-process.ts';
import { freePort } from '../testkit/free-port.ts';
import { requestToOtlpJson } from '../testkit/otlp-json.ts';
import { decodeRequest } from '../testkit/otlp-proto.ts';
import { sendHttp } from '../testkit/senders.ts';
import { waitFor } from '../testkit/wait-for.ts';

/**
 * What the real Collector makes of the enrichment that is rendered. Without an API server there are no Pods to look up, so
 * that processor is taken out and what it would have added is sent.
 */
const peer = requirePeer('otelcol');
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';
const folder = mkdtempSync(join(tmpdir(), 'sluice-enrichment-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Attributes = Readonly<Record<string, string>>;

interface Item {
  readonly resource: Attributes;
  readonly attributes?: Attributes;
}

const listOf = (attributes: Attributes = {}) =>
  Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue } }));

/** Each item in a resource of its own, which has a mark to find it by. */
function request(signal: 'traces' | 'logs', items: readonly Item[]): object {
  const list = items.map(({ resource, attributes }, index) => {
    const own = { resource: { attributes: listOf({ mark: String(index), ...resource }) } };
    if (signal === 'logs') return { ...own, scopeLogs: [{ logRecords: [{ attributes: listOf(attributes) }] }] };
    const span = { traceId: '0'.repeat(31) + 1, spanId: '0'.repeat(15) + 1, name: 'x', attributes: listOf(attributes) };
    return { ...own, scopeSpans: [{ spans: [span] }] };
  });
  return signal === 'logs' ? { resourceLogs: list } : { resourceSpans: list };
}

interface Received {
  readonly resource: Attributes;
  readonly attributes: Attributes;
  readonly item: Readonly<Record<string, unknown>>;
  readonly scope: Readonly<Record<string, unknown>>;
}

const objectOf = (list: readonly { key: string; value: { stringValue: string } }[] = []): Attributes =>
  Object.fromEntries(list.map(({ key, value }) => [key, value.stringValue]));

/** By mark. */
function received(file: string, signal: 'traces' | 'logs'): ReadonlyMap<string, Received> {
  const [ofResource, ofScope, items] =
    signal === 'logs' ? ['resourceLogs', 'scopeLogs', 'logRecords'] : ['resourceSpans', 'scopeSpans', 'spans'];
  const found = new Map<string, Received>();
  for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
    for (const one of JSON.parse(line)[ofResource!]) {
      const [scoped] = one[ofScope!];
      const [item] = scoped[items!];
      const resource = objectOf(one.resource.attributes);
      found.set(resource['mark']!, {
        resource,
        attributes: objectOf(item.attributes),
        item,
        scope: scoped.scope ?? {},
      });
    }
  }
  return found;
}

function withoutLookup({ processors, service, ...config }: OtelcolConfig): OtelcolConfig {
  const lookup = componentId('k8s_attributes');
  const pipelines = Object.entries(service.pipelines).map(([id, pipeline]) => [
    id,
    { ...pipeline, processors: pipeline.processors.filter((one) => one !== lookup) },
  ]);
  return {
    ...config,
    processors: Object.fromEntries(Object.entries(processors).filter(([id]) => id !== lookup)),
    service: { ...service, pipelines: Object.fromEntries(pipelines) },
  };
}

/** Nothing in it is expanded, and nothing ends the text it stands in. */
const CLUSTER_NAME = `"$\{env:HOME}" \\ $1`;

type Mode = 'otel' | 'kyma-legacy';

/** The items that come out, by their place in the list; those that are missing were dropped. */
async function run(mode: Mode, items: { readonly traces: readonly Item[]; readonly logs: readonly Item[] }) {
  const [http, grpc, metrics] = [await freePort(), await freePort(), await freePort()];
  const path = (signal: string) => join(folder, mode, signal);
  const manifests = [
    {
      apiVersion: 'operator.kyma-project.io/v1beta1',
      kind: 'Telemetry',
      metadata: {
        name: 'default',
        namespace: 'kyma-system',
        annotations: { 'telemetry.kyma-project.io/service-enrichment': mode },
      },
      spec: { topology: { type: 'Shared' }, enrichments: { cluster: { name: CLUSTER_NAME } } },
    },
    ...(['TracePipeline', 'LogPipeline'] as const).map((kind) => ({
      apiVersion: 'telemetry.kyma-project.io/v1beta1',
      kind,
      metadata: { name: 'kept' },
      spec: {
        ...(kind === 'LogPipeline' ? { input: { runtime: { enabled: false } } } : {}),
        output: { file: { path: path(kind === 'LogPipeline' ? 'logs' : 'traces') } },
      },
    })),
  ];
  const { rendered, issues } = compileFiles(
    manifests.map((one) => ({ file: `${one.kind}.yaml`, text: JSON.stringify(one) })),
    {
      distribution: 'otelcol',
      cluster: { namespace: 'kyma-system', clusterUid: 'uid', istio: true },
      addresses: () => ({
        otlpGrpc: `127.0.0.1:${grpc}`,
        otlpHttp: `127.0.0.1:${http}`,
        metrics: { host: '127.0.0.1', port: metrics },
      }),
    },
  );
  expect(issues.filter(({ severity }) => severity === 'error')).toEqual([]);
  const [gateway] = rendered;
  const running = await startOtelcol(renderedYaml({ ...gateway!, config: withoutLookup(gateway!.config) }));
  try {
    for (const signal of ['traces', 'logs'] as const) {
      const last: Item = { resource: { mark: 'last' } };
      const body = Buffer.from(JSON.stringify(request(signal, [...items[signal], last])));
      const answer = await sendHttp(http, {
        path: `/v1/${signal}`,
        body,
        headers: { 'content-type': 'application/json' },
      });
      expect(answer.status).toBe(200);
      await waitFor(`${signal} in the file`, () => received(path(signal), signal).has('last'));
    }
  } finally {
    await running.stop();
  }
  return { traces: received(path('traces'), 'traces'), logs: received(path('logs'), 'logs') };
}

const NAMES: readonly (readonly [Attributes, { readonly [mode in Mode]: string | undefined }])[] = [
  [
    { 'service.name': 'mine', 'kyma.app_name': 'label' },
    { 'kyma-legacy': 'mine', otel: 'mine' },
  ],
  [
    { 'service.name': '', 'k8s.pod.name': 'pod' },
    { 'kyma-legacy': 'pod', otel: '' },
  ],
  [
    { 'service.name': 'unknown_service', 'k8s.deployment.name': 'deployment', 'k8s.pod.name': 'pod' },
    { 'kyma-legacy': 'deployment', otel: undefined },
  ],
  [
    { 'service.name': 'unknown_service:java', 'kyma.app_name': 'app', 'k8s.deployment.name': 'deployment' },
    { 'kyma-legacy': 'app', otel: undefined },
  ],
  [
    { 'kyma.kubernetes_io_app_name': 'best', 'kyma.app_name': 'app' },
    { 'kyma-legacy': 'best', otel: undefined },
  ],
  [{ 'service.name': 'unknown_services' }, { 'kyma-legacy': 'unknown_services', otel: undefined }],
  [{ 'service.name': 'unknown_service:x' }, { 'kyma-legacy': 'unknown_service', otel: undefined }],
  [{}, { 'kyma-legacy': 'unknown_service', otel: undefined }],
  [
    { 'kyma.otel.annotation.service.name': 'annotated', 'service.name': 'label' },
    { 'kyma-legacy': 'label', otel: 'annotated' },
  ],
  [
    { 'kyma.otel.annotation.service.name': '', 'service.name': 'label' },
    { 'kyma-legacy': 'label', otel: 'label' },
  ],
];

const PROXY = { component: 'proxy' };
const OUTBOUND = { ...PROXY, 'http.method': 'POST', 'upstream_cluster.name': 'outbound|4317||x' };
const SCRAPE = { ...PROXY, 'http.method': 'GET', 'upstream_cluster.name': 'inbound|80||' };
const OURS = { 'k8s.namespace.name': 'kyma-system' };

/** Spans, and whether they are noise. */
const SPANS: readonly (readonly [Item, boolean])[] = [
  [{ resource: OURS, attributes: { ...PROXY, 'istio.canonical_service': 'telemetry-trace-gateway' } }, true],
  [{ resource: OURS, attributes: { ...PROXY, 'istio.canonical_service': 'telemetry-otlp-router' } }, true],
  [{ resource: OURS, attributes: { ...PROXY, 'istio.canonical_service': 'telemetry-manager' } }, false],
  [{ resource: {}, attributes: { ...PROXY, 'istio.canonical_service': 'telemetry-trace-gateway' } }, false],
  [{ resource: OURS, attributes: { 'istio.canonical_service': 'telemetry-trace-gateway' } }, false],
  [
    {
      resource: {},
      attributes: { ...OUTBOUND, 'http.url': 'http://telemetry-otlp-traces.kyma-system:4318/v1/traces' },
    },
    true,
  ],
  [
    {
      resource: {},
      attributes: { ...OUTBOUND, 'http.url': 'http://telemetry-otlp.kyma-system.svc.cluster.local:4317/' },
    },
    true,
  ],
  [{ resource: {}, attributes: { ...OUTBOUND, 'http.url': 'http://telemetry-otlp.other:4317/' } }, false],
  [{ resource: {}, attributes: { ...SCRAPE, user_agent: 'otelcol-contrib/0.149.0' } }, true],
  [{ resource: {}, attributes: { ...SCRAPE, user_agent: 'curl/8' } }, false],
  [{ resource: {}, attributes: PROXY }, false],
];

const ACCESS = { 'kyma.module': 'istio' };

/** Access logs of proxies, and what becomes of them; undefined: dropped. */
const LOGS: readonly (readonly [Item, Attributes | undefined])[] = [
  [{ resource: { 'k8s.deployment.name': 'telemetry-log-gateway', ...OURS }, attributes: ACCESS }, undefined],
  [{ resource: { 'k8s.daemonset.name': 'telemetry-log-agent', ...OURS }, attributes: ACCESS }, undefined],
  [{ resource: {}, attributes: { ...ACCESS, 'server.address': 'telemetry-otlp.kyma-system:4317' } }, undefined],
  [
    { resource: {}, attributes: { 'server.address': 'telemetry-otlp.kyma-system:4317' } },
    { 'server.address': 'telemetry-otlp.kyma-system:4317' },
  ],
  [
    { resource: {}, attributes: { ...ACCESS, 'network.protocol.name': 'HTTP/1.1', 'client.address': '10.0.0.1:4711' } },
    {
      'network.protocol.name': 'HTTP',
      'network.protocol.version': '1.1',
      'client.address': '10.0.0.1',
      'client.port': '4711',
    },
  ],
  [
    { resource: {}, attributes: { ...ACCESS, 'network.protocol.name': 'tcp', 'client.address': '[::1]:80' } },
    { 'network.protocol.name': 'tcp', 'client.address': '::1', 'client.port': '80' },
  ],
  [{ resource: {}, attributes: { ...ACCESS, 'client.address': '::1' } }, { 'client.address': '::1' }],
];

describe.skipIf(peer.status === 'missing').each(['kyma-legacy', 'otel'] as const)(
  `the real Collector enriches in mode %s${skipNote}`,
  (mode) => {
    let out: Awaited<ReturnType<typeof run>>;
    beforeAll(async () => {
      const spans = [...NAMES.map(([resource]) => ({ resource })), ...SPANS.map(([item]) => item)];
      out = await run(mode, { traces: spans, logs: LOGS.map(([item]) => item) });
    });

    it.each(NAMES.map(([resource, expected], index) => [JSON.stringify(resource), expected[mode], index] as const))(
      'name of %s: %s',
      (_, expected, index) => {
        expect(out.traces.get(String(index))!.resource['service.name']).toBe(expected);
      },
    );

    it.each(SPANS.map(([item, isNoise], index) => [JSON.stringify(item), isNoise, NAMES.length + index] as const))(
      'span %s is noise: %s',
      (_, isNoise, index) => {
        expect(out.traces.has(String(index))).toBe(!isNoise);
      },
    );

    it.each(LOGS.map(([item, expected], index) => [JSON.stringify(item), expected, index] as const))(
      'log %s',
      (_, expected, index) => {
        expect(out.logs.get(String(index))?.attributes).toEqual(expected);
      },
    );

    it('gives access logs a severity and a scope, and every log the time it was seen', () => {
      const { item, scope } = out.logs.get('4')!;
      expect(item).toMatchObject({ severityText: 'INFO', severityNumber: 9 });
      expect(scope).toMatchObject({ name: 'io.kyma-project.telemetry/istio' });
      expect(out.logs.get('3')!.item).not.toHaveProperty('severityText');
      expect(Number(out.logs.get('3')!.item['observedTimeUnixNano'])).toBeGreaterThan(1e18);
    });

    it('adds the cluster, character by character, and lets nothing internal out', () => {
      for (const { resource } of out.traces.values()) {
        expect(resource).toMatchObject({ 'k8s.cluster.name': CLUSTER_NAME, 'k8s.cluster.uid': 'uid' });
        expect(Object.keys(resource).filter((key) => key.startsWith('kyma.'))).toEqual([]);
      }
    });
  },
);

describe.skipIf(peer.status === 'missing')(`the real Collector as a router in a cluster${skipNote}`, () => {
  it("writes down the sender's address, unless the data names its Pod, and passes the rest on as it came", async () => {
    const capture = await startCapture();
    const [http, grpc, metrics] = [await freePort(), await freePort(), await freePort()];
    const manifest = {
      apiVersion: 'telemetry.kyma-project.io/v1beta1',
      kind: 'TracePipeline',
      metadata: { name: 'a' },
      spec: { output: { stdout: {} } },
    };
    const { rendered } = compileFiles([{ file: 'a.yaml', text: JSON.stringify(manifest) }], {
      distribution: 'otelcol',
      topology: 'PerSignal',
      cluster: { namespace: 'kyma-system', istio: false },
      addresses: () => ({
        otlpGrpc: `127.0.0.1:${grpc}`,
        otlpHttp: `127.0.0.1:${http}`,
        metrics: { host: '127.0.0.1', port: metrics },
        peers: { 'trace-gateway': `127.0.0.1:${capture.grpcPort}` },
      }),
    });
    const running = await startOtelcol(renderedYaml(rendered.find(({ workload }) => workload === 'otlp-router')!));
    try {
      const items = [{ resource: { 'service.name': 'x' } }, { resource: { 'k8s.pod.ip': '10.1.2.3' } }];
      const body = JSON.stringify(request('traces', items));
      await sendHttp(http, { path: '/v1/traces', body, headers: { 'content-type': 'application/json' } });
      const json = requestToOtlpJson('traces', decodeRequest('traces', capture.requests[0]!.body));
      const { resourceSpans } = json as unknown as { resourceSpans: { resource: { attributes: [] } }[] };
      expect(resourceSpans.map(({ resource }) => objectOf(resource.attributes))).toEqual([
        { mark: '0', 'service.name': 'x', 'k8s.pod.ip': '127.0.0.1' },
        { mark: '1', 'k8s.pod.ip': '10.1.2.3' },
      ]);
    } finally {
      await running.stop();
      await capture.stop();
    }
  });
});
