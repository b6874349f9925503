import type { EngineSnapshot, FlowGraph } from '../flow/index.ts';
import type { Clock } from '../lib/index.ts';
import type { ConfigurationDocument, OverviewDocument, ProcessDocument } from './api.ts';
import type { AttemptLog } from './attempt-log.ts';
import type { WriteActions } from './http/write-routes.ts';
import type { PipelineRef } from './overview/pipeline-ref.ts';
import type { Viewer } from './viewer/viewer.ts';

/** Everything a server shows comes in as functions, so that it follows reloads. What is left out is answered by 404. */
export interface ServerOptions extends WriteActions {
  /** State of the running engine; called about once a second and for every ledger request. */
  readonly snapshot: () => EngineSnapshot;
  /** Pipelines people know about; only these appear. Read anew each time, so a getter may follow reloads. */
  readonly pipelines: readonly PipelineRef[];
  readonly viewer: Viewer;
  /** Self-metrics in the Prometheus text format. */
  readonly metrics: () => string;
  readonly attempts: AttemptLog;
  readonly clock: Clock;
  readonly version: string;
  /** `built-in pipelines` or the files given. Read anew each time. */
  readonly source: string;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly endpoints: OverviewDocument['endpoints'];
  readonly memoryLimitBytes: number;
  /** Needed for writes, and for everything on an address that is not loopback. */
  readonly token: string;
  /** Folder of the built UI. */
  readonly uiDir: string;
  /** The picture of what runs, without figures. Read anew each time; should return the same value until it changes. */
  readonly graph?: () => FlowGraph;
  /** What runs and what became of the files. Secret values and header values are masked already, in every text. */
  readonly configuration?: () => ConfigurationDocument;
  /** The processes of the topology, where there are several. `snapshot` covers all of them. */
  readonly processes?: () => readonly ServerProcess[];
  /** Called with what a handler threw; the sender gets a 500 without details. */
  readonly onError?: (error: unknown) => void;
  /** How the command line is called in commands to copy. */
  readonly program?: string;
}

/** One process of the topology. Its own snapshot tells apart queues of one pipeline that stand in several processes. */
export interface ServerProcess extends ProcessDocument {
  readonly snapshot?: EngineSnapshot;
}
