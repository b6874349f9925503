import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/index.ts';
import { pinnedHealth, servingMessage, workloadHealth } from './workload-health.ts';

const deployment = (status: object, spec: object = { replicas: 2 }): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'telemetry-trace-gateway', generation: 3 },
  spec,
  status: { observedGeneration: 3, ...status },
});
const pod = (status: object): KubeObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'pod-1' }, status });
const container = (state: object, rest: object = {}) => ({
  containerStatuses: [{ name: 'collector', restartCount: 3, ready: false, state, ...rest }],
});
const ended = (reason: string, exitCode: number) => ({
  lastState: {
    terminated: {
      reason,
      exitCode,
      message: 'canary',
      startedAt: '2026-11-22T10:00:00Z',
      finishedAt: '2026-11-22T10:00:01Z',
    },
  },
});
const READY = { conditions: [{ type: 'Ready', status: 'True' }] };

const health = (controller: KubeObject | undefined, pods: readonly KubeObject[]) =>
  workloadHealth({ workload: 'trace-gateway', role: 'gateway', controller, pods });

const rolling = deployment({ updatedReplicas: 1, availableReplicas: 1 });

const CASES = {
  'not scheduled': {
    status: {
      conditions: [{ type: 'PodScheduled', status: 'False', message: '0/3 nodes are available: insufficient memory' }],
    },
    cause: 'NotScheduled',
    says: 'Pod pod-1 is not scheduled: 0/3 nodes are available: insufficient memory',
  },
  'image cannot be pulled': {
    status: container({ waiting: { reason: 'ImagePullBackOff' } }),
    cause: 'Image',
    says: 'the image of container `collector` of Pod pod-1 cannot be pulled (ImagePullBackOff)',
  },
  'out of memory': {
    status: container({ waiting: { reason: 'CrashLoopBackOff' } }, ended('OOMKilled', 137)),
    cause: 'OutOfMemory',
    says: 'container `collector` of Pod pod-1 ran out of memory and was killed',
  },
  crash: {
    status: container({ waiting: { reason: 'CrashLoopBackOff' } }, ended('Error', 1)),
    cause: 'Crash',
    says: 'container `collector` of Pod pod-1 ends again and again (exit code 1)',
  },
  'a ConfigMap that is missing': {
    status: container({ waiting: { reason: 'CreateContainerConfigError', message: 'configmap "x" not found' } }),
    cause: 'Configuration',
    says: 'container `collector` of Pod pod-1 cannot be started: configmap "x" not found',
  },
  evicted: {
    status: { phase: 'Failed', reason: 'Evicted', message: 'the node was low on memory' },
    cause: 'Evicted',
    says: 'Pod pod-1 was evicted: the node was low on memory',
  },
} as const;

describe('the health of a workload', () => {
  it('is ready when as many as wanted run the present template, whatever other Pods do', () => {
    const controller = deployment({ updatedReplicas: 2, availableReplicas: 2 });
    expect(health(controller, [pod(CASES['not scheduled'].status)])).toMatchObject({ state: 'ready', serving: true });
  });

  it('is not ready on the word of a status that is about an older template', () => {
    const controller = deployment({ updatedReplicas: 2, availableReplicas: 2, observedGeneration: 2 });
    expect(health(controller, [pod(READY)])).toMatchObject({ state: 'rolling', serving: true });
  });

  it('is rolling without serving until the first Pod is ready', () => {
    expect(health(undefined, [])).toMatchObject({ state: 'rolling', serving: false });
    expect(health(deployment({}), [pod({ phase: 'Pending' })])).toMatchObject({ state: 'rolling', serving: false });
  });

  it('counts nodes for a DaemonSet, of which there may be none', () => {
    const agents = (status: object): KubeObject => ({ ...deployment(status, {}), kind: 'DaemonSet' });
    const all = { desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 3 };
    expect(health(agents(all), []).state).toBe('ready');
    expect(health(agents({ ...all, numberAvailable: 2 }), []).state).toBe('rolling');
    expect(health(agents({}), [])).toMatchObject({ state: 'ready', serving: false });
  });

  it.each(Object.entries(CASES))('names the cause: %s', (_, { status, cause, says }) => {
    const found = health(rolling, [pod(status)]);
    expect(found).toMatchObject({ state: 'failing', message: says, problem: { cause } });
    expect(found.message).not.toContain('canary');
  });

  it('takes a Pod that only waits for its container as no failure', () => {
    expect(health(rolling, [pod(container({ waiting: { reason: 'ContainerCreating' } }))]).state).toBe('rolling');
  });

  it('says that it goes on with the configuration before, and nothing of it while it is not well', () => {
    const health = { workload: 'trace-gateway', role: 'gateway', serving: true } as const;
    const ready = { ...health, state: 'ready', message: servingMessage('trace-gateway') } as const;
    expect(pinnedHealth(ready).message).toBe(
      '`trace-gateway` runs and serves with the configuration before: the present one made it end',
    );
    const failing = { ...health, state: 'failing', message: 'no node' } as const;
    expect(pinnedHealth(failing)).toBe(failing);
  });
});
