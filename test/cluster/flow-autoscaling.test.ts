import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeClient, KubeObject } from '../../src/kube/index.ts';
import { applyServing } from '../../src/operator/autoscaler/serving.ts';
import type { RunningOperator } from '../../src/operator/index.ts';
import { type ControlPlane, requireControlPlane, startControlPlane } from '../testkit/control-plane.ts';
import { kubeClient, recordedLog } from '../testkit/kube.ts';
import {
  OPERATOR_NAMESPACE,
  type PlayedNode,
  playNode,
  prepareForOperator,
  startOperator,
} from '../testkit/operator.ts';
import { waitFor } from '../testkit/wait-for.ts';

const peer = requireControlPlane();
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';

const PODS = { group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true } as const;
const ENDPOINT_SLICES = {
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  namespaced: true,
} as const;

interface Endpoint {
  readonly conditions?: { readonly ready?: boolean };
  readonly targetRef?: { readonly name: string };
}

const GATEWAY = 'telemetry-trace-gateway';

const telemetry = (scaling: object) => ({
  apiVersion: 'operator.kyma-project.io/v1beta1',
  kind: 'Telemetry',
  metadata: { name: 'default', namespace: OPERATOR_NAMESPACE },
  spec: { trace: { gateway: { scaling } } },
});
const pipeline = (name: string) => ({
  apiVersion: 'telemetry.kyma-project.io/v1beta1',
  kind: 'TracePipeline',
  metadata: { name },
  spec: { output: { otlp: { endpoint: { value: 'http://backend:4317' } } } },
});
const AUTO = { type: 'Auto', auto: { minReplicas: 2, maxReplicas: 6 } };

describe.skipIf(peer.status === 'missing')(`scaling in a real API server${skipNote}`, () => {
  let plane: ControlPlane;
  let client: KubeClient;
  let node: PlayedNode;
  let operator: RunningOperator | undefined;
  beforeAll(async () => {
    plane = await startControlPlane({ scheduler: false });
    await prepareForOperator(plane);
    client = await kubeClient(plane.kubeconfig);
    node = playNode(client);
  });
  afterAll(async () => {
    await operator?.stop();
    await node?.stop();
    await client?.close();
    await plane?.stop();
  });

  const start = async () => {
    operator = await startOperator(client, recordedLog());
  };
  const stop = async () => {
    await operator?.stop();
    operator = undefined;
  };
  const of = (path: string) =>
    plane.run([
      'get',
      'deployment',
      GATEWAY,
      '-n',
      OPERATOR_NAMESPACE,
      '--ignore-not-found',
      '-o',
      `jsonpath={${path}}`,
    ]);
  const replicas = () => of('.spec.replicas');
  const hash = () => of('.metadata.annotations.telemetry\\.kyma-project\\.io/config-hash');

  it('an operator that starts anew leaves the replicas that run, also when it applies something new', async () => {
    await plane.apply([telemetry(AUTO), pipeline('shop')]);
    await start();
    await waitFor('the least replicas', async () => (await replicas()) === '2', { timeoutMs: 30_000 });
    await stop();
    await plane.run(['scale', 'deployment', GATEWAY, '-n', OPERATOR_NAMESPACE, '--replicas=5']);
    const before = await hash();
    await plane.apply([pipeline('other')]);
    await start();
    await waitFor('the new configuration', async () => (await hash()) !== before, { timeoutMs: 30_000 });
    expect(await replicas()).toBe('5');
  });

  it('a fixed number is what the user wrote', async () => {
    await plane.apply([telemetry({ type: 'Static', static: { replicas: 3 } })]);
    await waitFor('the fixed number', async () => (await replicas()) === '3', { timeoutMs: 30_000 });
  });

  it('a Pod that is emptied is in no Service, and comes back', async () => {
    const service = `${GATEWAY}-headless`;
    const gateways = async (): Promise<readonly KubeObject[]> => {
      const labelSelector = `app.kubernetes.io/name=${GATEWAY}`;
      const { items } = await client.list(PODS, { namespace: OPERATOR_NAMESPACE, labelSelector });
      return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    };
    const ready = async (service: string): Promise<readonly string[]> => {
      const labelSelector = `kubernetes.io/service-name=${service}`;
      const { items } = await client.list(ENDPOINT_SLICES, { namespace: OPERATOR_NAMESPACE, labelSelector });
      const endpoints = items.flatMap((slice) => (slice['endpoints'] ?? []) as readonly Endpoint[]);
      return endpoints
        .filter(({ conditions }) => conditions?.ready === true)
        .flatMap((one) => one.targetRef?.name ?? []);
    };
    const isRolledOut = async () =>
      (await of('.status.replicas')) === '3' && (await of('.status.updatedReplicas')) === '3';
    await waitFor('the end of the rollout', isRolledOut, { timeoutMs: 30_000, pollMs: 200 });
    // The running operator would put back what is emptied here.
    await stop();
    // What scheduler and node do. Endpoints have only Pods whose node is known.
    let address = 1;
    for (const { metadata } of await gateways()) {
      const { name, namespace } = metadata;
      const target = { apiVersion: 'v1', kind: 'Node', name: 'node-1' };
      const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace }, target };
      await plane.run(['create', '-f', '-'], { input: JSON.stringify(binding) });
      const podIP = `10.244.0.${++address}`;
      await client.mergePatch(PODS, metadata, { status: { podIP, podIPs: [{ ip: podIP }] } }, 'status');
    }
    await waitFor('three Pods in the Service', async () => (await ready(service)).length === 3, { timeoutMs: 20_000 });
    const [emptied] = await ready(service);
    const log = recordedLog();
    await applyServing(await gateways(), { client, log, draining: new Set([emptied!]) });
    await waitFor(`${service} without the Pod`, async () => !(await ready(service)).includes(emptied!), {
      timeoutMs: 20_000,
    });
    expect((await gateways()).map(({ metadata }) => metadata.name)).toContain(emptied);
    await applyServing(await gateways(), { client, log, draining: new Set() });
    await waitFor('the Pod is back', async () => (await ready(service)).includes(emptied!), { timeoutMs: 20_000 });
    expect(log.lines).toEqual([]);
  });
});
