import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createEventRecorder, type EventFacts, type KubeClient, type KubeObject } from '../../src/kube/index.ts';
import { type ControlPlane, requireControlPlane, startControlPlane } from '../testkit/control-plane.ts';
import { createFakeClock } from '../testkit/fake-clock.ts';
import { CONFIG_MAPS, configMap, kubeClient, NAMESPACES, recordedLog, requestsSince } from '../testkit/kube.ts';
import { type FaultProxy, startFaultProxy } from '../testkit/kube-fault-proxy.ts';
import { waitFor } from '../testkit/wait-for.ts';

const peer = requireControlPlane();
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';
const SERIES_MS = 5 * 60_000;

describe.skipIf(peer.status === 'missing')(`a recorder of Events${skipNote}`, () => {
  let plane: ControlPlane;
  let proxy: FaultProxy;
  let client: KubeClient;
  let objectCount = 0;

  beforeAll(async () => {
    plane = await startControlPlane({ controllerManager: false, scheduler: false });
    proxy = await startFaultProxy(plane);
    client = await kubeClient(proxy.kubeconfig);
  });
  afterAll(async () => {
    await client?.close();
    await proxy?.stop();
    await plane?.stop();
  });

  const start = async () => {
    const clock = createFakeClock(Date.now());
    const log = recordedLog();
    const recorder = createEventRecorder({
      client,
      clock,
      log,
      controller: 'sluice.test/manager',
      instance: 'manager-0',
    });
    onTestFinished(() => recorder.stop());
    const regarding = await client.create(CONFIG_MAPS, configMap('default', `object-${objectCount++}`));
    const record = (facts: Partial<EventFacts> = {}) =>
      recorder.record({
        regarding,
        type: 'Warning',
        reason: 'Tested',
        action: 'Test',
        note: 'It was tested',
        ...facts,
      });
    const written = async (name = regarding.metadata.name) => {
      const list = await client.raw(`/apis/events.k8s.io/v1/namespaces/default/events`);
      return (list as { readonly items: readonly (KubeObject & Record<string, unknown>)[] }).items.filter(
        (event) => (event['regarding'] as { readonly name: string }).name === name,
      );
    };
    return { clock, log, recorder, regarding, record, written };
  };

  it('writes an Event at once, as kubectl describe shows it', async () => {
    const { record, written, regarding } = await start();
    record({ note: 'a sentence', related: configMap('default', 'other') });
    await waitFor('the Event', async () => (await written()).length === 1);
    expect((await written())[0]).toMatchObject({
      type: 'Warning',
      reason: 'Tested',
      action: 'Test',
      note: 'a sentence',
      reportingController: 'sluice.test/manager',
      reportingInstance: 'manager-0',
      regarding: { kind: 'ConfigMap', uid: regarding.metadata.uid },
      related: { name: 'other' },
    });
    const text = await plane.run(['describe', 'configmap', regarding.metadata.name]);
    expect(text).toMatch(/Warning\s+Tested\s+\S+\s+sluice\.test\/manager\s+a sentence/);
  });

  it('makes a series of what happens again, written once in five minutes', async () => {
    const { record, written, regarding, clock } = await start();
    const sent = requestsSince(client);
    record();
    await waitFor('the Event', async () => (await written()).length === 1);
    for (let i = 0; i < 499; i++) record();
    await clock.advance(SERIES_MS - 1);
    expect((await written())[0]!['series']).toBeUndefined();
    const writes = () => Object.entries(sent()).filter(([name]) => name !== 'raw');
    expect(writes()).toEqual([['create events', 1]]);
    await clock.advance(1);
    await waitFor('the series', async () => (await written())[0]!['series'] !== undefined);
    expect((await written())[0]!['series']).toMatchObject({ count: 500 });
    expect(writes()).toEqual([
      ['create events', 1],
      ['patch events', 1],
    ]);
    expect(await plane.run(['describe', 'configmap', regarding.metadata.name])).toMatch(/\(x500 over 0s\)/);
  });

  it('begins a new Event after a quiet time, and when the note changes', async () => {
    const { record, written, clock } = await start();
    record();
    await waitFor('the first', async () => (await written()).length === 1);
    record({ note: 'Another' });
    await clock.advance(SERIES_MS);
    await waitFor('the second', async () => (await written()).length === 2);
    expect((await written()).map((event) => event['note']).sort()).toEqual(['Another', 'It was tested']);
    await clock.advance(SERIES_MS);
    expect(clock.pendingTimers).toBe(0);
    record({ note: 'Another' });
    await waitFor('the third', async () => (await written()).length === 3);
  });

  it('tells of cluster-scoped objects in the namespace default', async () => {
    const { record, written } = await start();
    const name = 'events-of-a-namespace';
    const regarding = await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    record({ regarding });
    await waitFor('the Event', async () => (await written(name)).length === 1);
    expect(await plane.run(['describe', 'namespace', name])).toBeDefined();
  });

  it('cuts what is too long instead of losing it', async () => {
    const { record, written } = await start();
    record({ note: 'ä'.repeat(2000) });
    await waitFor('the Event', async () => (await written()).length === 1);
    const note = String((await written())[0]!['note']);
    expect(note).toMatch(/^ä+…$/);
    expect(Buffer.byteLength(note)).toBeLessThanOrEqual(1024);
  });

  it('writes an Event anew that is gone', async () => {
    const { record, written, clock } = await start();
    record();
    await waitFor('the Event', async () => (await written()).length === 1);
    const [{ metadata }] = (await written()) as [KubeObject];
    await client.delete(
      { group: 'events.k8s.io', version: 'v1', kind: 'Event', plural: 'events', namespaced: true },
      metadata,
    );
    record();
    await clock.advance(SERIES_MS);
    await waitFor('it is back', async () => (await written()).length === 1);
  });

  it('logs what cannot be written, and tells it later', async () => {
    const { record, written, clock, log } = await start();
    proxy.failNext('broken', ({ isWrite }) => isWrite);
    record();
    await waitFor('a line in the log', () => log.lines.length === 1);
    expect(log.lines[0]).toMatch(/^warn an Event could not be written .*Tested/);
    await clock.advance(SERIES_MS);
    await waitFor('the Event', async () => (await written()).length === 1);
  });

  it('writes what waits when it stops, and takes nothing more', async () => {
    const { record, written, recorder, clock } = await start();
    record();
    record();
    await recorder.stop();
    record();
    expect((await written()).map((event) => event['series'])).toMatchObject([{ count: 2 }]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('keeps a bounded number of a flood, and writes what it keeps a part at a time', async () => {
    const { record, recorder, clock } = await start();
    const sent = requestsSince(client);
    for (let i = 0; i < 3000; i++) record({ reason: `Reason${i}` });
    expect(clock.pendingTimers).toBe(1000);
    await waitFor('the first hundred', () => sent()['create events'] === 100);
    await clock.advance(SERIES_MS);
    await waitFor('more of them', () => sent()['create events']! > 100);
    await recorder.stop();
    expect(sent()['create events']).toBeLessThanOrEqual(1100);
  });
});
