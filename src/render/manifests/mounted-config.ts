/** The immutable objects that a workload's Pods take their configuration from. Plain data: it can be kept and given back as pinned. */
export interface MountedConfig {
  /** Names the objects; covers files, secret files and environment. */
  readonly hash: string;
  /** The objects that hold files, and where in the folder of the configuration each key goes. */
  readonly files: readonly MountedFiles[];
  /** Secrets whose keys are the environment. */
  readonly environment: readonly string[];
  /** Files that were larger than an object may be stand there in parts, which an init container joins. */
  readonly inParts: boolean;
}

export interface MountedFiles {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly name: string;
  readonly items: readonly { readonly key: string; readonly path: string }[];
}
