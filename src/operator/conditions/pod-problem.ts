import type { KubeObject } from '../../kube/index.ts';
import { cut } from '../compile/told-condition.ts';

/** Why a Pod does not run. */
export interface PodProblem {
  readonly cause: 'Crash' | 'OutOfMemory' | 'Image' | 'Configuration' | 'NotScheduled' | 'Evicted' | 'NotReady';
  readonly pod: KubeObject;
  /** For people; holds nothing of what the program wrote. */
  readonly message: string;
  /** Of a crash: the last of what the program wrote, to look for names in. Never to be shown: it may hold secrets. */
  readonly output?: string;
  /** Of a crash: the program ended soon after its start, as it does with a configuration that it refuses. */
  readonly atStart?: boolean;
  /** Of a crash: somebody ended the program with a signal, such as the kubelet, or the kernel of a node without memory. */
  readonly wasKilled?: boolean;
}

interface Terminated {
  readonly exitCode?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
}

interface ContainerStatus {
  readonly name: string;
  readonly ready?: boolean;
  readonly restartCount?: number;
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly terminated?: Terminated;
  };
  readonly lastState?: { readonly terminated?: Terminated };
}

export interface PodStatus {
  readonly phase?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly conditions?: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason?: string;
    readonly message?: string;
  }[];
  readonly initContainerStatuses?: readonly ContainerStatus[];
  readonly containerStatuses?: readonly ContainerStatus[];
}

const IMAGE_REASONS = [
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
];
const CONFIG_REASONS = ['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError'];

/** What the scheduler or the kubelet says at most. */
const MOST_QUOTED = 100;

/** A program that ran this long had taken its configuration. */
const START_MS = 60_000;

/** The worst of what is wrong with a Pod; undefined where nothing is, or it only needs a moment more. */
export function podProblem(pod: KubeObject): PodProblem | undefined {
  const status = (pod['status'] ?? {}) as PodStatus;
  const { name } = pod.metadata;
  if (pod.metadata.deletionTimestamp !== undefined) return undefined;
  if (status.reason === 'Evicted') {
    return { cause: 'Evicted', pod, message: `Pod ${name} was evicted: ${quoted(status.message)}` };
  }
  const scheduled = status.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False') {
    return { cause: 'NotScheduled', pod, message: `Pod ${name} is not scheduled: ${quoted(scheduled.message)}` };
  }
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  for (const container of containers) {
    const problem = containerProblem(pod, container);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

export function isPodReady(pod: KubeObject): boolean {
  const { conditions = [] } = (pod['status'] ?? {}) as PodStatus;
  return (
    pod.metadata.deletionTimestamp === undefined &&
    conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
  );
}

function containerProblem(pod: KubeObject, container: ContainerStatus): PodProblem | undefined {
  const { state = {}, lastState = {}, restartCount = 0, name } = container;
  const { waiting } = state;
  const where = `container \`${name}\` of Pod ${pod.metadata.name}`;
  if (waiting?.reason !== undefined && IMAGE_REASONS.includes(waiting.reason)) {
    return { cause: 'Image', pod, message: `the image of ${where} cannot be pulled (${waiting.reason})` };
  }
  if (waiting?.reason !== undefined && CONFIG_REASONS.includes(waiting.reason)) {
    return { cause: 'Configuration', pod, message: `${where} cannot be started: ${quoted(waiting.message)}` };
  }
  const ended = state.terminated ?? lastState.terminated;
  const isDown = waiting?.reason === 'CrashLoopBackOff' || (state.terminated !== undefined && restartCount > 0);
  if (ended === undefined || !isDown) return undefined;
  if (ended.reason === 'OOMKilled')
    return { cause: 'OutOfMemory', pod, message: `${where} ran out of memory and was killed` };
  return {
    cause: 'Crash',
    pod,
    message: `${where} ends again and again (exit code ${ended.exitCode ?? 'unknown'})`,
    output: ended.message ?? '',
    atStart: ranMs(ended) < START_MS,
    wasKilled: KILLED.includes(ended.exitCode ?? 0),
  };
}

/** SIGKILL and SIGTERM, which a program does not send itself. */
const KILLED = [137, 143];

function ranMs({ startedAt, finishedAt }: Terminated): number {
  const [start, end] = [Date.parse(startedAt ?? ''), Date.parse(finishedAt ?? '')];
  return Number.isNaN(start) || Number.isNaN(end) ? 0 : end - start;
}

function quoted(text: string | undefined): string {
  return cut((text ?? 'no reason is given').replaceAll(/\s+/g, ' '), MOST_QUOTED);
}
