/** Documents of a configuration that changes: what runs, and how to change it. */
import type { Issue } from '../diagnostics/index.ts';
import type { PipelineKind, PipelineStatus } from './api-pipeline.ts';

/**
 * GET /api/v1/configuration: what runs, and what became of the newest version of the files. The same document is the SSE
 * event `configuration`, sent when it changes. Secret values and header values are masked in every text.
 */
export interface ConfigurationDocument {
  /** Counts the versions that were looked at, from 1. */
  readonly generation: number;
  readonly loadedAt: string;
  /** How long it took from reading the files until the rules ran. */
  readonly activatedMs: number;
  /** `partly`: something has an error; what was valid before keeps running in its place, or is left out. */
  readonly state: 'running' | 'partly' | 'rejected';
  readonly topology: 'Shared' | 'PerSignal' | 'PerPipeline';
  readonly files: readonly { readonly file: string; readonly text: string }[];
  readonly issues: readonly Issue[];
  readonly pipelines: readonly PipelineSourceDocument[];
  /** One Collector configuration a process. */
  readonly rendered: readonly { readonly workload: string; readonly yaml: string }[];
}

/** One resource: its text, and where it stands. */
export interface PipelineSourceDocument {
  readonly kind: PipelineKind;
  readonly name: string;
  /** Absent for the built-in ones. */
  readonly source?: { readonly file: string; readonly line: number; readonly endLine: number };
  /** The version that runs: `current`, the last valid one because the current one has an error, or none. */
  readonly runs: 'current' | 'previous' | 'nothing';
  readonly origin: 'file' | 'applied' | 'built-in';
  /** Blocks of `rendered` that come from it: `otlp-gateway: exporters/otlp_grpc/tracepipeline-jaeger`. */
  readonly blocks: readonly {
    readonly workload: string;
    readonly block: string;
    readonly line: number;
    readonly field: string;
  }[];
}

/** GET /api/v1/pipelines/{kind}/{name}: everything about one pipeline; what belongs to others is left out. */
export interface PipelineDocument {
  readonly status: PipelineStatus;
  /** Absent where the server does not know the configuration. */
  readonly source?: PipelineSourceDocument;
  /** The file it stands in, masked. */
  readonly file?: { readonly file: string; readonly text: string };
  /** Findings within its lines. */
  readonly issues: readonly Issue[];
  /** Configurations that hold blocks of it. */
  readonly rendered: ConfigurationDocument['rendered'];
}

/** POST /api/v1/validate with `{text}`: findings of one file, as if it stood alone. */
export interface ValidateDocument {
  readonly issues: readonly Issue[];
  readonly resourceCount: number;
}

/** Body of POST /api/v1/local/apply. */
export interface ApplyRequest {
  readonly files: readonly { readonly file: string; readonly text: string }[];
  readonly dryRun?: boolean;
}

/** Body of POST /api/v1/local/delete. */
export interface DeleteRequest {
  readonly kind: string;
  readonly name: string;
  readonly dryRun?: boolean;
}

/** Answer of POST /api/v1/local/apply and /api/v1/local/delete. */
export interface ApplyDocument {
  readonly changes: readonly ResourceChange[];
  /** With an error in them nothing is applied. */
  readonly issues: readonly Issue[];
  /** The generation that runs afterwards. */
  readonly generation: number;
}

export interface ResourceChange {
  readonly kind: string;
  readonly name: string;
  readonly action: 'created' | 'configured' | 'unchanged' | 'deleted';
  /** By field path; secrets show as `‹hidden›`, also when only they differ. */
  readonly fields: readonly { readonly path: string; readonly before?: string; readonly after?: string }[];
}
