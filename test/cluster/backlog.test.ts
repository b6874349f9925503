import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { KubeClient, KubeObject, ResourceType } from '../../src/kube/index.ts';
import type { RunningOperator } from '../../src/operator/index.ts';
import { type ControlPlane, requireControlPlane, startControlPlane } from '../testkit/control-plane.ts';
import { DEPLOYMENTS, kubeClient, type RecordedLog, recordedLog, STATEFUL_SETS } from '../testkit/kube.ts';
import {
  OPERATOR_NAMESPACE,
  type PlayedNode,
  playNode,
  prepareForOperator,
  startOperator,
} from '../testkit/operator.ts';
import { loopbackAddresses, type PodMetrics, startPodMetrics } from '../testkit/pod-metrics.ts';
import { waitFor } from '../testkit/wait-for.ts';

/*
 * The test is the node: it says which Pods run, and what their Collectors say of their queues.
 */

const peer = requireControlPlane();
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';

const namespace = OPERATOR_NAMESPACE;
const CLAIMS: ResourceType = {
  group: '',
  version: 'v1',
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  namespaced: true,
};
const PODS = { group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true } as const;
const TELEMETRIES: ResourceType = {
  group: 'operator.kyma-project.io',
  version: 'v1beta1',
  kind: 'Telemetry',
  plural: 'telemetries',
  namespaced: true,
};
const PIPELINES: ResourceType = {
  group: 'telemetry.kyma-project.io',
  version: 'v1beta1',
  kind: 'TracePipeline',
  plural: 'tracepipelines',
  namespaced: false,
};
/** Two rounds of reading metrics, and the pauses between two passes. */
const ROUNDS_MS = 60_000;

const pipeline = (name: string) => ({
  apiVersion: 'telemetry.kyma-project.io/v1beta1',
  kind: 'TracePipeline',
  metadata: { name },
  spec: {
    output: { otlp: { endpoint: { value: `http://${name}.obs:4317` } } },
    delivery: { guarantee: 'AtLeastOnce' },
  },
});
const telemetry = (type: string, distribution: Program) => ({
  apiVersion: 'operator.kyma-project.io/v1beta1',
  kind: 'Telemetry',
  metadata: { name: 'default', namespace },
  spec: { topology: { type }, collector: { distribution } },
});

/** The program that keeps the queues; its gateways have names of their own. */
type Program = 'otelcol' | 'sluice';
const gatewayOf = (signal: 'trace' | 'otlp', program: Program) =>
  `${signal}${program === 'sluice' ? '-engine' : ''}-gateway`;
const PROGRAMS: readonly Program[] = ['otelcol', 'sluice'];
const STORAGE = { otelcol: 'file_storage', sluice: 'sluice_queue' } as const;

