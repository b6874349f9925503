import type { WrittenManifest } from './written-manifest.ts';

/** One generation of a custom resource, as far as it decides what runs. Holds no value of a Secret. */
export interface KeptGeneration {
  readonly generation: number;
  readonly manifest: WrittenManifest;
}

/** A generation that made the programs which ran it end, together with what it read from Secrets then. */
export interface CrashedGeneration {
  readonly generation: number;
  /** Versions of the Secrets that it names. */
  readonly secrets: string;
  readonly workload: string;
  /** For people: how the program ended. Holds nothing of its output. */
  readonly how: string;
}

/** What is remembered of a custom resource across restarts of the operator. */
export interface KeptResource {
  /** A successor of the same name has another one, and inherits nothing. */
  readonly uid: string;
  /** The newest generation that was valid and had its place. */
  readonly valid?: KeptGeneration;
  /** The newest generation that every program which runs it was seen to run well. */
  readonly proven?: KeptGeneration;
  /** What may not be tried again, while there is a reason to try it. */
  readonly crashed?: CrashedGeneration;
}

/** By identity: `TracePipeline/demo`. */
export type KeptResources = ReadonlyMap<string, KeptResource>;
