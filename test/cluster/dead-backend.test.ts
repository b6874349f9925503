import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { createAskBackend } from '../../src/cli/online/ask-backend.ts';
import type { KubeClient, KubeObject } from '../../src/kube/index.ts';
import { systemClock } from '../../src/lib/index.ts';
import { mountedNames } from '../../src/operator/conditions/workload-health.ts';
import type { RunningOperator } from '../../src/operator/index.ts';
import { requirePeer } from '../../testbed/index.ts';
import { plainInput } from '../differential/inputs.ts';
import { type Capture, startCapture } from '../testkit/capture.ts';
import { type ControlPlane, requireControlPlane, startControlPlane } from '../testkit/control-plane.ts';
import { freePort } from '../testkit/free-port.ts';
import { kubeClient, recordedLog } from '../testkit/kube.ts';
import {
  OPERATOR_NAMESPACE,
  type PlayedNode,
  playNode,
  prepareForOperator,
  startOperator,
} from '../testkit/operator.ts';
import { loopbackAddresses } from '../testkit/pod-metrics.ts';
import { type RunningProcess, startProcess } from '../testkit/process.ts';
import { sendHttp } from '../testkit/senders.ts';
import { waitFor } from '../testkit/wait-for.ts';
import type { SeenCondition } from './condition-history.ts';

/*
 * What the operator wrote runs in a real Collector, which the operator watches as its Pod; its clock is the real one.
 */

const control = requireControlPlane();
const collector = requirePeer('otelcol');
const missing = [control, collector].find(({ status }) => status === 'missing');
const skipNote = missing?.status === 'missing' ? ` (skipped: ${missing.reason})` : '';

const WITHIN_MS = 60_000;
const GATEWAY = 'telemetry-trace-gateway';

