import type { Clock } from '../lib/index.ts';
import type { KubeClient } from './client.ts';
import type { KubeLog } from './log.ts';
import type { KubeObject } from './object.ts';

/** Something worth telling whoever runs `kubectl describe`. */
export interface EventFacts {
  readonly regarding: KubeObject;
  /** Another object that has to do with it. */
  readonly related?: KubeObject;
  readonly type: 'Normal' | 'Warning';
  /** CamelCase, at most 128 characters. */
  readonly reason: string;
  /** What was done or tried, CamelCase. */
  readonly action: string;
  /** A sentence; cut at 1024 bytes. No secret values. */
  readonly note: string;
}

export interface EventRecorderOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: KubeLog;
  /** `sluice.kyma-project.io/manager`: a qualified name. */
  readonly controller: string;
  /** Of this process: its Pod's name. */
  readonly instance: string;
  /** Namespace of Events about cluster-scoped objects; default `default`, where kubectl looks for them. */
  readonly clusterNamespace?: string;
}

export interface EventRecorder {
  /** Never throws and never waits. The same reason about the same object is a series, written at most once in five minutes. */
  record(event: EventFacts): void;
  /** Writes what waits, for at most a few seconds. */
  stop(): Promise<void>;
}

export function createEventRecorder(_options: EventRecorderOptions): EventRecorder {
  throw new Error('comes in one of the next commits');
}
