import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createHttpClient } from '../../src/kube/http-client.ts';
import {
  type Change,
  createInformer,
  type Informer,
  type InformerOptions,
  type KubeClient,
  type KubeObject,
  keyOf,
} from '../../src/kube/index.ts';
import { readKubeconfig } from '../../src/kube/kubeconfig.ts';
import { createTransport } from '../../src/kube/transport.ts';
import { systemClock } from '../../src/lib/index.ts';
import { type ControlPlane, requireControlPlane, startControlPlane } from '../testkit/control-plane.ts';
import { CONFIG_MAPS, configMap, kubeClient, NAMESPACES, recordedLog, requestsSince } from '../testkit/kube.ts';
import { type FaultProxy, startFaultProxy } from '../testkit/kube-fault-proxy.ts';
import { waitFor } from '../testkit/wait-for.ts';

const peer = requireControlPlane();
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';

describe.skipIf(peer.status === 'missing')(`an informer${skipNote}`, () => {
  let plane: ControlPlane;
  let proxy: FaultProxy;
  /** Straight to the API server. */
  let client: KubeClient;
  /** Through the proxy. */
  let faulty: KubeClient;
  let namespace = '';
  let namespaceCount = 0;

  beforeAll(async () => {
    plane = await startControlPlane({ controllerManager: false, scheduler: false });
    proxy = await startFaultProxy(plane);
    client = await kubeClient(plane.kubeconfig);
    faulty = await kubeClient(proxy.kubeconfig, { timeoutMs: 3000 });
  });
  afterAll(async () => {
    await client?.close();
    await faulty?.close();
    await proxy?.stop();
    await plane?.stop();
  });
  beforeEach(async () => {
    proxy.fail(0, []);
    proxy.setOffline(false);
    namespace = `informer-${namespaceCount++}`;
    await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  });

  const start = async (options: Partial<InformerOptions<KubeObject>> = {}) => {
    const log = recordedLog();
    const informer = createInformer({
      client: faulty,
      type: CONFIG_MAPS,
      clock: systemClock,
      log,
      namespace,
      ...options,
    });
    const changes: Change<KubeObject>[] = [];
    informer.onChange((change) => changes.push(change));
    onTestFinished(() => informer.stop());
    informer.start();
    await informer.whenSynced();
    return { informer, changes, log };
  };
  const write = (name: string, value: string, labels: Readonly<Record<string, string>> = {}) =>
    client.apply(CONFIG_MAPS, configMap(namespace, name, { value }, labels), { fieldManager: 'test' });
  const remove = (name: string) => client.delete(CONFIG_MAPS, { namespace, name });
  const valueIn = (informer: Informer<KubeObject>, name: string) =>
    (informer.get({ namespace, name })?.['data'] as { readonly value?: string } | undefined)?.value;
  const told = (changes: readonly Change<KubeObject>[]) =>
    changes.map(({ before, after }) => {
      const verb = before === undefined ? 'created' : after === undefined ? 'deleted' : 'changed';
      return `${verb} ${(after ?? before)!.metadata.name}`;
    });
  /** What is known is what is there. */
  const expectInStep = async (informer: Informer<KubeObject>) => {
    const versions = (objects: readonly KubeObject[]) =>
      objects.map(({ metadata }) => `${keyOf(metadata)} ${metadata.uid} ${metadata.resourceVersion}`).sort();
    const { items } = await client.list(CONFIG_MAPS, { namespace });
    await waitFor(
      'the store holds what a fresh list gives',
      () => JSON.stringify(versions(informer.list())) === JSON.stringify(versions(items)),
      { timeoutMs: 40_000 },
    );
  };

  it('knows what was there before, and is told what is created, changed and deleted', async () => {
    await write('early', '1');
    const { informer, changes } = await start();
    expect(informer.synced).toBe(true);
    expect(valueIn(informer, 'early')).toBe('1');
    await write('late', '1');
    await write('late', '2');
    await remove('early');
    await waitFor('four changes', () => changes.length === 4);
    expect(told(changes)).toEqual(['created early', 'created late', 'changed late', 'deleted early']);
    expect(informer.list().map(({ metadata }) => metadata.name)).toEqual(['late']);
    expect(valueIn(informer, 'late')).toBe('2');
  });

  it('takes what leaves its selection for deleted', async () => {
    await write('one', '1', { chosen: 'yes' });
    const { informer, changes } = await start({ labelSelector: 'chosen=yes' });
    await write('one', '1', { chosen: 'no' });
    await waitFor('it is gone', () => informer.list().length === 0);
    await write('one', '1', { chosen: 'yes' });
    await waitFor('it is back', () => informer.list().length === 1);
    expect(told(changes)).toEqual(['created one', 'deleted one', 'created one']);
  });

  it('keeps neither managed fields nor what it is told to leave out', async () => {
    await write('one', 'long');
    const { informer } = await start({ trim: (object) => ({ ...object, data: {} }) });
    await write('two', 'long');
    await waitFor('both are there', () => informer.list().length === 2);
    for (const object of informer.list()) {
      expect(object.metadata).not.toHaveProperty('managedFields');
      expect(object['data']).toEqual({});
    }
  });

  it('goes on where the connection was cut, without a second list', async () => {
    const { informer, changes } = await start();
    await write('one', '1');
    await waitFor('the watch is open', () => valueIn(informer, 'one') === '1');
    const sent = requestsSince(faulty);
    proxy.cut();
    await write('two', '1');
    await waitFor('the change', () => valueIn(informer, 'two') === '1');
    expect(told(changes)).toEqual(['created one', 'created two']);
    expect(sent()).toEqual({ 'watch configmaps': expect.any(Number) });
  });

  it('misses nothing while the API server is away', async () => {
    await write('gone', '1');
    const { informer, log } = await start();
    await plane.apiServer.stop({ signal: 'SIGKILL' });
    await waitFor('it notices', () => log.lines.some((line) => line.startsWith('warn cannot watch')));
    proxy.setOffline(true);
    await plane.apiServer.start();
    await write('new', '1');
    await remove('gone');
    proxy.setOffline(false);
    await expectInStep(informer);
    expect(valueIn(informer, 'new')).toBe('1');
    await waitFor('it says so', () => log.lines.some((line) => line.startsWith('info watching again')));
  });

  it('lists again when its version is forgotten, and tells of deletions too', async () => {
    await write('gone', '1');
    await write('kept', '1');
    await write('changed', '1');
    const { informer, changes, log } = await start();
    const sent = requestsSince(faulty);
    proxy.setOffline(true);
    await write('new', '1');
    await write('changed', '2');
    await remove('gone');
    await plane.compact();
    // What the API server remembers itself would still serve the old version.
    await plane.apiServer.stop();
    await plane.apiServer.start();
    changes.length = 0;
    proxy.setOffline(false);
    await expectInStep(informer);
    expect(told(changes).sort()).toEqual(['changed changed', 'created new', 'deleted gone']);
    expect(sent()['list configmaps']).toBe(1);
    expect(log.lines.some((line) => line.startsWith('info the version is too old'))).toBe(true);
  });

  it.each(['expired', 'busy', 'broken', 'reset'] as const)(
    'recovers from a watch that begins with `%s`',
    async (kind) => {
      const { informer } = await start();
      proxy.failNext(kind);
      proxy.cut();
      await write('one', '1');
      await waitFor('the change', () => valueIn(informer, 'one') === '1');
    },
  );

  const ownClient = async (options: { readonly watchIdleMs?: number; readonly random?: () => number }) => {
    const { server, credentials } = await readKubeconfig(proxy.kubeconfig, undefined, systemClock);
    const transport = createTransport({ server, credentials, userAgent: 'test', clock: systemClock });
    const own = createHttpClient({ transport, clock: systemClock, ...options });
    onTestFinished(() => own.close());
    return own;
  };

  it('opens a watch anew on which nothing comes', async () => {
    const own = await ownClient({ watchIdleMs: 1000 });
    proxy.failNext('stall', ({ path }) => path.includes(namespace));
    const { informer } = await start({ client: own });
    await write('one', '1');
    await waitFor('the change', () => valueIn(informer, 'one') === '1');
    expect(own.requests.get('list configmaps')).toBe(1);
  });

  it('moves on with bookmarks when nothing changes, so that its version stays young', async () => {
    // The end of the watch, in front of which the server sends one, after six seconds instead of minutes.
    const own = await ownClient({ random: () => -0.98 });
    const { resourceVersion } = await own.list(CONFIG_MAPS, { namespace });
    await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: `${namespace}-other` } });
    // Only once it watches: it need not be told what the server knew when it began.
    const later = setTimeout(() => void client.create(CONFIG_MAPS, configMap(`${namespace}-other`, 'elsewhere')), 1000);
    onTestFinished(() => clearTimeout(later));
    const events = [];
    const { signal } = new AbortController();
    for await (const event of own.watch(CONFIG_MAPS, { namespace, resourceVersion, signal })) events.push(event);
    expect(events.map(({ type }) => type)).toContain('BOOKMARK');
    expect(Number(events.at(-1)!.object.metadata.resourceVersion)).toBeGreaterThan(Number(resourceVersion));
  });

  it('stops while it waits for a server, and tells those who wait', async () => {
    proxy.setOffline(true);
    const informer = createInformer({ client: faulty, type: CONFIG_MAPS, clock: systemClock, log: recordedLog() });
    informer.start();
    const waiting = informer.whenSynced().catch((error: unknown) => error);
    await informer.stop();
    expect(await waiting).toMatchObject({ code: 'stopped' });
  });

  it('goes on when a listener throws', async () => {
    const { informer, changes, log } = await start();
    informer.onChange(() => {
      throw new Error('a mistake');
    });
    await write('one', '1');
    await write('two', '1');
    await waitFor('both changes', () => changes.length === 2);
    expect(log.lines.filter((line) => line.includes('a listener of an informer failed'))).toHaveLength(2);
  });

  type Step = { readonly kind: 'write' | 'remove'; readonly name: string } | { readonly kind: 'cut' | 'pause' };
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('write' as const), name: fc.constantFrom(...'abcdefgh') }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove' as const), name: fc.constantFrom(...'abcdefgh') }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('cut' as const, 'pause' as const) }) },
  );

  it('knows in the end what a fresh list gives, and told every step of it, whatever was cut and lost', async () => {
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 80 }), async (steps) => {
        const name = `${namespace}-${runs++}`;
        const { informer, changes } = await start({
          namespace: undefined as never,
          fieldSelector: `metadata.namespace=${name}`,
        });
        await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
        proxy.fail(0.3, ['reset', 'cut', 'expired', 'broken', 'stall']);
        let value = 0;
        for (const one of steps) {
          if (one.kind === 'write') {
            const object = configMap(name, one.name, { value: String(value++) });
            await client.apply(CONFIG_MAPS, object, { fieldManager: 'test' });
          } else if (one.kind === 'remove') {
            await client.delete(CONFIG_MAPS, { namespace: name, name: one.name });
          } else if (one.kind === 'cut') {
            proxy.cut();
          } else {
            await new Promise((resolve) => setTimeout(resolve, 100));
          }
        }
        proxy.fail(0, []);
        proxy.cut();
        namespace = name;
        await expectInStep(informer);
        const replayed = new Map<string, KubeObject>();
        for (const { before, after } of changes) {
          const key = keyOf((after ?? before)!.metadata);
          expect(replayed.get(key)?.metadata.resourceVersion).toBe(before?.metadata.resourceVersion);
          if (after === undefined) replayed.delete(key);
          else replayed.set(key, after);
        }
        expect([...replayed.keys()].sort()).toEqual(
          informer
            .list()
            .map(({ metadata }) => keyOf(metadata))
            .sort(),
        );
        await informer.stop();
      }),
      { numRuns: 8 },
    );
  });
});