describe.skipIf(missing !== undefined)(`a dead backend${skipNote}`, () => {
  const address = loopbackAddresses()();
  let plane: ControlPlane;
  let client: KubeClient;
  let node: PlayedNode;
  let operator: RunningOperator;
  let gateway: RunningProcess | undefined;
  let backend: Capture;
  let deadPort: number;
  let otlpPort: number;

  beforeAll(async () => {
    plane = await startControlPlane({ scheduler: false });
    await prepareForOperator(plane);
    client = await kubeClient(plane.kubeconfig);
    node = playNode(client);
    let first: string | undefined;
    // Of two replicas one is real; the other has no address, so nobody asks it.
    node.addressOf = ({ metadata }) => {
      if (metadata.labels?.['app.kubernetes.io/name'] !== GATEWAY) return undefined;
      first ??= metadata.name;
      return metadata.name === first ? address : undefined;
    };
    [deadPort, otlpPort, backend] = [await freePort(), await freePort(), await startCapture()];
    await plane.apply([
      pipeline('dead', deadPort),
      pipeline('well', backend.grpcPort),
      { ...pipeline('unused', backend.grpcPort), kind: 'MetricPipeline' },
    ]);
    operator = await startOperator(client, recordedLog(), { askBackend: createAskBackend(systemClock) });
    gateway = await startAsPod(await configOf(plane), { address, otlpPort });
  });
  afterAll(async () => {
    await operator?.stop();
    await gateway?.stop();
    await node?.stop();
    await backend?.stop();
    await client?.close();
    await plane?.stop();
  });

  const conditions = async (name: string): Promise<readonly SeenCondition[]> => {
    const { status } = JSON.parse(await plane.run(['get', 'tracepipeline', name, '-o', 'json'])) as KubeObject;
    return ((status ?? {}) as { readonly conditions?: readonly SeenCondition[] }).conditions ?? [];
  };
  const flowOf = async (name: string) =>
    (await conditions(name)).find(({ type }) => type === 'TelemetryFlowHealthy') ??
    expect.fail(`${name} has no TelemetryFlowHealthy`);
  const figures = async () => (await fetch(`http://${address}:8888/metrics`)).text();
  const figureOf = (text: string, metric: string, name: string) =>
    Number(new RegExp(`^${metric}\\{[^}]*tracepipeline-${name}"[^}]*\\} (\\S+)`, 'm').exec(text)?.[1] ?? 0);

  it('shows nothing while nothing is sent: the pipeline has no data yet, which is not healthy', async () => {
    const judged = async (name: string) => (await flowOf(name)).message.startsWith('Accepted and running; nothing');
    await waitFor('both are judged', async () => (await judged('dead')) && (await judged('well')), {
      timeoutMs: 30_000,
      pollMs: 200,
    });
    for (const name of ['dead', 'well']) {
      expect(await flowOf(name)).toMatchObject({ status: 'Unknown', reason: 'NoDataYet' });
      expect((await conditions(name))[0]).toMatchObject({ type: 'Ready', status: 'True', reason: 'NoDataYet' });
    }
  });

  it('is named within a minute of the first item, with nothing lost, and its neighbour is healthy', async () => {
    const { bytes } = plainInput('traces', 'flow', { resources: 1, scopes: 1, items: 3 });
    const startedMs = performance.now();
    let [isOver, sent] = [false, 0];
    const sending = (async () => {
      while (!isOver) {
        const headers = { 'content-type': 'application/x-protobuf' };
        const { status } = await sendHttp(otlpPort, { path: '/v1/traces', body: bytes, headers });
        if (status === 200) sent += 3;
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
    })();
    try {
      await waitFor('it is named', async () => (await flowOf('dead')).message.includes('(SL0501)'), {
        timeoutMs: WITHIN_MS + 10_000,
        pollMs: 250,
      });
    } finally {
      isOver = true;
      await sending;
    }
    const tookMs = performance.now() - startedMs;
    const text = await figures();
    expect(tookMs).toBeLessThan(WITHIN_MS);
    console.log(`a dead backend is named ${(tookMs / 1000).toFixed(1)} s after the first item`);
    const told = await flowOf('dead');
    expect(told).toMatchObject({ status: 'False', reason: 'GatewayBufferFillingUp' });
    expect(told.message).toContain('The backend refuses connections. Nothing is lost yet');
    expect((await conditions('dead'))[0]).toMatchObject({ type: 'Ready', status: 'False' });
    expect(await flowOf('well')).toMatchObject({ status: 'True', reason: 'FlowHealthy' });
    const lost = ['otelcol_exporter_send_failed_spans', 'otelcol_exporter_enqueue_failed_spans'];
    expect(lost.map((metric) => figureOf(text, metric, 'dead'))).toEqual([0, 0]);
    expect(figureOf(text, 'otelcol_exporter_sent_spans', 'well')).toBeGreaterThan(0);
    expect(figureOf(text, 'otelcol_exporter_queue_size', 'dead')).toBeGreaterThan(0);
    expect(sent).toBeGreaterThan(0);
  });
});

function pipeline(name: string, port: number) {
  return {
    apiVersion: 'telemetry.kyma-project.io/v1beta1',
    kind: 'TracePipeline',
    metadata: { name },
    spec: { output: { otlp: { endpoint: { value: `http://127.0.0.1:${port}` } } } },
  };
}

/** The configuration that the Deployment mounts, as soon as it has both pipelines. */
async function configOf(plane: ControlPlane): Promise<string> {
  const get = async (kind: string, name: string): Promise<KubeObject | undefined> => {
    const { code, stdout } = await plane.kubectl(['get', kind, name, '-n', OPERATOR_NAMESPACE, '-o', 'json']);
    return code === 0 ? (JSON.parse(stdout) as KubeObject) : undefined;
  };
  let config = '';
  await waitFor(
    'the operator wrote the configuration',
    async () => {
      const names = [...mountedNames((await get('deployment', GATEWAY))?.['spec'])];
      const maps = await Promise.all(names.map((name) => get('configmap', name)));
      config = maps
        .map((map) => (map?.['data'] as { 'relay.conf'?: string } | undefined)?.['relay.conf'] ?? '')
        .join('');
      return config.includes('tracepipeline-dead') && config.includes('tracepipeline-well');
    },
    { timeoutMs: 30_000, pollMs: 100 },
  );
  return config;
}

interface Config {
  readonly receivers: { readonly otlp: { readonly protocols: Record<string, { endpoint: string }> } };
  readonly processors: Record<string, unknown>;
  readonly extensions: { readonly health_check: { endpoint: string } };
  readonly service: {
    readonly pipelines: Readonly<Record<string, { processors?: string[] }>>;
    readonly telemetry: {
      readonly metrics: { readonly readers: readonly { pull: { exporter: { prometheus: { host: string } } } }[] };
    };
  };
}

/** In a real Collector on this machine, which has no Pods to ask about: metadata of Kubernetes is left out. */
async function startAsPod(
  text: string,
  { address, otlpPort }: { readonly address: string; readonly otlpPort: number },
): Promise<RunningProcess> {
  if (collector.status === 'missing') throw new Error(collector.reason);
  const config = parse(text) as Config;
  delete config.processors['k8s_attributes'];
  for (const one of Object.values(config.service.pipelines)) {
    one.processors = (one.processors ?? []).filter((id) => id !== 'k8s_attributes');
  }
  const { protocols } = config.receivers.otlp;
  protocols['grpc']!.endpoint = `127.0.0.1:${await freePort()}`;
  protocols['http']!.endpoint = `127.0.0.1:${otlpPort}`;
  config.extensions.health_check.endpoint = `127.0.0.1:${await freePort()}`;
  config.service.telemetry.metrics.readers[0]!.pull.exporter.prometheus.host = address;
  const folder = mkdtempSync(join(tmpdir(), 'sluice-pod-'));
  const file = join(folder, 'relay.conf');
  writeFileSync(file, stringify(config));
  try {
    const ready = { ports: [otlpPort], url: `http://${address}:8888/metrics` };
    return await startProcess(collector.path, ['--config', file], { ready });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