interface Condition {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

describe.skipIf(peer.status === 'missing')(`backlogs, with a real API server${skipNote}`, () => {
  const nextAddress = loopbackAddresses();
  const served = new Map<string, PodMetrics | undefined>();
  /** What is left of each pipeline in each Pod. */
  const left = new Map<string, number>();
  const startedMs = Date.now() - 600_000;
  let plane: ControlPlane;
  let client: KubeClient;
  let node: PlayedNode;
  let operator: RunningOperator | undefined;
  let log: RecordedLog;

  beforeAll(async () => {
    plane = await startControlPlane({ scheduler: false });
    await prepareForOperator(plane);
    client = await kubeClient(plane.kubeconfig);
    node = playNode(client);
    node.addressOf = addressOf;
  });
  afterAll(async () => {
    await node?.stop();
    for (const server of served.values()) await server?.stop();
    await client?.close();
    await plane?.stop();
  });
  beforeEach(async () => {
    left.clear();
    node.crash = () => undefined;
    log = recordedLog();
    operator = await startOperator(client, log);
  });
  afterEach(async () => {
    await operator?.stop();
    expect(log.lines.filter((line) => line.startsWith('error'))).toEqual([]);
  });

  /** A Pod has an address when something answers there. */
  function addressOf({ metadata: { uid = '' } }: KubeObject): string | undefined {
    if (!served.has(uid)) {
      served.set(uid, undefined);
      void startPodMetrics(nextAddress(), 8888, metrics).then((server) => served.set(uid, server));
    }
    return served.get(uid)?.address;
  }

  function metrics(): string {
    const lines = ['a', 'b'].flatMap((name) => {
      const labels = `{data_type="traces",exporter="otlp_grpc/tracepipeline-${name}"}`;
      const size = left.get(name) ?? 0;
      return [`otelcol_exporter_queue_size${labels} ${size}`, `otelcol_exporter_queue_capacity${labels} 1048576`];
    });
    return [...lines, `otelcol_process_uptime ${(Date.now() - startedMs) / 1000}`, ''].join('\n');
  }

  async function restart(): Promise<void> {
    await operator?.stop();
    operator = await startOperator(client, log);
  }

  const get = (type: ResourceType, name: string) => client.get<KubeObject>(type, { namespace, name });
  const names = async (type: ResourceType) =>
    (await client.list(type, { namespace })).items.map(({ metadata }) => metadata.name).sort();
  const conditionOf = async (type: string): Promise<Condition | undefined> => {
    const { conditions = [] } = ((await get(TELEMETRIES, 'default'))?.['status'] ?? {}) as {
      readonly conditions?: readonly Condition[];
    };
    return conditions.find((one) => one.type === type);
  };
  const isHealthy = async (name: string) => {
    const { conditions = [] } = ((await client.get<KubeObject>(PIPELINES, { name }))?.['status'] ?? {}) as {
      readonly conditions?: readonly Condition[];
    };
    return conditions.some(({ type, reason }) => type === 'GatewayHealthy' && reason === 'GatewayReady');
  };
  const until = (what: string, isSo: () => Promise<boolean>, timeoutMs = 30_000) =>
    waitFor(what, isSo, { timeoutMs, pollMs: 100 }).catch(async (error: Error) => {
      const there = JSON.stringify([await client.list(CLAIMS, { namespace }), await client.list(PODS, { namespace })]);
      throw new Error(`${error.message}\n${log.lines.slice(-25).join('\n')}\n${there}`);
    });
  /** For as long as some passes take. */
  const stays = async (isSo: () => Promise<boolean>) => {
    const untilMs = Date.now() + 4000;
    while (Date.now() < untilMs) {
      expect(await isSo()).toBe(true);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  };
  const configOf = async (name: string): Promise<string> => {
    const found = JSON.stringify((await get(STATEFUL_SETS, name))?.['spec'] ?? {});
    const maps = (await client.list({ ...CLAIMS, kind: 'ConfigMap', plural: 'configmaps' }, { namespace })).items;
    return JSON.stringify(
      maps.filter(({ metadata }) => found.includes(`"${metadata.name}"`)).map((one) => one['data']),
    );
  };

  it.each(PROGRAMS)(
    'keeps the old front until the new one is ready, then lets what is behind drain, and removes it with its claims, on %s',
    async (program) => {
      const [old, next] = [gatewayOf('trace', program), gatewayOf('otlp', program)];
      await plane.apply([telemetry('PerSignal', program), pipeline('a')]);
      await until('it runs', () => isHealthy('a'));
      const claims = (await names(CLAIMS)).filter((name) => name.includes(old));
      expect(claims.length).toBeGreaterThan(0);
      left.set('a', 5);
      const before = (await get(STATEFUL_SETS, `telemetry-${old}`))!['spec'];
      const isAsBefore = async () =>
        (await get(DEPLOYMENTS, 'telemetry-otlp-router')) !== undefined &&
        JSON.stringify((await get(STATEFUL_SETS, `telemetry-${old}`))?.['spec']) === JSON.stringify(before);
      node.crash = ({ metadata }) =>
        metadata.name.startsWith(`telemetry-${next}`) ? { exitCode: 1, message: '' } : undefined;
      await plane.apply([telemetry('Shared', program)]);
      await until('its successor', async () => (await get(STATEFUL_SETS, `telemetry-${next}`)) !== undefined);
      await stays(isAsBefore);
      await restart();
      await stays(isAsBefore);
      node.crash = () => undefined;
      let isOrderKept = true;
      await until('what is behind drains', async () => {
        const [router, gateway] = [
          await get(DEPLOYMENTS, 'telemetry-otlp-router'),
          JSON.stringify((await get(STATEFUL_SETS, `telemetry-${old}`))?.['spec']),
        ];
        // The gateway was read after the router.
        if (router !== undefined && gateway !== JSON.stringify(before)) {
          isOrderKept &&= (await get(DEPLOYMENTS, 'telemetry-otlp-router')) === undefined;
        }
        return gateway !== JSON.stringify(before);
      });
      expect(isOrderKept).toBe(true);
      const told = `\`${old}\` delivers what TracePipeline/a left on disk`;
      await until('it is told', async () => ((await conditionOf('Draining'))?.message ?? '').includes(told));
      await restart();
      await stays(async () => (await get(STATEFUL_SETS, `telemetry-${old}`)) !== undefined);
      expect(await configOf(`telemetry-${old}`)).toContain(`${STORAGE[program]}/tracepipeline-a`);
      left.set('a', 0);
      await until('it is gone', async () => (await get(STATEFUL_SETS, `telemetry-${old}`)) === undefined, ROUNDS_MS);
      await restart();
      const isOfGateway = (name: string) => name.includes(old);
      await until('its claims are gone', async () => !(await names(CLAIMS)).some(isOfGateway));
      expect(await names(CLAIMS)).not.toEqual([]);
      await until('nothing is left', async () => (await conditionOf('Draining')) === undefined);
      await plane.run(['delete', 'tracepipeline', 'a']);
      await until('all is gone', async () => (await names(CLAIMS)).length === 0, ROUNDS_MS);
    },
    240_000,
  );

  it.each(PROGRAMS)(
    'keeps the exporter of a deleted pipeline until its queue is empty, and gives up what is given up, on %s',
    async (program) => {
      const old = gatewayOf('trace', program);
      await plane.apply([telemetry('PerSignal', program), pipeline('a'), pipeline('b')]);
      await until('both run', async () => (await isHealthy('a')) && (await isHealthy('b')));
      left.set('a', 5);
      left.set('b', 5);
      const claims = await names(CLAIMS);
      await plane.run(['delete', 'tracepipeline', 'a']);
      await until('it is told', async () =>
        ((await conditionOf('Draining'))?.message ?? '').includes('TracePipeline/a'),
      );
      expect(await configOf(`telemetry-${old}`)).toContain(`${STORAGE[program]}/tracepipeline-a`);
      await restart();
      left.set('a', 0);
      await until(
        'its exporter is gone',
        async () => !(await configOf(`telemetry-${old}`)).includes('tracepipeline-a'),
        ROUNDS_MS,
      );
      expect(await names(CLAIMS)).toEqual(claims);
      expect(await configOf(`telemetry-${old}`)).toContain(`${STORAGE[program]}/tracepipeline-b`);
      await plane.run(['delete', 'tracepipeline', 'b']);
      await plane.run(['delete', 'telemetry', 'default', '-n', namespace, '--wait=false']);
      await until('it is told', async () =>
        ((await conditionOf('Draining'))?.message ?? '').includes('TracePipeline/b'),
      );
      await stays(async () => (await get(STATEFUL_SETS, `telemetry-${old}`)) !== undefined);
      const annotations = { 'telemetry.kyma-project.io/give-up-backlogs': old };
      await client.mergePatch(TELEMETRIES, { namespace, name: 'default' }, { metadata: { annotations } });
      await until('the workload is gone', async () => (await names(STATEFUL_SETS)).length === 0);
      await until('its claims are gone', async () => (await names(CLAIMS)).length === 0);
      await until('the Telemetry is gone', async () => (await get(TELEMETRIES, 'default')) === undefined);
      expect(log.lines.some((line) => line.startsWith('warn backlog is given up'))).toBe(true);
    },
    240_000,
  );

  it('lets the program before deliver what it holds beside the one that takes its place', async () => {
    const [old, next] = [gatewayOf('trace', 'otelcol'), gatewayOf('trace', 'sluice')];
    await plane.apply([telemetry('PerSignal', 'otelcol'), pipeline('a')]);
    await until('it runs', () => isHealthy('a'));
    left.set('a', 5);
    await plane.apply([telemetry('PerSignal', 'sluice')]);
    const told = `\`${old}\` delivers what TracePipeline/a left on disk`;
    await until('it is told', async () => ((await conditionOf('Draining'))?.message ?? '').includes(told), ROUNDS_MS);
    expect(await configOf(`telemetry-${old}`)).toContain('file_storage/tracepipeline-a');
    expect(await configOf(`telemetry-${next}`)).toContain('sluice_queue/tracepipeline-a');
    await restart();
    await stays(async () => (await names(STATEFUL_SETS)).length === 2);
    left.set('a', 0);
    await until('the one before is gone', async () => (await names(STATEFUL_SETS)).length === 1, ROUNDS_MS);
    await until('its claims are gone', async () => !(await names(CLAIMS)).some((name) => name.includes(old)));
    expect(await names(STATEFUL_SETS)).toEqual([`telemetry-${next}`]);
    await plane.run(['delete', 'tracepipeline', 'a']);
    await until('all is gone', async () => (await names(CLAIMS)).length === 0, ROUNDS_MS);
  }, 240_000);
});
