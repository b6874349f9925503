import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PackedImage, packNamedImage } from '../../testbed/image/images.ts';
import { resourcesOf } from '../testkit/cluster/item.ts';
import { createTestPipeline, type TestPipeline } from '../testkit/cluster/pipelines.ts';
import { type SenderPods, startSenderPods } from '../testkit/cluster/senders.ts';
import type { SentItem } from '../testkit/cluster/sent-items.ts';
import { type ClusterNode, requireClusterNode, startClusterNode } from '../testkit/cluster-node.ts';
import { createHome, type Home, runSluice } from '../testkit/sluice.ts';
import { waitFor } from '../testkit/wait-for.ts';

/*
 * Gateways of AtLeastOnce change their program on a real node while their backends are away: what the stock Collector holds, it
 * delivers itself, and the engine takes over. Its parts build on each other.
 */

const NAMESPACE = 'kyma-system';
const MINUTE_MS = 60_000;
const STORAGE_CLASS = 'kept';
const WORDS = ['trace', 'metric', 'log'] as const;

const peer = requireClusterNode();

describe.skipIf(peer.status === 'missing')('gateways on the engine', () => {
  let home: Home;
  let cluster: ClusterNode;
  let image: PackedImage;
  let pipelines: readonly TestPipeline[];
  const sent: SentItem[] = [];

  const setProgram = (distribution?: 'otelcol') => {
    const gateway = { gateway: { memory: '512Mi' } };
    const spec = { topology: { type: 'PerSignal' }, trace: gateway, metric: gateway, log: gateway };
    const metadata = { name: 'default', namespace: NAMESPACE };
    const asked = distribution === undefined ? spec : { ...spec, collector: { distribution } };
    return cluster.apply([
      { apiVersion: 'operator.kyma-project.io/v1beta1', kind: 'Telemetry', metadata, spec: asked },
    ]);
  };
  const statefulSets = async () => {
    const names = await cluster.run(['get', 'statefulsets', '-n', NAMESPACE, '-o', 'name']);
    return names.split('\n').filter((name) => name !== '');
  };
  const gateways = (infix: string) => WORDS.map((word) => `statefulset.apps/telemetry-${word}${infix}-gateway`);
  const whenServing = async (names: readonly string[]) => {
    const exist = async () => (await statefulSets()).filter((name) => names.includes(name)).length === names.length;
    await waitFor(`${names.join(', ')} are there`, exist, { timeoutMs: MINUTE_MS, pollMs: 500 });
    for (const name of names) await cluster.run(['rollout', 'status', '-n', NAMESPACE, '--timeout=180s', name]);
  };
  const startSenders = (name: string) =>
    startSenderPods(cluster, { name, image: image.tag, host: `telemetry-otlp.${NAMESPACE}` });
  const waitForMore = async (senders: SenderPods, count: number) => {
    const acknowledged = () => senders.attempts().filter(({ outcome }) => outcome === 'acknowledged').length;
    const wanted = acknowledged() + count;
    await waitFor(`${wanted} items are acknowledged`, () => acknowledged() >= wanted, {
      timeoutMs: 2 * MINUTE_MS,
      pollMs: 250,
    });
  };
  const endSenders = async (senders: SenderPods) => {
    sent.push(...(await senders.stop()));
    senders.remove();
  };
  const lost = () =>
    pipelines.flatMap((pipeline) => {
      const arrived = pipeline.arrived();
      const due = sent.filter(({ signal, outcome }) => signal === pipeline.signal && outcome === 'acknowledged');
      return due.filter(({ id }) => !arrived.has(id)).map(({ id }) => id);
    });
  const flowOf = ({ kind, name }: TestPipeline) =>
    cluster.run([
      'get',
      kind.toLowerCase(),
      name,
      '-o',
      'jsonpath={range .status.conditions[?(@.type=="TelemetryFlowHealthy")]}{.status} {.reason} {.message}{end}',
    ]);

  beforeAll(async () => {
    home = createHome();
    image = await packNamedImage('sluice');
    const collector = await packNamedImage('sluice-otelcol');
    cluster = await startClusterNode({ images: [image, collector] });
    await cluster.addVolumes(STORAGE_CLASS, { count: 12, size: '1Gi' });
    const buffer = { maxSize: '32Mi', volume: { storageClassName: STORAGE_CLASS } };
    const delivery = { guarantee: 'AtLeastOnce', buffer };
    pipelines = await Promise.all([
      createTestPipeline(cluster.address, { name: 'traces', signal: 'traces', protocol: 'grpc', spec: { delivery } }),
      createTestPipeline(cluster.address, { name: 'metrics', signal: 'metrics', spec: { delivery } }),
      createTestPipeline(cluster.address, {
        name: 'logs',
        signal: 'logs',
        spec: { delivery, input: { runtime: { enabled: false } } },
      }),
    ]);
    const flags = [
      '--image',
      `sluice=${image.tag}`,
      '--image',
      `otelcol=${collector.tag}`,
      '--image-pull-policy',
      'Never',
    ];
    const installing = ['cluster', 'install', '--yes', ...flags, '--kubeconfig', cluster.kubeconfig];
    const { code, stdout, stderr } = await runSluice(home, installing);
    expect(code, `${stdout}${stderr}`).toBe(0);
  }, 10 * MINUTE_MS);
  afterAll(async () => {
    await cluster?.stop();
    await Promise.all((pipelines ?? []).map(({ backend }) => backend.stop()));
    home?.remove();
  }, 5 * MINUTE_MS);

  it('take over from the stock Collector, which keeps what it holds while the backends are away', {
    timeout: 8 * MINUTE_MS,
  }, async () => {
    const away = { kind: 'error', grpc: 14, http: 503, message: 'away' } as const;
    for (const { backend } of pipelines) backend.script(new Array(100_000).fill(away));
    await setProgram('otelcol');
    await cluster.apply(pipelines.map(({ manifest }) => manifest));
    await whenServing(gateways(''));
    const before = await startSenders('before');
    await waitForMore(before, 60);
    await endSenders(before);

    const meanwhile = await startSenders('meanwhile');
    await setProgram();
    await whenServing(gateways('-engine'));
    await waitForMore(meanwhile, 120);
    await endSenders(meanwhile);
    // What the Collectors hold has not been delivered, so they are still there.
    expect(await statefulSets()).toEqual(expect.arrayContaining([...gateways(''), ...gateways('-engine')]));
    expect(sent.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
    expect(pipelines.map((one) => [one.name, one.arrived().size])).toEqual(pipelines.map(({ name }) => [name, 0]));
  });

  it('lose nothing that they acknowledged when their Pods are killed', { timeout: 5 * MINUTE_MS }, async () => {
    const senders = await startSenders('killing');
    for (const pod of ['trace-engine-gateway-0', 'log-engine-gateway-1']) {
      await waitForMore(senders, 60);
      await cluster.run(['delete', 'pod', '-n', NAMESPACE, `telemetry-${pod}`, '--grace-period=0', '--force']);
      await delay(40_000);
    }
    await endSenders(senders);
    expect(sent.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
  });

  it('say of backends what the stock Collector says', { timeout: 3 * MINUTE_MS }, async () => {
    for (const pipeline of pipelines) {
      await waitFor(
        `the failure of ${pipeline.name} is named`,
        async () => /^False GatewayBufferFillingUp The backend is not available/.test(await flowOf(pipeline)),
        { timeoutMs: 2 * MINUTE_MS, pollMs: 1000 },
      );
    }
  });

  it('deliver everything once the backends are back, and say which Pod it was of', {
    timeout: 5 * MINUTE_MS,
  }, async () => {
    for (const { backend } of pipelines) backend.script([]);
    await waitFor('everything arrives', () => lost().length === 0, { timeoutMs: 4 * MINUTE_MS, pollMs: 1000 });
    for (const { signal, backend, name } of pipelines) {
      const of = sent.filter((one) => one.signal === signal && one.id.startsWith('meanwhile')).at(-1)!;
      const pods = backend.accepted().flatMap(({ body }) => resourcesOf(signal, body, of.id));
      expect([name, new Set(pods.map((found) => found['k8s.pod.name']))]).toEqual([
        name,
        new Set([of.id.replace(/-\d+$/, '')]),
      ]);
    }
  });

  it('stay alone when the Collectors have delivered what they held, volumes included', {
    timeout: 10 * MINUTE_MS,
  }, async () => {
    await waitFor(
      'the Collectors are gone',
      async () => (await statefulSets()).every((name) => name.includes('engine')),
      {
        timeoutMs: 5 * MINUTE_MS,
        pollMs: 1000,
      },
    );
    const claims = () => cluster.run(['get', 'pvc', '-n', NAMESPACE, '-o', 'name']);
    await waitFor('their volumes are gone', async () => !/-(trace|metric|log)-gateway-/.test(await claims()), {
      timeoutMs: MINUTE_MS,
      pollMs: 1000,
    });
    expect((await statefulSets()).sort()).toEqual(gateways('-engine').sort());
    expect(lost()).toEqual([]);
    for (const { kind, name } of pipelines) {
      await cluster.run(['wait', '--for=condition=Ready', '--timeout=240s', `${kind.toLowerCase()}/${name}`]);
    }
  });
});
