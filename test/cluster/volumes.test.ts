import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeClient } from '../../src/kube/index.ts';
import { claimTemplates, growVolumes } from '../../src/operator/controllers/volumes.ts';
import type { WorkloadObjects } from '../../src/render/index.ts';
import { compileCase, objectsOf } from '../testkit/cluster-rendering.ts';
import { type ControlPlane, requireControlPlane, startControlPlane } from '../testkit/control-plane.ts';
import { kubeClient, recordedLog } from '../testkit/kube.ts';
import { waitFor } from '../testkit/wait-for.ts';

const peer = requireControlPlane();
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';

const GIB = 2 ** 30;
const CLAIM = 'queue-telemetry-otlp-gateway';
const INPUT = `apiVersion: telemetry.kyma-project.io/v1beta1
kind: TracePipeline
metadata: { name: a }
spec: { output: { otlp: { endpoint: { value: https://example.com:4317 } } } }
`;

describe.skipIf(peer.status === 'missing')(`volumes of queues that become larger${skipNote}`, () => {
  let plane: ControlPlane;
  let client: KubeClient;
  beforeAll(async () => {
    plane = await startControlPlane({ scheduler: false });
    client = await kubeClient(plane.kubeconfig);
    await plane.apply([
      {
        apiVersion: 'scheduling.k8s.io/v1',
        kind: 'PriorityClass',
        metadata: { name: 'telemetry-priority-class' },
        value: 1,
      },
    ]);
  });
  afterAll(async () => {
    await client?.close();
    await plane?.stop();
  });

  const objectsWith = (namespace: string, sizeBytes: number, templates = {}): readonly WorkloadObjects[] => {
    const compiled = compileCase({ namespace, topology: 'Shared', input: INPUT });
    const storage = { sizeBytes, directory: '/var/lib/telemetry/queues', storageClass: namespace };
    const workloads = compiled.topology.workloads.map((workload) => ({ ...workload, storage }));
    const topology = { ...compiled.topology, workloads };
    return objectsOf({ ...compiled, topology }, { namespace, claimTemplates: templates }).workloads;
  };
  const get = async (...what: readonly string[]) => JSON.parse(await plane.run(['get', ...what, '-o', 'json']));
  const sizeOf = async (namespace: string, replica: number) =>
    (await get('pvc', `${CLAIM}-${replica}`, '-n', namespace)).spec.resources.requests.storage;

  /** A StatefulSet of two replicas with a volume of 1 GiB each, of a class that can grow them or not. */
  async function running(namespace: string, { grows }: { readonly grows: boolean }) {
    const volumes = [0, 1].map((replica) => ({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: `${namespace}-${replica}` },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        storageClassName: namespace,
        hostPath: { path: `/nowhere/${namespace}/${replica}` },
      },
    }));
    const storageClass = {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: namespace },
      provisioner: 'kubernetes.io/no-provisioner',
      allowVolumeExpansion: grows,
    };
    await plane.apply([
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
      storageClass,
      ...volumes,
    ]);
    await plane.apply(objectsWith(namespace, GIB).flatMap(({ objects }) => objects));
    await waitFor(
      'bound claims',
      async () => {
        const { items } = await get('pvc', '-n', namespace);
        const phases = items.map(({ status }: { status: { phase: string } }) => status.phase);
        return phases.length === 2 && phases.every((phase: string) => phase === 'Bound');
      },
      { timeoutMs: 40_000 },
    );
    return claimTemplates((await get('statefulset', '-n', namespace)).items);
  }

  it('grow by their claims, as the StatefulSet cannot change', async () => {
    const templates = await running('grows', { grows: true });
    const workloads = objectsWith('grows', 2 * GIB, templates);
    await plane.apply(workloads.flatMap(({ objects }) => objects));
    const log = recordedLog();
    await growVolumes(workloads, { client, log, namespace: 'grows' });
    expect([await sizeOf('grows', 0), await sizeOf('grows', 1)]).toEqual([String(2 * GIB), String(2 * GIB)]);
    expect(log.lines).toHaveLength(2);
    await growVolumes(workloads, { client, log, namespace: 'grows' });
    await growVolumes(objectsWith('grows', GIB, templates), { client, log, namespace: 'grows' });
    expect(log.lines).toHaveLength(2);
    expect(await sizeOf('grows', 0)).toBe(String(2 * GIB));
  });

  it('stay as they are where their class cannot grow them, which is said, and what runs goes on', async () => {
    const templates = await running('stays', { grows: false });
    const workloads = objectsWith('stays', 2 * GIB, templates);
    await plane.apply(workloads.flatMap(({ objects }) => objects));
    const log = recordedLog();
    await growVolumes(workloads, { client, log, namespace: 'stays' });
    expect(log.lines).toHaveLength(2);
    expect(log.lines[0]).toMatch(/^warn volume cannot grow/);
    expect(await sizeOf('stays', 0)).toBe('1Gi');
  });
});
