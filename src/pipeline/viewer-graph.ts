import type { PipelineKind } from '../apis/index.ts';
import type { Signal } from '../pdata/index.ts';
import { freeze } from './freeze.ts';
import { type ExporterNode, type PipelineGraph, SIGNAL_OF_KIND, VIEWER_NAME } from './graph.ts';

export interface ViewerOptions {
  /** OTLP/HTTP of a viewer in another process, `http://host:port`; absent: the viewer of the same process. */
  readonly endpoint?: string;
}

/** What a viewer away for a moment makes wait. People look at what is new, so there is no point in more. */
const QUEUE_BYTES = 4 * 2 ** 20;

/** The built-in pipeline that shows a signal in the viewer. No resource can have its name. */
export function viewerGraph(signal: Signal, { endpoint }: ViewerOptions = {}): PipelineGraph {
  const [kind] = Object.entries(SIGNAL_OF_KIND).find(([, carried]) => carried === signal)!;
  return freeze({
    kind: kind as PipelineKind,
    name: VIEWER_NAME,
    signal,
    receivers: [{ kind: 'receiver', type: 'otlp' }],
    processors: [],
    exporter: endpoint === undefined ? { kind: 'exporter', type: 'viewer' } : remoteViewer(endpoint),
    ...(endpoint === undefined ? {} : { queue: { sizeBytes: QUEUE_BYTES, onFull: 'DropNewest' } }),
  });
}

function remoteViewer(endpoint: string): ExporterNode {
  return {
    kind: 'exporter',
    type: 'otlp',
    protocol: 'http',
    endpoint,
    exactUrl: false,
    tls: { insecure: endpoint.startsWith('http://'), insecureSkipVerify: false },
    compression: 'none',
    headers: [],
  };
}
