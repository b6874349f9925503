import type { KubeObject } from '../../kube/index.ts';
import type { ClusterFacts } from '../../topology/index.ts';
import type { RememberedQueue } from '../backlog/remembered-queue.ts';
import type { KeptResources } from './kept-resource.ts';

export interface KnownSecret {
  /** Changes with every write of the Secret. */
  readonly version: string;
  /** Decoded; never printed. */
  readonly values: ReadonlyMap<string, string>;
}

/** Secrets of the cluster, those that resources name. */
export interface SecretView {
  /** Undefined: it is not there. */
  get(namespace: string, name: string): KnownSecret | undefined;
}

/** All that decides what runs, at one moment. */
export interface ClusterSnapshot {
  /** TracePipelines, MetricPipelines and LogPipelines. */
  readonly pipelines: readonly KubeObject[];
  readonly parsers: readonly KubeObject[];
  /** The one that counts; absent: every setting has its default. */
  readonly telemetry?: KubeObject;
  readonly secrets: SecretView;
  readonly facts: ClusterFacts;
  /** What ran before of each resource, for those that have an error now. */
  readonly kept: KeptResources;
  /** Queues on disk to drain, unless they are filled anyway; absent: none. */
  readonly draining?: readonly RememberedQueue[];
  /** Wall clock, for certificates that expire. */
  readonly nowMs: number;
}
