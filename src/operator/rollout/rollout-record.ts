import type { MountedConfig } from '../../render/index.ts';

/** What is remembered of a workload across restarts of the operator. */
export interface RolloutRecord {
  /** The last configuration that all its Pods were seen to run well. */
  readonly proven?: {
    readonly config: MountedConfig;
    /** By identity: generation and Secrets of the pipelines in it. */
    readonly members: Readonly<Record<string, string>>;
  };
  /**
   * Hash of a configuration that made Pods crash although no pipeline in it had changed: the proven one stays instead. It stays
   * until another one is seen to run well: what crashes until then is no edit's fault.
   */
  readonly refused?: string;
}

/** By name of the workload. */
export type RolloutRecords = ReadonlyMap<string, RolloutRecord>;
