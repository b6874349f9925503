import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeClient, KubeObject } from '../../src/kube/index.ts';
import { CUSTOM_RESOURCES, DAEMON_SET, DEPLOYMENT, POD, SECRET } from '../../src/operator/resource-types.ts';
import { requirePeer } from '../../testbed/index.ts';
import { type ControlPlane, requireControlPlane, startControlPlane } from '../testkit/control-plane.ts';
import { freePort } from '../testkit/free-port.ts';
import { kubeClient } from '../testkit/kube.ts';
import { type Kwok, startKwok } from '../testkit/kwok.ts';
import { OPERATOR_NAMESPACE, prepareForOperator } from '../testkit/operator.ts';
import { startOrphanGuard } from '../testkit/orphan-guard.ts';
import type { RunningProcess } from '../testkit/process.ts';
import { createHome } from '../testkit/sluice.ts';
import { waitFor } from '../testkit/wait-for.ts';
import { waitingFactor } from '../testkit/waiting-factor.ts';
import { type EditWatch, startEditWatch } from './edit-watch.ts';
import {
  cpuSecondsOf,
  createAuditLog,
  createHangingPods,
  LOOPBACK_PODS,
  memoryOf,
  requestsOf,
  startInPod,
} from './scale-cluster.ts';
import { backendSecret, manyPipelines, oneReplica, SECRET_COUNT } from './scale-pipelines.ts';

const missing = [requireControlPlane(), requirePeer('kwok')].find(({ status }) => status === 'missing');
const skipNote = missing?.status === 'missing' ? ` (skipped: ${missing.reason})` : '';

/** More of them than the test asks for can be tried by hand. */
const PIPELINES = Number(process.env['SLUICE_SCALE_PIPELINES'] ?? 200);
const NODES = 500;
const IDLE_MS = 60_000;
const EDIT_LIMIT_MS = 1000;
const RSS_LIMIT_MIB = 200;
const ACCOUNT = 'telemetry-operator';
const KINDS = ['TracePipeline', 'MetricPipeline', 'LogPipeline'] as const;

type Counts = Readonly<Record<string, number>>;

const isWrite = ([name]: readonly [string, number]) => !/^(get|list|watch|raw) /.test(name);
const isLease = ([name]: readonly [string, number]) => name === 'update leases';
const total = (counts: Counts) => Object.values(counts).reduce((sum, count) => sum + count, 0);
const numberOf = (counts: Counts, verb: RegExp) =>
  total(Object.fromEntries(Object.entries(counts).filter(([name]) => verb.test(name))));
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function since(before: Counts, after: Counts): Counts {
  const differences = Object.entries(after).map(([key, count]) => [key, count - (before[key] ?? 0)] as const);
  return Object.fromEntries(differences.filter(([, count]) => count > 0));
}

/** Of a Deployment or a DaemonSet: all its Pods are of the present template, and available. */
function runsAsWanted({ metadata, ...object }: KubeObject): boolean {
  const counts = object['status'] as Readonly<Record<string, number | undefined>>;
  const { replicas } = object['spec'] as { readonly replicas?: number };
  const wanted = replicas ?? counts['desiredNumberScheduled'];
  const present =
    replicas === undefined
      ? [counts['updatedNumberScheduled'], counts['numberAvailable'], counts['currentNumberScheduled']]
      : [counts['updatedReplicas'], counts['availableReplicas'], counts['replicas']];
  return counts['observedGeneration'] === metadata.generation && present.every((count) => count === wanted);
}

