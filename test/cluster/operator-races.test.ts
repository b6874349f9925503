import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certificateFacts } from '../../src/cli/certificate-facts.ts';
import { differences } from '../../src/kube/differences.ts';
import { createDiscovery, type KubeClient, type KubeObject, keyOf, type ResourceType } from '../../src/kube/index.ts';
import { systemClock } from '../../src/lib/index.ts';
import { createClusterCompiler } from '../../src/operator/compile/cluster-compiler.ts';
import type { ClusterSnapshot } from '../../src/operator/compile/cluster-snapshot.ts';
import type { RunningOperator } from '../../src/operator/index.ts';
import { storedHashKey } from '../../src/operator/kept/hash-key.ts';
import { createKeptStore } from '../../src/operator/kept/kept-store.ts';
import { APPLIED, CONFIG_MAP, CUSTOM_RESOURCES, NODE, SECRET } from '../../src/operator/resource-types.ts';
import { askFacts, clusterFacts } from '../../src/operator/watch/cluster-facts.ts';
import { renderClusterObjects } from '../../src/render/index.ts';
import { type ControlPlane, requireControlPlane, startControlPlane } from '../testkit/control-plane.ts';
import { kubeClient, recordedLog } from '../testkit/kube.ts';
import { type FaultProxy, startFaultProxy } from '../testkit/kube-fault-proxy.ts';
import {
  OPERATOR_IMAGES,
  OPERATOR_NAMESPACE,
  type PlayedNode,
  playNode,
  prepareForOperator,
  startOperator,
} from '../testkit/operator.ts';

const peer = requireControlPlane();
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';

const namespace = OPERATOR_NAMESPACE;
const KINDS = ['TracePipeline', 'MetricPipeline', 'LogPipeline'] as const;
const NAMES = Array.from({ length: 8 }, (_, i) => `p${i}`);
const SECRETS = ['s0', 's1', 's2'];
const EDITS = 1500;
/** Nobody edits it, so it must be in every configuration there ever is. */
const INNOCENT = { kind: 'TracePipeline', name: 'innocent', host: 'innocent.obs' } as const;

/** Repeatable: mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const pipeline = (kind: string, name: string, spec: object): KubeObject => ({
  apiVersion: 'telemetry.kyma-project.io/v1beta1',
  kind,
  metadata: { name },
  spec,
});
const otlp = (host: string, rest: object = {}) => ({
  output: { otlp: { endpoint: { value: `http://${host}:4317` } } },
  ...rest,
});
const queue = (maxSize: string) => ({ delivery: { buffer: { maxSize } } });

/** Valid, invalid, in need of a Secret, in need of a lot of room. */
function specOf(random: () => number): object {
  const host = `host-${Math.floor(random() * 1000)}`;
  const chosen = random();
  if (chosen < 0.2) return otlp(host, { transform: [{ statements: ['sett(x)'] }] });
  if (chosen < 0.4) {
    const name = SECRETS[Math.floor(random() * SECRETS.length)];
    const valueFrom = { secretKeyRef: { namespace: 'default', name, key: 'endpoint' } };
    return { output: { otlp: { endpoint: { valueFrom } } } };
  }
  return otlp(host, queue(['1Mi', '8Mi', '64Mi', '120Mi'][Math.floor(random() * 4)]!));
}

