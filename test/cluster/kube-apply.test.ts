import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import {
  type AppliedObject,
  type ApplyReport,
  createInformer,
  createObjectApplier,
  type Informer,
  type KubeClient,
  type KubeObject,
  type ObjectApplier,
  type ResourceType,
} from '../../src/kube/index.ts';
import { systemClock } from '../../src/lib/index.ts';
import { type ControlPlane, requireControlPlane, startControlPlane } from '../testkit/control-plane.ts';
import {
  CONFIG_MAPS,
  configMap,
  DEPLOYMENTS,
  kubeClient,
  NAMESPACES,
  recordedLog,
  requestsSince,
  SECRETS,
  SERVICES,
  STATEFUL_SETS,
} from '../testkit/kube.ts';
import { type FaultProxy, startFaultProxy } from '../testkit/kube-fault-proxy.ts';
import { waitFor } from '../testkit/wait-for.ts';

const peer = requireControlPlane();
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';

const OWNER = { 'sluice.test/owner': 'apply' } as const;
const NETWORK_POLICIES: ResourceType = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  namespaced: true,
};
const TYPES = [CONFIG_MAPS, SECRETS, SERVICES, DEPLOYMENTS, STATEFUL_SETS, NETWORK_POLICIES];

describe.skipIf(peer.status === 'missing')(`an applier of objects${skipNote}`, () => {
  let plane: ControlPlane;
  let proxy: FaultProxy;
  let client: KubeClient;
  let namespace = '';
  let namespaceCount = 0;

  beforeAll(async () => {
    // Without controllers: nothing but the applier and these tests writes.
    plane = await startControlPlane({ controllerManager: false, scheduler: false });
    proxy = await startFaultProxy(plane);
    client = await kubeClient(proxy.kubeconfig);
  });
  afterAll(async () => {
    await client?.close();
    await proxy?.stop();
    await plane?.stop();
  });
  beforeEach(async () => {
    proxy.fail(0, []);
    namespace = `apply-${namespaceCount++}`;
    await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  });

  const startApplier = async () => {
    const log = recordedLog();
    const informers = TYPES.map((type) => createInformer({ client, type, clock: systemClock, log, namespace }));
    onTestFinished(async () => {
      await Promise.all(informers.map((informer) => informer.stop()));
    });
    for (const informer of informers) informer.start();
    await Promise.all(informers.map((informer) => informer.whenSynced()));
    const types = TYPES.map((type, i) => ({ type, current: informers[i] as Informer<KubeObject> }));
    const applier = createObjectApplier({ client, log, fieldManager: 'sluice-test', ownerLabels: OWNER, types });
    return { applier, informers, log };
  };
  /** Applies until there is nothing to do, as a controller does; the first report. */
  const settle = async (applier: ObjectApplier, desired: readonly KubeObject[]): Promise<ApplyReport> => {
    const first = await applier.apply(desired);
    await waitFor('nothing to do', async () => !(await applier.apply(desired)).changed);
    return first;
  };
  const actions = ({ objects }: ApplyReport) =>
    objects.map(({ type, ref, action }) => `${action} ${type.kind}/${ref.name}`);
  const labels = { app: 'one' };
  const container = (image: string) => ({
    name: 'main',
    image,
    env: [
      { name: 'A', value: '' },
      { name: 'B', value: '2' },
    ],
    ports: [{ containerPort: 4317 }, { containerPort: 4318, name: 'http' }],
    resources: { requests: { cpu: '1000m', memory: '1024Mi' }, limits: { memory: '1.5Gi' } },
    volumeMounts: [
      { name: 'tmp', mountPath: '/tmp' },
      { name: 'tmp', mountPath: '/run', readOnly: false },
    ],
  });
  const deployment = (image = 'one:1'): KubeObject => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'one', namespace },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [container(image)],
          volumes: [{ name: 'tmp', emptyDir: {} }],
          nodeSelector: {},
          tolerations: [],
        },
      },
    },
  });
  const statefulSet = (size: string): KubeObject => ({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'disk', namespace },
    spec: {
      serviceName: 'disk',
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'one:1' }] } },
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: size } } },
        },
      ],
    },
  });
  const service = (port = 4317): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'one', namespace },
    spec: { selector: labels, ports: [{ name: 'grpc', port, targetPort: 'grpc' }] },
  });
  const networkPolicy = (): KubeObject => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'one', namespace },
    spec: { podSelector: { matchLabels: labels }, policyTypes: ['Ingress'], ingress: [{ ports: [{ port: 4317 }] }] },
  });
  const secret = (): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'one', namespace },
    data: { password: Buffer.from('secret').toString('base64') },
  });
  const everything = () => [
    statefulSet('1Gi'),
    deployment(),
    service(),
    networkPolicy(),
    configMap(namespace, 'one', { a: '1' }),
    secret(),
  ];

  it('creates what is desired, what others need first, and then sends nothing more', async () => {
    const { applier, informers } = await startApplier();
    const report = await settle(applier, everything());
    expect(actions(report)).toEqual([
      'created ConfigMap/one',
      'created Secret/one',
      'created Service/one',
      'created NetworkPolicy/one',
      'created StatefulSet/disk',
      'created Deployment/one',
    ]);
    await waitFor('all is known', () => informers.every((informer) => informer.list().length > 0));
    const sent = requestsSince(client);
    const again = await applier.apply(everything());
    expect([again.changed, again.failed]).toEqual([false, []]);
    expect(sent()).toEqual({});
  });

  it('changes no object when it is started anew, not even where the server writes values its own way', async () => {
    await settle((await startApplier()).applier, everything());
    const { applier, informers } = await startApplier();
    const versions = () =>
      informers.flatMap((informer) => informer.list().map(({ metadata }) => metadata.resourceVersion));
    const before = versions();
    await settle(applier, everything());
    const sent = requestsSince(client);
    await applier.apply(everything());
    expect(sent()).toEqual({});
    expect(versions()).toEqual(before);
  });

  it('repairs what was changed by hand, and leaves to others what is theirs', async () => {
    const { applier, informers } = await startApplier();
    await settle(applier, everything());
    const byHand: readonly (readonly [ResourceType, string, object])[] = [
      [DEPLOYMENTS, 'one', { spec: { replicas: 7 }, metadata: { annotations: { note: 'of somebody' } } }],
      [CONFIG_MAPS, 'one', { data: { a: 'changed', b: 'theirs' } }],
      [SERVICES, 'one', { spec: { selector: { app: 'other' } } }],
      [NETWORK_POLICIES, 'one', { spec: { ingress: [{ ports: [{ port: 4317 }, { port: 22 }] }] } }],
      [SECRETS, 'one', { data: null }],
    ];
    for (const [type, name, patch] of byHand) await client.mergePatch(type, { namespace, name }, patch);
    await client.delete(STATEFUL_SETS, { namespace, name: 'disk' });
    await waitFor('the changes are known', () => {
      const [maps, secrets, services, deployments, sets, policies] = informers.map((one) => JSON.stringify(one.list()));
      return (
        maps!.includes('changed') &&
        !secrets!.includes('password') &&
        services!.includes('other') &&
        deployments!.includes('somebody') &&
        sets === '[]' &&
        policies!.includes('22')
      );
    });
    const report = await settle(applier, everything());
    expect(actions(report).sort()).toEqual([
      'created StatefulSet/disk',
      'updated ConfigMap/one',
      'updated Deployment/one',
      'updated NetworkPolicy/one',
      'updated Secret/one',
      'updated Service/one',
    ]);
    const get = (type: ResourceType, name = 'one') => client.get(type, { namespace, name });
    expect(await get(DEPLOYMENTS)).toMatchObject({
      spec: { replicas: 2 },
      metadata: { annotations: { note: 'of somebody' } },
    });
    expect((await get(CONFIG_MAPS))?.['data']).toEqual({ a: '1', b: 'theirs' });
    expect((await get(NETWORK_POLICIES))?.['spec']).toMatchObject({ ingress: [{ ports: [{ port: 4317 }] }] });
    expect(Object.keys((await get(SECRETS))?.['data'] as object)).toEqual(['password']);
  });

  it('takes away fields that are no longer desired', async () => {
    const { applier } = await startApplier();
    await settle(applier, [configMap(namespace, 'one', { a: '1', b: '2' })]);
    const report = await settle(applier, [configMap(namespace, 'one', { a: '1' })]);
    expect(actions(report)).toEqual(['updated ConfigMap/one']);
    expect((await client.get(CONFIG_MAPS, { namespace, name: 'one' }))?.['data']).toEqual({ a: '1' });
  });

  it('deletes what is no longer desired, and nothing that is not its own or is to be kept', async () => {
    const { applier, informers } = await startApplier();
    const names = ['stays', 'goes', 'used'];
    await settle(applier, [...names.map((name) => configMap(namespace, name)), deployment()]);
    await client.create(CONFIG_MAPS, configMap(namespace, 'theirs'));
    await client.create(CONFIG_MAPS, configMap(namespace, 'of-another', {}, { 'sluice.test/owner': 'another' }));
    await waitFor('all are known', () => informers[0]!.list().length === 5);
    const report = await applier.apply([configMap(namespace, 'stays')], {
      keep: ({ metadata }) => metadata.name === 'used',
    });
    expect(actions(report).sort()).toEqual([
      'deleted ConfigMap/goes',
      'deleted Deployment/one',
      'kept ConfigMap/used',
      'unchanged ConfigMap/stays',
    ]);
    // Workloads before what they use.
    expect(actions(report).indexOf('deleted Deployment/one')).toBeLessThan(
      actions(report).indexOf('deleted ConfigMap/goes'),
    );
    const { items } = await client.list(CONFIG_MAPS, { namespace });
    expect(items.map(({ metadata }) => metadata.name).sort()).toEqual(['of-another', 'stays', 'theirs', 'used']);
  });

  it('says which change the server can never make, and does the rest', async () => {
    const { applier } = await startApplier();
    await settle(applier, [statefulSet('1Gi'), deployment()]);
    const report = await applier.apply([statefulSet('2Gi'), deployment('one:2')]);
    const failed = ({ type, immutable, error }: AppliedObject) => ({
      kind: type.kind,
      immutable,
      code: (error as { code: string }).code,
    });
    expect(report.failed.map(failed)).toEqual([{ kind: 'StatefulSet', immutable: true, code: 'Invalid' }]);
    expect(actions(report)).toContain('updated Deployment/one');
    const { items } = await client.list(STATEFUL_SETS, { namespace });
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['disk']);
  });

  it('does not call immutable what would be refused of a new object too', async () => {
    const { applier, log } = await startApplier();
    await settle(applier, [service()]);
    const report = await applier.apply([service(99_999), configMap(namespace, 'one')]);
    expect(report.failed.map(({ type, immutable }) => [type.kind, immutable])).toEqual([['Service', undefined]]);
    expect(actions(report)).toContain('created ConfigMap/one');
    expect(log.lines.some((line) => line.startsWith('error object not applied') && line.includes('99999'))).toBe(true);
  });

  it('gets there in the end, whatever fails in between', async () => {
    const { applier } = await startApplier();
    proxy.fail(0.4, ['conflict', 'broken', 'reset', 'lost'], ({ isWrite }) => isWrite);
    const desired = Array.from({ length: 20 }, (_, i) => configMap(namespace, `many-${i}`, { a: String(i) }));
    expect((await applier.apply(desired)).failed.length).toBeGreaterThan(0);
    await waitFor('all is as desired', async () => {
      const { failed, changed } = await applier.apply(desired);
      return failed.length === 0 && !changed;
    });
    expect((await client.list(CONFIG_MAPS, { namespace })).items).toHaveLength(20);
  });

  it('writes nothing once its signal aborts', async () => {
    const { applier } = await startApplier();
    const abort = new AbortController();
    abort.abort(new Error('no longer the leader'));
    const sent = requestsSince(client);
    const report = await applier.apply([configMap(namespace, 'one')], { signal: abort.signal });
    expect(report.failed.map(({ error }) => (error as Error).message)).toEqual(['no longer the leader']);
    expect(sent()).toEqual({});
  });
});
