import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHttpClient } from '../../src/kube/http-client.ts';
import {
  ApiError,
  addFinalizer,
  ConnectionError,
  createDiscovery,
  isAlreadyExists,
  isConflict,
  type KubeClient,
  removeFinalizer,
} from '../../src/kube/index.ts';
import { readKubeconfig } from '../../src/kube/kubeconfig.ts';
import { createTransport } from '../../src/kube/transport.ts';
import { systemClock } from '../../src/lib/index.ts';
import { type ControlPlane, requireControlPlane, startControlPlane } from '../testkit/control-plane.ts';
import { CONFIG_MAPS, configMap, kubeClient, NAMESPACES, requestsSince, SERVICES } from '../testkit/kube.ts';
import { type FaultProxy, startFaultProxy } from '../testkit/kube-fault-proxy.ts';

const peer = requireControlPlane();
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';

describe.skipIf(peer.status === 'missing')(`the client of the Kubernetes API${skipNote}`, () => {
  let plane: ControlPlane;
  let proxy: FaultProxy;
  let client: KubeClient;
  let faulty: KubeClient;
  let namespace = '';
  let namespaceCount = 0;

  beforeAll(async () => {
    plane = await startControlPlane({ controllerManager: false, scheduler: false });
    proxy = await startFaultProxy(plane);
    client = await kubeClient(plane.kubeconfig);
    faulty = await kubeClient(proxy.kubeconfig, { timeoutMs: 1500 });
  });
  afterAll(async () => {
    await client?.close();
    await faulty?.close();
    await proxy?.stop();
    await plane?.stop();
  });
  beforeEach(async () => {
    proxy.fail(0, []);
    namespace = `client-${namespaceCount++}`;
    await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  });

  const pagingClient = async (pageSize: number) => {
    const { server, credentials } = await readKubeconfig(proxy.kubeconfig, undefined, systemClock);
    const transport = createTransport({ server, credentials, userAgent: 'test', clock: systemClock });
    return createHttpClient({ transport, clock: systemClock, pageSize });
  };
  const createMany = (count: number, data: Readonly<Record<string, string>> = {}) =>
    Promise.all(
      Array.from({ length: count }, (_, i) => client.create(CONFIG_MAPS, configMap(namespace, `many-${i}`, data))),
    );

  it('lists all pages, and says of each object what it is', async () => {
    await createMany(23);
    const paging = await pagingClient(10);
    const { items, resourceVersion } = await paging.list(CONFIG_MAPS, { namespace });
    expect(new Set(items.map(({ metadata }) => metadata.name)).size).toBe(23);
    expect(items.every(({ kind, apiVersion }) => kind === 'ConfigMap' && apiVersion === 'v1')).toBe(true);
    expect(Number(resourceVersion)).toBeGreaterThan(0);
    expect(paging.requests.get('list configmaps')).toBe(3);
    await paging.close();
  });

  it('begins a list again whose pages expired, and gives each object once', async () => {
    await createMany(23);
    const paging = await pagingClient(10);
    proxy.failNext('expired');
    const { items } = await paging.list(CONFIG_MAPS, { namespace });
    expect(items.map(({ metadata }) => metadata.name).sort()).toEqual(
      Array.from({ length: 23 }, (_, i) => `many-${i}`).sort(),
    );
    expect(paging.requests.get('list configmaps')).toBe(2 + 3);
    await paging.close();
  });

  it('asks for everything in one piece when pages expire again and again', async () => {
    await createMany(12);
    const paging = await pagingClient(5);
    proxy.fail(1, ['expired']);
    expect((await paging.list(CONFIG_MAPS, { namespace })).items).toHaveLength(12);
    await paging.close();
  });

  it('lists objects of which a page of 500 would be too large', async () => {
    await createMany(38, { text: 'x'.repeat(900_000) });
    expect((await client.list(CONFIG_MAPS, { namespace })).items).toHaveLength(38);
  });

  it('gives undefined or false for what is not there', async () => {
    expect(await client.get(CONFIG_MAPS, { namespace, name: 'none' })).toBeUndefined();
    expect(await client.delete(CONFIG_MAPS, { namespace, name: 'none' })).toBe(false);
  });

  it('tells a conflict of versions from a name that is taken', async () => {
    const first = await client.create(CONFIG_MAPS, configMap(namespace, 'one', { a: '1' }));
    await client.update(CONFIG_MAPS, { ...first, data: { a: '2' } });
    const stale = await client.update(CONFIG_MAPS, { ...first, data: { a: '3' } }).catch((error: unknown) => error);
    expect([isConflict(stale), isAlreadyExists(stale)]).toEqual([true, false]);
    const taken = await client.create(CONFIG_MAPS, configMap(namespace, 'one')).catch((error: unknown) => error);
    expect([isConflict(taken), isAlreadyExists(taken)]).toEqual([false, true]);
  });

  it('deletes the object that was meant, never its successor', async () => {
    const { metadata: first } = await client.create(CONFIG_MAPS, configMap(namespace, 'one'));
    expect(await client.delete(CONFIG_MAPS, first, { uid: first.uid! })).toBe(true);
    const { metadata: second } = await client.create(CONFIG_MAPS, configMap(namespace, 'one'));
    expect(await client.delete(CONFIG_MAPS, first, { uid: first.uid! })).toBe(false);
    expect((await client.get(CONFIG_MAPS, second))?.metadata.uid).toBe(second.uid);
  });

  it('names the fields that the server refused', async () => {
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'bad', namespace },
      spec: { ports: [{ port: 99_999 }] },
    };
    const error = await client.create(SERVICES, service).catch((refusal: unknown) => refusal);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 422, reason: 'Invalid', code: 'Invalid' });
    expect((error as ApiError).causes.map(({ field }) => field)).toContain('spec.ports[0].port');
  });

  it('takes fields from others only when told to', async () => {
    await client.apply(CONFIG_MAPS, configMap(namespace, 'one', { a: '1' }), { fieldManager: 'first' });
    const other = configMap(namespace, 'one', { a: '2' });
    const error = await client
      .apply(CONFIG_MAPS, other, { fieldManager: 'second', force: false })
      .catch((refusal: unknown) => refusal);
    expect(isConflict(error)).toBe(true);
    const after = await client.apply(CONFIG_MAPS, other, { fieldManager: 'second' });
    expect(after['data']).toEqual({ a: '2' });
  });

  it('writes the status of an object apart from it', async () => {
    const name = `status-${namespace}`;
    const created = await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    const conditions = [
      {
        type: 'Tested',
        status: 'True',
        reason: 'Test',
        message: 'By hand',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      },
    ];
    const after = await client.mergePatch(NAMESPACES, created.metadata, { status: { conditions } }, 'status');
    expect(after['status']).toMatchObject({ conditions });
    expect(client.requests.get('patch namespaces/status')).toBe(1);
  });

  it('adds and removes finalizers, and is refused where somebody was faster', async () => {
    const created = await client.create(CONFIG_MAPS, configMap(namespace, 'one'));
    const held = await addFinalizer(client, CONFIG_MAPS, created, 'sluice.test/held');
    expect(held.metadata.finalizers).toEqual(['sluice.test/held']);
    const stale = await addFinalizer(client, CONFIG_MAPS, created, 'sluice.test/other').catch(
      (error: unknown) => error,
    );
    expect(isConflict(stale)).toBe(true);
    await client.delete(CONFIG_MAPS, held.metadata);
    const dying = (await client.get(CONFIG_MAPS, held.metadata))!;
    expect(dying.metadata.deletionTimestamp).toBeDefined();
    await removeFinalizer(client, CONFIG_MAPS, dying, 'sluice.test/held');
    expect(await client.get(CONFIG_MAPS, held.metadata)).toBeUndefined();
  });

  it('waits as long as a busy server asks, and then succeeds', async () => {
    proxy.failNext('busy');
    const sent = requestsSince(faulty);
    const beganMs = performance.now();
    await faulty.create(CONFIG_MAPS, configMap(namespace, 'one'));
    expect(performance.now() - beganMs).toBeGreaterThan(950);
    expect(sent()).toEqual({ 'create configmaps': 2 });
  });

  it('gives up on a server that stays busy', async () => {
    proxy.fail(1, ['busy']);
    const sent = requestsSince(faulty);
    const error = await faulty.get(CONFIG_MAPS, { namespace, name: 'one' }).catch((refusal: unknown) => refusal);
    expect(error).toMatchObject({ status: 429, retryAfterMs: 1000 });
    expect(sent()).toEqual({ 'get configmaps': 5 });
  });

  it('gives up on a server that does not answer in time', async () => {
    proxy.failNext('hang');
    const error = await faulty.get(CONFIG_MAPS, { namespace, name: 'one' }).catch((refusal: unknown) => refusal);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ code: 'timeout' });
    expect((error as Error).message).toContain(`${proxy.url}: no answer to \`get configmaps\` came for 1.5 s`);
  });

  it('reads again when the connection breaks, and leaves a write that may be done to the caller', async () => {
    await client.create(CONFIG_MAPS, configMap(namespace, 'one'));
    proxy.failNext('reset');
    expect((await faulty.get(CONFIG_MAPS, { namespace, name: 'one' }))?.metadata.name).toBe('one');
    proxy.failNext('lost');
    const error = await faulty.create(CONFIG_MAPS, configMap(namespace, 'two')).catch((refusal: unknown) => refusal);
    expect(error).toBeInstanceOf(ConnectionError);
    expect((await client.get(CONFIG_MAPS, { namespace, name: 'two' }))?.metadata.name).toBe('two');
  });

  it('says where nothing listens', async () => {
    proxy.setOffline(true);
    const error = await faulty.get(CONFIG_MAPS, { namespace, name: 'one' }).catch((refusal: unknown) => refusal);
    proxy.setOffline(false);
    expect(error).toBeInstanceOf(ConnectionError);
    expect((error as Error).message).toContain(proxy.url);
  });

  it('ends what is under way when it is closed', async () => {
    const own = await kubeClient(proxy.kubeconfig);
    proxy.failNext('hang');
    const waiting = own.get(CONFIG_MAPS, { namespace, name: 'one' }).catch((refusal: unknown) => refusal);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await own.close();
    expect(await waiting).toMatchObject({ code: 'closed' });
    await expect(own.get(CONFIG_MAPS, { namespace, name: 'one' })).rejects.toMatchObject({ code: 'closed' });
  });

  it('knows what the server serves, and asks once', async () => {
    const discovery = createDiscovery({ client, clock: systemClock });
    const sent = requestsSince(client);
    const gateways = {
      group: 'gateway.networking.k8s.io',
      version: 'v1',
      kind: 'HTTPRoute',
      plural: 'httproutes',
      namespaced: true,
    };
    expect(await discovery.serves(CONFIG_MAPS)).toBe(true);
    expect(await discovery.serves({ ...CONFIG_MAPS, plural: 'configurations' })).toBe(false);
    expect(await discovery.serves(gateways)).toBe(false);
    expect(sent()).toEqual({ raw: 2 });
    expect(await discovery.serverVersion()).toMatchObject({ major: 1, minor: 35 });
  });

  it('gives text where the answer is none of JSON', async () => {
    expect(await client.raw('/readyz')).toBe('ok');
  });
});