describe.skipIf(peer.status === 'missing')(`the operator among faults and edits${skipNote}`, () => {
  let plane: ControlPlane;
  let direct: KubeClient;
  let node: PlayedNode;
  beforeAll(async () => {
    plane = await startControlPlane({ scheduler: false });
    await prepareForOperator(plane);
    direct = await kubeClient(plane.kubeconfig);
    node = playNode(direct);
  });
  afterAll(async () => {
    await node?.stop();
    await direct?.close();
    await plane?.stop();
  });

  async function edit(random: () => number): Promise<void> {
    const chosen = random();
    if (chosen < 0.1) {
      const name = SECRETS[Math.floor(random() * SECRETS.length)]!;
      if (random() < 0.4) return void (await direct.delete(SECRET, { namespace: 'default', name }));
      const stringData = { endpoint: `http://secret-${Math.floor(random() * 1000)}:4317` };
      const object = { apiVersion: 'v1', kind: 'Secret', metadata: { namespace: 'default', name }, stringData };
      return void (await direct.apply(SECRET, object, { fieldManager: 'editor' }));
    }
    if (chosen < 0.13) {
      const type = ['Shared', 'PerSignal', 'PerPipeline'][Math.floor(random() * 3)];
      const object = {
        apiVersion: 'operator.kyma-project.io/v1beta1',
        kind: 'Telemetry',
        metadata: { namespace, name: 'default' },
        spec: { topology: { type } },
      };
      return void (await direct.apply(CUSTOM_RESOURCES.Telemetry, object, { fieldManager: 'editor' }));
    }
    const kind = KINDS[Math.floor(random() * KINDS.length)]!;
    const name = NAMES[Math.floor(random() * NAMES.length)]!;
    if (chosen < 0.2) return void (await direct.delete(CUSTOM_RESOURCES[kind], { name }));
    const object = pipeline(kind, name, specOf(random));
    await direct.apply(CUSTOM_RESOURCES[kind], object, { fieldManager: 'editor' });
  }

  const listed = async (type: ResourceType, labelSelector?: string) =>
    (await direct.list(type, labelSelector === undefined ? {} : { labelSelector })).items;

  /** What a compiler that knows nothing of the past makes of what the API server has now. */
  async function freshCompile() {
    const [pipelines, parsers, telemetries, secrets] = await Promise.all([
      Promise.all(KINDS.map((kind) => listed(CUSTOM_RESOURCES[kind]))).then((all) => all.flat()),
      listed(CUSTOM_RESOURCES.LogParser),
      listed(CUSTOM_RESOURCES.Telemetry),
      direct.list(SECRET, { namespace: 'default' }),
    ]);
    const store = createKeptStore({ client: direct, log: recordedLog(), namespace });
    await store.load();
    const asked = await askFacts(direct, createDiscovery({ client: direct, clock: systemClock }));
    const known = new Map(secrets.items.map((one) => [one.metadata.name, one]));
    const view: ClusterSnapshot['secrets'] = {
      get(of, name) {
        const found = of === 'default' ? known.get(name) : undefined;
        if (found === undefined) return undefined;
        const data = Object.entries(found['data'] as Readonly<Record<string, string>>);
        const values = new Map(data.map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
        return { version: found.metadata.resourceVersion!, values };
      },
    };
    const [telemetry] = telemetries;
    const nodeList = await listed(NODE);
    const nodes = { get: () => undefined, list: () => nodeList };
    const compiled = createClusterCompiler(certificateFacts).compile({
      pipelines,
      parsers,
      ...(telemetry && { telemetry }),
      secrets: view,
      facts: clusterFacts(asked, { namespace, nodes, fallbackName: 'test' }),
      kept: store.memory.kept,
      nowMs: Date.now(),
    });
    const { kubernetesMinor } = asked;
    const hashKey = await storedHashKey(direct, namespace);
    const options = { namespace, images: OPERATOR_IMAGES, gatewayApi: false, kubernetesMinor, hashKey };
    const { shared, workloads } = renderClusterObjects(compiled.rendering, options);
    const desired = [...shared, ...workloads.flatMap(({ objects }) => objects)] as readonly KubeObject[];
    return { compiled, pipelines, desired, kept: store.memory.kept };
  }

  /** What is not as a fresh compile has it; empty: nothing. */
  async function deviations(): Promise<readonly string[]> {
    const { compiled, pipelines, desired, kept } = await freshCompile();
    const applied = new Map<string, KubeObject>();
    for (const type of APPLIED) {
      for (const object of await listed(type, 'telemetry.kyma-project.io/applied-by=workloads')) {
        applied.set(`${type.kind} ${keyOf(object.metadata)}`, object);
      }
    }
    const found: string[] = [];
    const wanted = new Set<string>();
    for (const object of desired) {
      const key = `${object.kind} ${keyOf(object.metadata)}`;
      wanted.add(key);
      const actual = applied.get(key);
      if (actual === undefined) found.push(`${key} is missing`);
      else found.push(...differences(object, actual).map(({ path }) => `${key} differs at ${path}`));
    }
    for (const key of applied.keys()) {
      // Configurations of before are kept for Pods that still mount them.
      if (!wanted.has(key) && !/^(ConfigMap|Secret) /.test(key)) found.push(`${key} is left over`);
    }
    for (const { kind, metadata, status } of pipelines) {
      const id = `${kind}/${metadata.name}`;
      const { condition } = compiled.pipelines.get(id)!;
      const { observedGeneration, conditions = [] } = (status ?? {}) as {
        observedGeneration?: number;
        conditions?: readonly { readonly type: string; readonly reason: string; readonly message: string }[];
      };
      const said = conditions.find(({ type }) => type === 'ConfigurationGenerated');
      if (observedGeneration !== metadata.generation) found.push(`${id}: status of ${observedGeneration}`);
      if (said?.reason !== condition.reason || said.message !== condition.message) {
        found.push(`${id}: says ${said?.reason} ${said?.message}, and not ${condition.reason} ${condition.message}`);
      }
    }
    if (JSON.stringify([...compiled.kept].sort()) !== JSON.stringify([...kept].sort())) {
      found.push('what is remembered is not what is valid');
    }
    return found;
  }

  it.each([1, 2])(
    'comes to what a fresh compile comes to, after thousands of edits, faults and restarts (seed %i)',
    async (seed) => {
      const random = seeded(seed);
      const proxy: FaultProxy = await startFaultProxy(plane, seeded(seed + 100));
      const log = recordedLog();
      const client = await kubeClient(proxy.kubeconfig, { timeoutMs: 2000 });
      const trouble: string[] = [];
      await direct.apply(
        CUSTOM_RESOURCES.TracePipeline,
        pipeline(INNOCENT.kind, INNOCENT.name, otlp(INNOCENT.host, queue('1Mi'))),
        {
          fieldManager: 'editor',
        },
      );
      let operator: RunningOperator = await startOperator(client, log);
      await expect.poll(deviations, { timeout: 20_000, interval: 500 }).toEqual([]);
      const { resourceVersion } = await direct.list(CONFIG_MAP, { namespace });
      const watching = new AbortController();
      let configCount = 0;
      const watched = (async () => {
        const events = direct.watch(CONFIG_MAP, { namespace, resourceVersion, signal: watching.signal });
        for await (const { type, object } of events) {
          // Of a topology in which it runs there: not in routers, agents, and dispatchers and gateways of others.
          if (type !== 'ADDED' || !/^telemetry-(trace-gateway|otlp-gateway)-/.test(object.metadata.name)) continue;
          configCount++;
          if (!JSON.stringify(object['data']).includes(INNOCENT.host)) trouble.push(object.metadata.name);
        }
      })().catch((error: unknown) => {
        if (!watching.signal.aborted) throw error;
      });
      proxy.fail(0.03, ['conflict', 'expired', 'busy', 'broken', 'reset', 'lost', 'cut']);
      for (let done = 0; done < EDITS; done += 10) {
        await Promise.all(Array.from({ length: 10 }, () => edit(random)));
        await new Promise((resolve) => setTimeout(resolve, 40));
        if (done % 200 === 100) proxy.failNext('hang');
        if (done % 300 === 290) {
          await operator.stop();
          operator = await startOperator(client, log, { identity: `operator-${done}` });
        }
      }
      proxy.fail(0, []);
      proxy.cut();
      await expect.poll(deviations, { timeout: 60_000, interval: 1000 }).toEqual([]);
      await operator.stop();
      watching.abort();
      await watched;
      expect(trouble).toEqual([]);
      // Else nothing was seen that could have been wrong.
      expect(configCount).toBeGreaterThan(2);
      expect(log.lines.filter((line) => /TypeError|undefined is not/.test(line))).toEqual([]);
      await client.close();
      await proxy.stop();
      console.log(
        `seed ${seed}: ${proxy.seen.length} requests of operators, ${configCount} configurations of gateways`,
      );
    },
  );
});
