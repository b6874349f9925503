import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeClient } from '../../src/kube/index.ts';
import type { KeptResource } from '../../src/operator/compile/kept-resource.ts';
import type { Memory } from '../../src/operator/kept/kept-codec.ts';
import { createKeptStore } from '../../src/operator/kept/kept-store.ts';
import { CONFIG_MAP } from '../../src/operator/resource-types.ts';
import { type ControlPlane, requireControlPlane, startControlPlane } from '../testkit/control-plane.ts';
import { kubeClient, recordedLog, requestsSince } from '../testkit/kube.ts';

const peer = requireControlPlane();
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';
const namespace = 'default';
const labelSelector = 'telemetry.kyma-project.io/remembers=last-valid';

/** Random, so that it does not shrink: so many characters for each resource. */
function memoryOf(names: readonly string[], characters = 100, generation = 1): Memory {
  const kept = names.map((name): [string, KeptResource] => [
    `TracePipeline/${name}`,
    {
      uid: name,
      valid: {
        generation,
        manifest: {
          apiVersion: 'telemetry.kyma-project.io/v1beta1',
          kind: 'TracePipeline',
          metadata: { name },
          spec: { text: randomBytes(characters / 2).toString('hex') },
        },
      },
    },
  ]);
  return { kept: new Map(kept), records: new Map([['trace-gateway', { refused: 'abc' }]]), queues: new Map() };
}

const sorted = ({ kept, records }: Memory) => [[...kept].sort(([a], [b]) => (a < b ? -1 : 1)), [...records]];

describe.skipIf(peer.status === 'missing')(`what the operator remembers, in a real API server${skipNote}`, () => {
  let plane: ControlPlane;
  let client: KubeClient;
  beforeAll(async () => {
    plane = await startControlPlane({ controllerManager: false, scheduler: false });
    client = await kubeClient(plane.kubeconfig);
  });
  afterAll(async () => {
    await client?.close();
    await plane?.stop();
  });

  const newStore = () => createKeptStore({ client, log: recordedLog(), namespace });
  const names = async () =>
    (await client.list(CONFIG_MAP, { namespace, labelSelector })).items.map(({ metadata }) => metadata.name).sort();

  it('survives a restart, is written only where it differs, and is made anew after somebody deleted it', async () => {
    const memory = memoryOf(['a', 'b.c', 'x'.repeat(253)]);
    const store = newStore();
    await store.load();
    await store.save(memory);
    const next = newStore();
    await next.load();
    expect(sorted(next.memory)).toEqual(sorted(memory));
    const since = requestsSince(client);
    await next.save(next.memory);
    expect(since()).toEqual({});
    await client.delete(CONFIG_MAP, { namespace, name: 'telemetry-last-valid' });
    const edited = { ...memory, kept: new Map([...memory.kept, ...memoryOf(['a'], 100, 2).kept]) };
    await next.save(edited);
    const last = newStore();
    await last.load();
    expect(sorted(last.memory)).toEqual(sorted(edited));
  });

  it('is spread over several ConfigMaps where one is too small, and comes together again', async () => {
    const store = newStore();
    await store.load();
    const large = memoryOf(
      Array.from({ length: 200 }, (_, i) => `p${i}`),
      20_000,
    );
    await store.save(large);
    expect((await names()).length).toBeGreaterThan(8);
    expect(await names()).not.toContain('telemetry-last-valid');
    const next = newStore();
    await next.load();
    expect(sorted(next.memory)).toEqual(sorted(large));
    const small = memoryOf(['a']);
    await next.save(small);
    expect(await names()).toEqual(['telemetry-last-valid']);
  });

  it('leaves out what somebody broke by hand', async () => {
    const store = newStore();
    await store.load();
    await store.save(memoryOf(['a', 'b']));
    const binaryData = { 'TracePipeline.a': Buffer.from('no gzip').toString('base64') };
    await client.mergePatch(CONFIG_MAP, { namespace, name: 'telemetry-last-valid' }, { binaryData });
    const next = newStore();
    await next.load();
    expect([...next.memory.kept.keys()]).toEqual(['TracePipeline/b']);
    const repaired = memoryOf(['a', 'b']);
    await next.save(repaired);
    await store.load();
    expect(sorted(store.memory)).toEqual(sorted(repaired));
  });
});