describe.skipIf(missing !== undefined)(`the operator with ${PIPELINES} pipelines and ${NODES} nodes${skipNote}`, () => {
  const home = createHome();
  const audit = createAuditLog(`system:serviceaccount:${OPERATOR_NAMESPACE}:${ACCOUNT}`);
  const hanging = createHangingPods();
  const guard = startOrphanGuard(':');
  const pipelines = manyPipelines(PIPELINES);
  const startedMs = performance.now();
  let plane: ControlPlane;
  let kwok: Kwok | undefined;
  let client: KubeClient;
  let edits: EditWatch | undefined;
  let operator: RunningProcess;
  let metricsUrl = '';

  const tell = (text: string) => {
    const { nowMiB, mostMiB } = memoryOf(operator.pid);
    const figures = `${nowMiB.toFixed(0)} MiB, at most ${mostMiB.toFixed(0)}, CPU ${cpuSecondsOf(operator.pid).toFixed(0)} s`;
    console.log(`${((performance.now() - startedMs) / 1000).toFixed(0)} s (${figures}): ${text}`);
  };
  const namespaced = { namespace: OPERATOR_NAMESPACE };
  const runningPods = async () => {
    const { items } = await client.list(POD, namespaced);
    await hanging.listenAs(items);
    return items.length;
  };
  const isQuiet = async () => {
    const before = await requestsOf(metricsUrl);
    await pause(3000);
    await runningPods();
    const written = Object.entries(since(before, await requestsOf(metricsUrl))).filter(isWrite);
    return written.every(isLease);
  };
  const editEndpoint = (index: number, host: string) => () => {
    const { kind, metadata } = pipelines[index]!;
    const spec = { output: { otlp: { endpoint: { value: `https://${host}.obs:4317`, valueFrom: null } } } };
    return client.mergePatch(CUSTOM_RESOURCES[kind], metadata, { spec });
  };

  beforeAll(async () => {
    plane = await startControlPlane({ apiServerFlags: audit.apiServerFlags, controllerManagerFlags: LOOPBACK_PODS });
    client = await kubeClient(plane.kubeconfig);
    await prepareForOperator(plane);
    // No kubelet speaks for it.
    await plane.run(['delete', 'node', 'node-1']);
    const secrets = Array.from({ length: SECRET_COUNT }, (_, index) => backendSecret(index));
    const applied = plane.apply([...secrets, oneReplica(OPERATOR_NAMESPACE), ...pipelines]);
    kwok = await startKwok(plane, { nodes: NODES });
    await applied;
    const port = await freePort();
    metricsUrl = `http://127.0.0.1:${port}/metrics`;
    operator = await startInPod(plane, {
      namespace: OPERATOR_NAMESPACE,
      account: ACCOUNT,
      home,
      args: ['operator', '--webhooks', 'none', '--metrics', `127.0.0.1:${port}`],
      ready: { url: `http://127.0.0.1:${port}/readyz` },
    });
    guard.watch(operator.pid);
    tell('the operator has read the cluster');
    edits = await startEditWatch(client, OPERATOR_NAMESPACE);
  });
  afterAll(async () => {
    await operator?.stop();
    await guard.dismiss();
    await edits?.stop();
    await client?.close();
    await hanging.stop();
    await kwok?.stop();
    await plane?.stop();
    audit.remove();
    home.remove();
  });

  it('has an agent of each kind on all nodes, with a bounded number of requests', { timeout: 220_000 }, async () => {
    const numberReady = ({ status }: KubeObject) => (status as { readonly numberReady?: number }).numberReady ?? 0;
    const isReady = async () => {
      await runningPods();
      const ready = (await client.list(DAEMON_SET, namespaced)).items.map(numberReady);
      return ready.length === 2 && ready.every((count) => count >= NODES);
    };
    await waitFor('two agents on each node', isReady, { timeoutMs: 200_000, pollMs: 1000 });
    const requests = await requestsOf(metricsUrl);
    tell(`${await runningPods()} Pods run; requests of the start: ${total(requests)}, ${JSON.stringify(requests)}`);
    // One for each kind and each Secret, and again for what the API server ends.
    expect(numberOf(requests, /^list /)).toBeLessThan(60);
    expect(numberOf(requests, /^watch /)).toBeLessThan(60);
    // Each object once or twice, each status a few times, however many Pods come.
    expect(numberOf(requests, /^(apply|create|update|patch|delete) (?!leases|events|.*status)/)).toBeLessThan(120);
    expect(numberOf(requests, /status$/)).toBeLessThan(6 * PIPELINES);
  });

  it('applies an edit within a second, also while 500 Pods of an agent are replaced', async () => {
    const took: number[] = [];
    // 31 and 121 concern the agent of metrics, too.
    for (const index of [0, 31, 62, 93, 121, 152, 47, 3]) {
      const times = await edits!.timesOf(`edited-${index}`, editEndpoint(index, `edited-${index}`));
      took.push(times.workloadMs);
      tell(`edit of ${times.workload}: ${times.configMs.toFixed(0)} and ${times.workloadMs.toFixed(0)} ms`);
      await pause(200);
    }
    const { metadata, stringData } = backendSecret(4, 'rotated');
    const rotated = await edits!.timesOf('rotated', () => client.mergePatch(SECRET, metadata, { stringData }));
    took.push(rotated.workloadMs);
    took.sort((a, b) => a - b);
    const [median, worst] = [took[Math.floor(took.length / 2)]!, took.at(-1)!];
    tell(
      `a Secret: ${rotated.workloadMs.toFixed(0)} ms; median ${median.toFixed(0)}, worst ${worst.toFixed(0)} ms, ${waitingFactor().toFixed(1)} for each processor`,
    );
    expect(median).toBeLessThan(EDIT_LIMIT_MS * waitingFactor());
  });

  it('writes nothing but its Lease while nothing happens', { timeout: 300_000 }, async () => {
    type Told = { readonly type: string; readonly reason: string };
    const flowOf = ({ status }: KubeObject) =>
      (status as { readonly conditions?: readonly Told[] } | undefined)?.conditions?.find(
        ({ type }) => type === 'TelemetryFlowHealthy',
      );
    // Nobody answers where these Pods are said to be: the last that can be said of the flow.
    const isJudged = async () => {
      const lists = await Promise.all(KINDS.map((kind) => client.list(CUSTOM_RESOURCES[kind])));
      return lists.flatMap(({ items }) => items).every((one) => flowOf(one)?.reason.endsWith('ProbingFailed') === true);
    };
    const isRolledOut = async () => {
      const lists = await Promise.all([DEPLOYMENT, DAEMON_SET].map((type) => client.list(type, namespaced)));
      return lists.flatMap(({ items }) => items).every(runsAsWanted);
    };
    const isSettled = async () => (await isJudged()) && (await isRolledOut()) && (await isQuiet());
    await waitFor('nothing is left to do', isSettled, { timeoutMs: 220_000, pollMs: 500 });
    audit.requests();
    const cpu = cpuSecondsOf(operator.pid);
    tell('idle');
    await pause(IDLE_MS);
    const written = Object.entries(audit.requests()).filter(isWrite);
    const usedSeconds = cpuSecondsOf(operator.pid) - cpu;
    tell(`in ${IDLE_MS / 1000} s ${JSON.stringify(written)}, CPU ${usedSeconds.toFixed(1)} s`);
    expect(written.filter((one) => !isLease(one))).toEqual([]);
    expect(written.find(isLease)?.[1]).toBeGreaterThan(10);
  });

  it('sends a few requests for one edit', async () => {
    const before = await requestsOf(metricsUrl);
    const { configMs, workloadMs } = await edits!.timesOf('alone', editEndpoint(6, 'alone'));
    await pause(3000);
    const requests = since(before, await requestsOf(metricsUrl));
    tell(`one edit: ${configMs.toFixed(0)} and ${workloadMs.toFixed(0)} ms, ${JSON.stringify(requests)}`);
    expect(numberOf(requests, /^(?!get leases|update leases|watch )/)).toBeLessThan(20);
  });

  it('keeps within 200 MiB through all of that', () => {
    tell(`Pods were asked ${hanging.connections} times`);
    expect(hanging.connections).toBeGreaterThan(0);
    expect(memoryOf(operator.pid).mostMiB).toBeLessThan(RSS_LIMIT_MIB);
  });
});
