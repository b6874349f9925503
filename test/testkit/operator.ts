import { crdYaml, RESOURCE_KINDS } from '../../src/apis/index.ts';
import { certificateFacts } from '../../src/cli/certificate-facts.ts';
import type { KubeClient, KubeLog, KubeObject } from '../../src/kube/index.ts';
import { systemClock } from '../../src/lib/index.ts';
import { type OperatorOptions, type RunningOperator, runOperator } from '../../src/operator/index.ts';
import type { ControlPlane } from './control-plane.ts';
import { waitFor } from './wait-for.ts';

export const OPERATOR_NAMESPACE = 'kyma-system';

export const OPERATOR_IMAGES = { otelcol: 'otelcol:test', sluice: 'sluice:test', fluentBit: 'fluent-bit:test' };

const CLASSES = ['telemetry-priority-class', 'telemetry-priority-class-high'].map((name, index) => ({
  apiVersion: 'scheduling.k8s.io/v1',
  kind: 'PriorityClass',
  metadata: { name },
  value: 2_000_000 + index,
}));

/** What an installation brings, but for the operator itself. */
export async function prepareForOperator(plane: ControlPlane): Promise<void> {
  for (const kind of RESOURCE_KINDS) await plane.apply(crdYaml(kind));
  await plane.apply([
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: OPERATOR_NAMESPACE } },
    ...CLASSES,
    { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' }, spec: { providerID: 'aws:///a/i-1' } },
  ]);
  await plane.run(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s']);
}

/** One that reaches the API server through `client`; it need not lead. */
export function runStandby(
  client: KubeClient,
  log: KubeLog,
  options: Partial<OperatorOptions> = {},
): Promise<RunningOperator> {
  return runOperator({
    client,
    log,
    clock: systemClock,
    random: Math.random,
    certificates: certificateFacts,
    namespace: OPERATOR_NAMESPACE,
    identity: 'telemetry-operator-0',
    images: OPERATOR_IMAGES,
    clusterName: 'test',
    ...options,
  });
}

/** One that leads. */
export async function startOperator(
  client: KubeClient,
  log: KubeLog,
  options: Partial<OperatorOptions> = {},
): Promise<RunningOperator> {
  const operator = await runStandby(client, log, options);
  await waitFor('the operator leads', () => operator.isLeader, { timeoutMs: 30_000 });
  return operator;
}

const PODS = { group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true } as const;

/** How a Pod ends: again and again, soon after its start. */
export interface PlayedCrash {
  readonly exitCode: number;
  readonly message: string;
}

export interface PlayedNode {
  /** Asked about every Pod: undefined lets it run well. */
  crash: (pod: KubeObject) => PlayedCrash | undefined;
  /** Where a Pod is reached; undefined: it has no address. */
  addressOf: (pod: KubeObject) => string | undefined;
  stop(): Promise<void>;
}

/** What kubelets write of their Pods: all of them run, or end, at once. There is no node in these tests. */
export function playNode(client: KubeClient): PlayedNode {
  let isStopped = false;
  const node: PlayedNode = {
    crash: () => undefined,
    addressOf: () => undefined,
    async stop() {
      isStopped = true;
      await running;
    },
  };
  const running = (async () => {
    while (!isStopped) {
      const { items } = await client.list(PODS, { namespace: OPERATOR_NAMESPACE });
      await Promise.all(
        items.map((pod) => play(client, pod, { crash: node.crash(pod), address: node.addressOf(pod) })),
      );
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  return node;
}

async function play(
  client: KubeClient,
  pod: KubeObject,
  { crash, address }: { readonly crash: PlayedCrash | undefined; readonly address: string | undefined },
): Promise<void> {
  const status = (pod['status'] ?? {}) as { readonly message?: string };
  const played = crash === undefined ? `runs at ${address ?? 'no address'}` : `ends with ${crash.exitCode}`;
  if (status.message === played || pod.metadata.deletionTimestamp !== undefined) return;
  // Long enough ago that a Deployment takes the Pod as available.
  const now = `${new Date(Date.now() - 120_000).toISOString().slice(0, 19)}Z`;
  const { containers } = pod['spec'] as {
    readonly containers: readonly { readonly name: string; readonly image: string }[];
  };
  const ready = crash === undefined;
  const terminated = {
    exitCode: crash?.exitCode,
    reason: 'Error',
    message: crash?.message,
    startedAt: now,
    finishedAt: now,
  };
  const patch = {
    status: {
      phase: 'Running',
      message: played,
      ...(address === undefined ? {} : { podIP: address, podIPs: [{ ip: address }] }),
      conditions: ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map((type) => ({
        type,
        status: ready || type === 'PodScheduled' ? 'True' : 'False',
        lastTransitionTime: now,
      })),
      containerStatuses: containers.map(({ name, image }) => ({
        name,
        image,
        imageID: image,
        ready,
        restartCount: ready ? 0 : 2,
        state: ready ? { running: { startedAt: now } } : { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: ready ? {} : { terminated },
      })),
    },
  };
  try {
    await client.mergePatch(PODS, pod.metadata, patch, 'status');
  } catch {
    // It went meanwhile; what is there is seen in the next round.
  }
}
