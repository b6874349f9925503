import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Manifest, ManifestOptions } from '../../src/render/index.ts';
import { type ClusterCase, compileCase, EVERYTHING, objectsOf } from '../testkit/cluster-rendering.ts';
import { type ControlPlane, requireControlPlane, startControlPlane } from '../testkit/control-plane.ts';
import { waitFor } from '../testkit/wait-for.ts';

const peer = requireControlPlane();
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';

/** What is pushed alone: no folder of a node is needed. */
const PUSHED = EVERYTHING.split('---\n').slice(0, 2).join('---\n');

const CLASSES = ['telemetry-priority-class', 'telemetry-priority-class-high'].map((name, index) => ({
  apiVersion: 'scheduling.k8s.io/v1',
  kind: 'PriorityClass',
  metadata: { name },
  value: 2_000_000 + index,
}));

/** No node is needed for Pods to be made, but of DaemonSets. */
const NODE = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' } };

interface Pod {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
}

describe.skipIf(peer.status === 'missing')(`objects of a cluster, in a real API server${skipNote}`, () => {
  let plane: ControlPlane;
  beforeAll(async () => {
    plane = await startControlPlane();
    await plane.apply([...CLASSES, NODE]);
  });
  afterAll(() => plane?.stop());

  /** Applies what a case leads to in a namespace of its own, and answers with what the API server warned of. */
  async function applied(
    namespace: string,
    {
      enforce,
      warn = enforce,
      objects,
    }: { readonly enforce: string; readonly warn?: string; readonly objects: readonly Manifest[] },
  ): Promise<readonly string[]> {
    const labels = { 'pod-security.kubernetes.io/enforce': enforce, 'pod-security.kubernetes.io/warn': warn };
    await plane.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } }]);
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
    const args = ['apply', '--server-side', '--validate=strict', '-f', '-'];
    const { code, stdout, stderr } = await plane.kubectl(args, { input });
    if (code !== 0) throw new Error(`${stderr}${stdout}`);
    return stderr.split('\n').filter((line) => line.startsWith('Warning:'));
  }

  const pods = async (namespace: string) =>
    JSON.parse(await plane.run(['get', 'pods', '-n', namespace, '-o', 'json'])).items as readonly Pod[];

  /** Waits until every workload has its Pods, and answers with their number by workload. */
  async function podsOf(namespace: string, objects: readonly Manifest[]): Promise<Readonly<Record<string, number>>> {
    const expected = Object.fromEntries(
      objects
        .filter(({ kind }) => ['Deployment', 'StatefulSet', 'DaemonSet'].includes(kind))
        .map(({ metadata, spec }) => [metadata.name, (spec as { replicas?: number }).replicas ?? 1]),
    );
    const found = async () => {
      const counts: Record<string, number> = {};
      for (const { metadata } of await pods(namespace)) {
        const name = metadata.labels['app.kubernetes.io/name']!;
        counts[name] = (counts[name] ?? 0) + 1;
      }
      return counts;
    };
    await waitFor(`Pods of ${JSON.stringify(expected)}`, async () => {
      return JSON.stringify(Object.entries(await found()).sort()) === JSON.stringify(Object.entries(expected).sort());
    });
    return expected;
  }

  const all = (options: ClusterCase, namespace: string, manifest: Partial<ManifestOptions> = {}) => {
    const { shared, workloads } = objectsOf(compileCase({ namespace, ...options }), { namespace, ...manifest });
    return [...shared, ...workloads.flatMap(({ objects }) => objects)];
  };

  it.each(['Shared', 'PerSignal', 'PerPipeline'] as const)(
    'of the topology %s become Pods where `restricted` is enforced',
    async (topology) => {
      const namespace = `restricted-${topology.toLowerCase()}`;
      const objects = all({ topology, input: PUSHED }, namespace);
      expect(await applied(namespace, { enforce: 'restricted', objects })).toEqual([]);
      const counts = await podsOf(namespace, objects);
      expect(Object.values(counts).every((count) => count === 2)).toBe(true);
    },
  );

  it.each(['otelcol', 'sluice'] as const)(
    'with queues on disk, on %s, become Pods with a volume each where `restricted` is enforced',
    async (distribution) => {
      const namespace = `disk-${distribution}`;
      const compiled = compileCase({ topology: 'Shared', input: PUSHED });
      const workloads = compiled.topology.workloads.map((workload) => ({
        ...workload,
        distribution,
        storage: { sizeBytes: 3 * 2 ** 30, directory: '/var/lib/telemetry/queues', storageClass: 'fast' },
      }));
      const { shared, ...rest } = objectsOf(
        { ...compiled, topology: { ...compiled.topology, workloads } },
        { namespace },
      );
      const objects = [...shared, ...rest.workloads.flatMap((one) => one.objects)];
      expect(await applied(namespace, { enforce: 'restricted', objects })).toEqual([]);
      await podsOf(namespace, objects);
      const claims = await plane.run(['get', 'pvc', '-n', namespace, '-o', 'name']);
      expect(claims.trim().split('\n')).toEqual([
        'persistentvolumeclaim/queue-telemetry-otlp-gateway-0',
        'persistentvolumeclaim/queue-telemetry-otlp-gateway-1',
      ]);
    },
  );

  it('with larger queues keep the claims of the StatefulSet that is there, which cannot change, and name their new size', async () => {
    const namespace = 'grown';
    const of = (sizeBytes: number, manifest: Partial<ManifestOptions> = {}) => {
      const compiled = compileCase({ namespace, topology: 'Shared', input: PUSHED });
      const workloads = compiled.topology.workloads.map((workload) => ({
        ...workload,
        storage: { sizeBytes, directory: '/var/lib/telemetry/queues' },
      }));
      const objects = objectsOf(
        { ...compiled, topology: { ...compiled.topology, workloads } },
        { namespace, ...manifest },
      );
      return objects.workloads[0]!;
    };
    await applied(namespace, { enforce: 'restricted', objects: of(2 ** 30).objects });
    const grown = of(2 ** 31);
    await expect(applied(namespace, { enforce: 'restricted', objects: grown.objects })).rejects.toThrow('Forbidden');
    const there = JSON.parse(await plane.run(['get', 'statefulset', '-n', namespace, '-o', 'json'])).items[0];
    const claimTemplates = { 'otlp-gateway': there.spec.volumeClaimTemplates };
    const kept = of(2 ** 31, { claimTemplates });
    expect(await applied(namespace, { enforce: 'restricted', objects: kept.objects })).toEqual([]);
    expect(kept.volume).toEqual({ claim: 'queue-telemetry-otlp-gateway', sizeBytes: 2 ** 31 });
    await podsOf(namespace, kept.objects);
    const claims = await plane.run(['get', 'pvc', '-n', namespace, '-o', 'name']);
    expect(claims).toContain(`persistentvolumeclaim/${kept.volume!.claim}-0\n`);
  });

  it('on every node need folders of it, and an init container that is root, and nothing else', async () => {
    const namespace = 'nodes';
    const objects = all({}, namespace);
    const warnings = await applied(namespace, { enforce: 'privileged', warn: 'restricted', objects });
    const shares = '(share-state|share-data)';
    for (const warning of warnings) {
      expect(warning).toMatch(
        new RegExp(
          '^Warning: would violate PodSecurity "restricted:latest": ' +
            'restricted volume types \\(volumes? [-", a-z]+ uses? restricted volume type "hostPath"\\), ' +
            `runAsNonRoot != true \\(container "${shares}" must not set securityContext.runAsNonRoot=false\\), ` +
            `runAsUser=0 \\(container "${shares}" must not set runAsUser=0\\)$`,
        ),
      );
    }
    expect(warnings).toHaveLength(2);
    const counts = await podsOf(namespace, objects);
    expect(counts).toMatchObject({
      'telemetry-fluent-bit': 1,
      'telemetry-log-agent': 1,
      'telemetry-metric-agent': 1,
      'telemetry-otlp-router': 2,
    });
  });

  it('are the same when they are applied again', async () => {
    const namespace = 'again';
    const objects = all({}, namespace);
    await applied(namespace, { enforce: 'privileged', objects });
    const versions = async () => {
      const kinds = 'configmaps,secrets,services,networkpolicies,serviceaccounts,roles,poddisruptionbudgets';
      const args = ['get', kinds, '-n', namespace, '-l', 'app.kubernetes.io/managed-by=sluice'];
      return plane.run([...args, '-o', 'custom-columns=K:.kind,N:.metadata.name,V:.metadata.resourceVersion']);
    };
    const generations = async () => {
      const args = ['get', 'deployments,daemonsets', '-n', namespace, '-o', 'jsonpath={.items[*].metadata.generation}'];
      return new Set((await plane.run(args)).split(' '));
    };
    const before = await versions();
    await applied(namespace, { enforce: 'privileged', objects });
    expect(await versions()).toBe(before);
    expect(await generations()).toEqual(new Set(['1']));
  });

  it('spread a configuration larger than an object may be over several', async () => {
    const namespace = 'large';
    const rules = Array.from(
      { length: 3000 },
      (_, i) => `\n        - set(span.attributes["${'k'.repeat(400)}${i}"], 1)`,
    );
    const large = (name: string) => `apiVersion: telemetry.kyma-project.io/v1beta1
kind: TracePipeline
metadata: { name: ${name} }
spec:
  transform:
    - statements:${rules.join('')}
  output: { otlp: { endpoint: { value: https://example.com:4317 } } }
`;
    const objects = all({ input: [large('a'), large('b')].join('---\n'), topology: 'Shared' }, namespace);
    expect(objects.filter(({ kind }) => kind === 'ConfigMap').length).toBeGreaterThan(2);
    expect(await applied(namespace, { enforce: 'restricted', objects })).toEqual([]);
    await podsOf(namespace, objects);
  });

  it('select: the endpoint finds the router, and the gateways behind it are found by the router alone', async () => {
    const namespace = 'nodes';
    const selected = async (service: string) => {
      const text = await plane.run(['get', 'service', service, '-n', namespace, '-o', 'json']);
      const { selector } = JSON.parse(text).spec as { readonly selector: Readonly<Record<string, string>> };
      const found = (await pods(namespace)).filter(({ metadata }) =>
        Object.entries(selector).every(([key, value]) => metadata.labels[key] === value),
      );
      return [...new Set(found.map(({ metadata }) => metadata.labels['app.kubernetes.io/name']))];
    };
    for (const service of [
      'telemetry-otlp',
      'telemetry-otlp-traces',
      'telemetry-otlp-metrics',
      'telemetry-otlp-logs',
    ]) {
      expect(await selected(service), service).toEqual(['telemetry-otlp-router']);
    }
    expect(await selected('telemetry-trace-gateway-headless')).toEqual(['telemetry-trace-gateway']);
  });

  it('let a workload do what its configuration asks the API server for, and nothing else', async () => {
    const can = async (workload: string, ...what: readonly string[]) => {
      const as = `--as=system:serviceaccount:nodes:telemetry-${workload}`;
      const { stdout } = await plane.kubectl(['auth', 'can-i', ...what, as]);
      return stdout.trim() === 'yes';
    };
    // What was applied last in the cluster bound the cluster's roles to accounts of its own namespace.
    await applied('nodes', { enforce: 'privileged', objects: all({}, 'nodes') });
    expect(await can('trace-gateway', 'watch', 'pods', '-A')).toBe(true);
    expect(await can('metric-agent', 'get', 'nodes', '--subresource=stats')).toBe(true);
    expect(await can('metric-agent', 'update', 'leases/telemetry-metric-agent-k8scluster', '-n', 'nodes')).toBe(true);
    expect(await can('metric-agent', 'update', 'leases/other', '-n', 'nodes')).toBe(false);
    expect(await can('otlp-router', 'get', 'pods', '-n', 'nodes')).toBe(false);
    for (const workload of ['trace-gateway', 'metric-agent', 'log-agent', 'fluent-bit']) {
      expect(await can(workload, 'get', 'secrets', '-n', 'nodes'), workload).toBe(false);
      expect(await can(workload, 'get', 'nodes', '--subresource=proxy'), workload).toBe(false);
    }
  });
});
