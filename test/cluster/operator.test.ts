import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { KubeClient, KubeObject } from '../../src/kube/index.ts';
import type { RunningOperator } from '../../src/operator/index.ts';
import { type ControlPlane, requireControlPlane, startControlPlane } from '../testkit/control-plane.ts';
import { kubeClient, recordedLog } from '../testkit/kube.ts';
import { startFaultProxy } from '../testkit/kube-fault-proxy.ts';
import {
  OPERATOR_NAMESPACE,
  type PlayedNode,
  playNode,
  prepareForOperator,
  runStandby,
  startOperator,
} from '../testkit/operator.ts';
import { waitFor } from '../testkit/wait-for.ts';
import { waitingFactor } from '../testkit/waiting-factor.ts';

const peer = requireControlPlane();
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

function mountedConfigMaps(spec: unknown): readonly string[] {
  if (typeof spec !== 'object' || spec === null) return [];
  return Object.entries(spec).flatMap(([key, value]) =>
    key === 'configMap' ? [(value as { readonly name: string }).name] : mountedConfigMaps(value),
  );
}

describe.skipIf(peer.status === 'missing')(`the operator, with a real API server${skipNote}`, () => {
  let plane: ControlPlane;
  let nodeClient: KubeClient;
  let node: PlayedNode;
  let client: KubeClient;
  let operator: RunningOperator | undefined;
  let log = recordedLog();

  beforeAll(async () => {
    plane = await startControlPlane({ scheduler: false });
    await prepareForOperator(plane);
    nodeClient = await kubeClient(plane.kubeconfig);
    node = playNode(nodeClient);
  });
  afterAll(async () => {
    await node?.stop();
    await nodeClient?.close();
    await plane?.stop();
  });

  afterEach(async () => {
    node.crash = () => undefined;
    for (const kind of ['tracepipelines', 'metricpipelines', 'logpipelines', 'logparsers']) {
      await plane.run(['delete', kind, '--all']);
    }
    await plane.run(['delete', 'telemetries.operator.kyma-project.io', '--all', '-n', OPERATOR_NAMESPACE]);
    await stop();
    expect(log.lines.filter((line) => line.startsWith('error') && !line.includes('taken back'))).toEqual([]);
  });

  async function start(): Promise<void> {
    log = recordedLog();
    client = await kubeClient(plane.kubeconfig);
    operator = await startOperator(client, log);
  }

  async function stop(): Promise<void> {
    await operator?.stop();
    await client?.close();
    operator = undefined;
  }

  const pipeline = (kind: string, name: string, spec: object) => ({
    apiVersion: 'telemetry.kyma-project.io/v1beta1',
    kind,
    metadata: { name },
    spec,
  });
  const otlp = (host: string, rest: object = {}) => ({
    output: { otlp: { endpoint: { value: `http://${host}:4317` } } },
    ...rest,
  });
  const telemetry = (spec: object) => ({
    apiVersion: 'operator.kyma-project.io/v1beta1',
    kind: 'Telemetry',
    metadata: { name: 'default', namespace: OPERATOR_NAMESPACE },
    spec,
  });

  const get = async (...what: readonly string[]): Promise<KubeObject | undefined> => {
    const { code, stdout } = await plane.kubectl(['get', '-n', OPERATOR_NAMESPACE, '-o', 'json', ...what]);
    return code === 0 ? (JSON.parse(stdout) as KubeObject) : undefined;
  };
  const list = async (...what: readonly string[]) =>
    ((await get(...what)) as unknown as { readonly items: readonly KubeObject[] }).items;
  const conditionsOf = async (...what: readonly string[]): Promise<Readonly<Record<string, Condition>>> => {
    const object: Partial<KubeObject> = (await get(...what)) ?? {};
    const { conditions = [] } = (object['status'] ?? {}) as { conditions?: readonly Condition[] };
    return Object.fromEntries(conditions.map((condition) => [condition.type, condition]));
  };
  const becomes = async (what: readonly string[], expected: Readonly<Record<string, string>>) => {
    let seen: Readonly<Record<string, string>> = {};
    const isSo = async () => {
      const conditions = await conditionsOf(...what);
      seen = Object.fromEntries(Object.keys(expected).map((type) => [type, conditions[type]?.reason ?? 'absent']));
      return JSON.stringify(seen) === JSON.stringify(expected);
    };
    await waitFor(`${what.join(' ')}: ${JSON.stringify(expected)}`, isSo, { timeoutMs: 20_000, pollMs: 100 }).catch(
      (error) => {
        throw new Error(`${error.message}, but ${JSON.stringify(seen)}\n${log.lines.slice(-20).join('\n')}`);
      },
    );
  };
  /** The configuration that a workload's Pods mount. */
  const configOf = async (kind: string, name: string): Promise<string> => {
    const names = mountedConfigMaps((await get(kind, name))?.['spec']);
    const objects = await Promise.all(names.map((one) => get('configmap', one)));
    return JSON.stringify(objects.map((object) => object?.['data'] ?? {}));
  };
  const workloads = async () =>
    (await list('deployments,daemonsets,statefulsets')).map(({ metadata }) => metadata.name).sort();
  /** What was written since, but for the Lease and Events. */
  const writes = (before: ReadonlyMap<string, number>) =>
    Object.fromEntries(
      [...client.requests]
        .map(([key, count]) => [key, count - (before.get(key) ?? 0)] as const)
        .filter(([key, count]) => count > 0 && !/^(get|list|watch|raw)\b|leases|events/.test(key)),
    );
  const isQuiet = async () => {
    let before = new Map(client.requests);
    await waitFor(
      'nothing is written any more',
      async () => {
        await new Promise((resolve) => setTimeout(resolve, 1500));
        const written = writes(before);
        before = new Map(client.requests);
        return Object.keys(written).length === 0;
      },
      { timeoutMs: 30_000 },
    );
  };

  it('makes workloads and statuses of pipelines of each kind, and takes everything away again', async () => {
    await start();
    await plane.apply([
      pipeline('TracePipeline', 'jaeger', otlp('jaeger.obs')),
      pipeline('MetricPipeline', 'mimir', otlp('mimir.obs', { input: { runtime: { enabled: true } } })),
      pipeline('LogPipeline', 'loki', otlp('loki.obs', { input: { runtime: { enabled: true } } })),
      telemetry({}),
    ]);
    await becomes(['tracepipeline', 'jaeger'], {
      Ready: 'NoDataYet',
      ConfigurationGenerated: 'GatewayConfigured',
      GatewayHealthy: 'GatewayReady',
      AgentHealthy: 'absent',
      Stalled: 'absent',
      Reconciling: 'absent',
    });
    await becomes(['metricpipeline', 'mimir'], { GatewayHealthy: 'GatewayReady', AgentHealthy: 'AgentReady' });
    await becomes(['logpipeline', 'loki'], { GatewayHealthy: 'GatewayReady', AgentHealthy: 'AgentReady' });
    expect(await workloads()).toEqual([
      'telemetry-log-agent',
      'telemetry-log-gateway',
      'telemetry-metric-agent',
      'telemetry-metric-gateway',
      'telemetry-otlp-router',
      'telemetry-trace-gateway',
    ]);
    const jaeger = (await get('tracepipeline', 'jaeger'))!;
    expect(jaeger['status']).toMatchObject({ output: 'http://jaeger.obs:4317', observedGeneration: 1 });
    expect((jaeger['status'] as { conditions: Condition[] }).conditions[0]!.type).toBe('Ready');
    expect(await configOf('deployment', 'telemetry-trace-gateway')).toContain('jaeger.obs');
    await becomes(['telemetry', 'default'], {
      Ready: 'ComponentsRunning',
      TraceComponentsHealthy: 'ComponentsRunning',
    });
    expect((await get('telemetry', 'default'))!['status']).toMatchObject({
      state: 'Ready',
      endpoints: { otlp: { grpc: 'http://telemetry-otlp.kyma-system:4317' } },
    });
    await isQuiet();
    await plane.run(['delete', 'tracepipelines,metricpipelines,logpipelines', '--all']);
    await waitFor('no workload is left', async () => (await workloads()).length === 0);
    await becomes(['telemetry', 'default'], { TraceComponentsHealthy: 'NoPipelineDeployed' });
  });

  it('keeps the last good configuration through a broken edit and a restart, and takes the next good one', async () => {
    await start();
    await plane.apply([pipeline('TracePipeline', 'a', otlp('one')), pipeline('TracePipeline', 'b', otlp('two'))]);
    await becomes(['tracepipeline', 'a'], { GatewayHealthy: 'GatewayReady' });
    const rules = { transform: [{ statements: ['sett(span.name, "x")'] }] };
    await plane.apply([pipeline('TracePipeline', 'a', otlp('three', rules))]);
    await becomes(['tracepipeline', 'a'], {
      Ready: 'OTTLSpecInvalid',
      ConfigurationGenerated: 'OTTLSpecInvalid',
      GatewayHealthy: 'GatewayReady',
      Stalled: 'OTTLSpecInvalid',
    });
    const { ConfigurationGenerated } = await conditionsOf('tracepipeline', 'a');
    expect(ConfigurationGenerated!.message).toMatch(/^generation 2 is invalid: .*; generation 1 keeps running$/);
    await stop();
    await start();
    await plane.apply([pipeline('TracePipeline', 'b', otlp('four'))]);
    await waitFor('the other edit is applied', async () =>
      (await configOf('deployment', 'telemetry-trace-gateway')).includes('four:4317'),
    );
    expect(await configOf('deployment', 'telemetry-trace-gateway')).toContain('one:4317');
    await plane.apply([pipeline('TracePipeline', 'a', otlp('five'))]);
    await becomes(['tracepipeline', 'a'], { ConfigurationGenerated: 'GatewayConfigured', Stalled: 'absent' });
    expect(await configOf('deployment', 'telemetry-trace-gateway')).toContain('five:4317');
  });

  it('takes a Secret when it is created, follows its edits, and shows none of it', async () => {
    await start();
    const secret = (endpoint: string) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'backend', namespace: 'default' },
      stringData: { endpoint },
    });
    const valueFrom = { secretKeyRef: { namespace: 'default', name: 'backend', key: 'endpoint' } };
    await plane.apply([pipeline('TracePipeline', 'a', { output: { otlp: { endpoint: { valueFrom } } } })]);
    await becomes(['tracepipeline', 'a'], {
      ConfigurationGenerated: 'ReferencedSecretMissing',
      GatewayHealthy: 'GatewayConfigurationNotGenerated',
      TelemetryFlowHealthy: 'ConfigurationNotGenerated',
      Stalled: 'absent',
    });
    await plane.apply([secret('http://canary-one:4317')]);
    await becomes(['tracepipeline', 'a'], {
      ConfigurationGenerated: 'GatewayConfigured',
      GatewayHealthy: 'GatewayReady',
    });
    const environment = async () =>
      (await list('secrets'))
        .flatMap((one) => Object.values((one['data'] ?? {}) as Readonly<Record<string, string>>))
        .map((value) => Buffer.from(value, 'base64').toString())
        .join(' ');
    await waitFor('its value is in the environment', async () => (await environment()).includes('canary-one'));
    await plane.apply([secret('http://canary-two:4317')]);
    await waitFor('its new value is', async () => (await environment()).includes('canary-two'));
    const shown = JSON.stringify([await list('tracepipelines'), await list('configmaps'), await list('events')]);
    expect(shown).not.toContain('canary');
    expect(log.lines.join('\n')).not.toContain('canary');
    expect((await get('tracepipeline', 'a'))!['status']).toMatchObject({ output: 'secret:default/backend#endpoint' });
    await plane.run(['delete', 'secret', 'backend', '-n', 'default']);
    await becomes(['tracepipeline', 'a'], { ConfigurationGenerated: 'ReferencedSecretMissing' });
  });

  it('lets a Secret that cannot be read hold up nobody but who names it', async () => {
    const proxy = await startFaultProxy(plane);
    proxy.fail(1, ['broken'], ({ path }) => path.includes('unreadable'));
    log = recordedLog();
    client = await kubeClient(proxy.kubeconfig);
    operator = await startOperator(client, log);
    const valueFrom = { secretKeyRef: { namespace: 'default', name: 'unreadable', key: 'endpoint' } };
    await plane.apply([pipeline('TracePipeline', 'good', otlp('one'))]);
    await becomes(['tracepipeline', 'good'], { GatewayHealthy: 'GatewayReady' });
    await plane.apply([pipeline('TracePipeline', 'bad', { output: { otlp: { endpoint: { valueFrom } } } })]);
    await plane.apply([pipeline('TracePipeline', 'good', otlp('two'))]);
    await waitFor('the other one is applied', async () =>
      (await configOf('deployment', 'telemetry-trace-gateway')).includes('two:4317'),
    );
    await becomes(['tracepipeline', 'bad'], { ConfigurationGenerated: 'ReferencedSecretMissing' });
    await stop();
    await proxy.stop();
  });

  it('lets the Telemetry resource go when the last pipeline is gone', async () => {
    await start();
    await plane.apply([telemetry({}), pipeline('TracePipeline', 'a', otlp('one'))]);
    await waitFor(
      'it has its finalizer',
      async () => ((await get('telemetry', 'default'))?.metadata.finalizers ?? []).length > 0,
    );
    await plane.run(['delete', 'telemetry', 'default', '-n', OPERATOR_NAMESPACE, '--wait=false']);
    await becomes(['telemetry', 'default'], { Ready: 'ResourceBlocksDeletion' });
    expect((await get('telemetry', 'default'))!['status']).toMatchObject({ state: 'Warning' });
    await plane.run(['delete', 'tracepipeline', 'a']);
    await waitFor('it is gone', async () => (await get('telemetry', 'default')) === undefined);
  });

  it('moves to another topology, and takes away what the old one had', async () => {
    await start();
    await plane.apply([telemetry({ topology: { type: 'Shared' } }), pipeline('TracePipeline', 'a', otlp('one'))]);
    await becomes(['tracepipeline', 'a'], { GatewayHealthy: 'GatewayReady' });
    expect(await workloads()).toEqual(['telemetry-otlp-gateway']);
    await plane.apply([telemetry({ topology: { type: 'PerPipeline' } })]);
    await waitFor('the new workloads alone are there', async () => {
      const names = await workloads();
      return names.length > 1 && !names.includes('telemetry-otlp-gateway');
    });
    await becomes(['tracepipeline', 'a'], { GatewayHealthy: 'GatewayReady', Reconciling: 'absent' });
  });

  it('writes nothing when it is started again, and nothing while nothing happens', async () => {
    await start();
    await plane.apply([
      telemetry({}),
      pipeline('TracePipeline', 'a', otlp('one')),
      pipeline('TracePipeline', 'invalid', otlp('two', { transform: [{ statements: ['nothing('] }] })),
      pipeline('MetricPipeline', 'm', otlp('three', { input: { runtime: { enabled: true } } })),
    ]);
    await becomes(['metricpipeline', 'm'], { GatewayHealthy: 'GatewayReady', AgentHealthy: 'AgentReady' });
    await isQuiet();
    await stop();
    await start();
    await new Promise((resolve) => setTimeout(resolve, 4000));
    expect(writes(new Map())).toEqual({});
  });

  it('lets a second one read along and write nothing, until the first one goes', async () => {
    await start();
    await plane.apply([pipeline('TracePipeline', 'a', otlp('one'))]);
    await becomes(['tracepipeline', 'a'], { GatewayHealthy: 'GatewayReady' });
    await isQuiet();
    const first = { operator, client };
    client = await kubeClient(plane.kubeconfig);
    const settings = { identity: 'telemetry-operator-1', metrics: { host: '127.0.0.1', port: 0 } };
    operator = await runStandby(client, log, settings);
    await operator.whenReady();
    const ready = await fetch(`http://127.0.0.1:${operator.metricsPort}/readyz`);
    expect(ready.status).toBe(200);
    await plane.apply([pipeline('TracePipeline', 'a', otlp('two'))]);
    await waitFor('the first one applies', async () =>
      (await configOf('deployment', 'telemetry-trace-gateway')).includes('two:4317'),
    );
    expect(writes(new Map())).toEqual({});
    await first.operator?.stop();
    await first.client.close();
    await waitFor('the second one leads', () => operator!.isLeader, { timeoutMs: 20_000 });
    await plane.apply([pipeline('TracePipeline', 'a', otlp('three'))]);
    await waitFor('the second one applies', async () =>
      (await configOf('deployment', 'telemetry-trace-gateway')).includes('three:4317'),
    );
    const metrics = await (await fetch(`http://127.0.0.1:${operator.metricsPort}/metrics`)).text();
    expect(metrics).toContain('sluice_operator_leader 1');
    expect(metrics).toMatch(/sluice_operator_reconciles_total\{controller="workloads",result="success"\} [1-9]/);
  });

  it('goes back to what ran before when an edit makes collectors crash, and leaves the others alone', async () => {
    await start();
    await plane.apply([pipeline('TracePipeline', 'good', otlp('one')), pipeline('TracePipeline', 'bad', otlp('two'))]);
    await becomes(['tracepipeline', 'bad'], { GatewayHealthy: 'GatewayReady' });
    await isQuiet();
    const before = (await get('deployment', 'telemetry-trace-gateway'))!['spec'];
    const wellKnown = new Set((await list('configmaps')).map(({ metadata }) => metadata.name));
    node.crash = (pod) => {
      const mounted = mountedConfigMaps(pod['spec']);
      const isNew = mounted.some((name) => name.includes('trace-gateway') && !wellKnown.has(name));
      const message = 'cannot build exporters: otlp_grpc/tracepipeline-bad: canary';
      return isNew ? { exitCode: 1, message } : undefined;
    };
    await plane.apply([
      pipeline('TracePipeline', 'bad', otlp('three')),
      pipeline('TracePipeline', 'good', otlp('one')),
    ]);
    await becomes(['tracepipeline', 'bad'], {
      ConfigurationGenerated: 'CollectorCrashed',
      GatewayHealthy: 'GatewayReady',
    });
    const { ConfigurationGenerated } = await conditionsOf('tracepipeline', 'bad');
    expect(ConfigurationGenerated!.message).toMatch(
      /^generation 2 .*`trace-gateway` .*exit code 1.*; generation 1 keeps running$/,
    );
    expect(JSON.stringify(await list('tracepipelines'))).not.toContain('canary');
    await becomes(['tracepipeline', 'good'], {
      ConfigurationGenerated: 'GatewayConfigured',
      GatewayHealthy: 'GatewayReady',
    });
    expect((await get('deployment', 'telemetry-trace-gateway'))!['spec']).toEqual(before);
    node.crash = () => undefined;
    await plane.apply([pipeline('TracePipeline', 'bad', otlp('four'))]);
    await becomes(['tracepipeline', 'bad'], { ConfigurationGenerated: 'GatewayConfigured', Ready: 'NoDataYet' });
    expect(await configOf('deployment', 'telemetry-trace-gateway')).toContain('four:4317');
  });

  it('applies one edit of two hundred pipelines within a second', async () => {
    await start();
    const small = { delivery: { buffer: { maxSize: '1Mi' } } };
    const many = Array.from({ length: 200 }, (_, i) => pipeline('TracePipeline', `p${i}`, otlp(`host${i}`, small)));
    await plane.apply(many);
    await becomes(['tracepipeline', 'p199'], { GatewayHealthy: 'GatewayReady' });
    await becomes(['tracepipeline', 'p0'], { GatewayHealthy: 'GatewayReady' });
    await isQuiet();
    const deployments = { group: 'apps', version: 'v1', kind: 'Deployment', plural: 'deployments', namespaced: true };
    const ref = { namespace: OPERATOR_NAMESPACE, name: 'telemetry-trace-gateway' };
    const before = (await nodeClient.get(deployments, ref))!.metadata.generation;
    const pipelines = {
      group: 'telemetry.kyma-project.io',
      version: 'v1beta1',
      kind: 'TracePipeline',
      plural: 'tracepipelines',
      namespaced: false,
    };
    const startMs = performance.now();
    await nodeClient.mergePatch(pipelines, { name: 'p100' }, { spec: otlp('edited') });
    await waitFor(
      'the Deployment has it',
      async () => (await nodeClient.get(deployments, ref))!.metadata.generation !== before,
    );
    const tookMs = performance.now() - startMs;
    console.log(`one edit of 200 pipelines: ${tookMs.toFixed(0)} ms until the Deployment has it`);
    expect(tookMs).toBeLessThan(1000 * waitingFactor());
  });
});
