import type { Signal } from '../../src/pdata/index.ts';
import type { Answer, CaptureTls } from '../testkit/capture.ts';
import type { SenderTls } from '../testkit/senders.ts';
import type { Input } from './inputs.ts';

/** Addresses a case's configuration is written with; each peer has its own. */
export interface Addresses {
  /** Where the peer under test listens. */
  readonly grpc: string;
  readonly http: string;
  readonly health: string;
  /** The capturing backend. */
  readonly backendGrpc: string;
  readonly backendHttp: string;
  /** A folder of the peer's own. */
  readonly folder: string;
}

export type ComponentMap = Readonly<Record<string, object | null>>;

/** A Collector configuration without what all cases share: the otlp receiver and the readers of self-metrics. */
export interface CaseConfig {
  /** Settings of the receiver's protocols beside their endpoints. */
  readonly receiver?: { readonly grpc?: object; readonly http?: object };
  readonly processors?: ComponentMap;
  readonly connectors?: ComponentMap;
  readonly exporters: ComponentMap;
  readonly extensions?: ComponentMap;
  readonly pipelines: Readonly<Record<string, PipelineParts>>;
}

export interface PipelineParts {
  readonly receivers?: readonly string[];
  readonly processors?: readonly string[];
  readonly exporters: readonly string[];
}

/** How one input reaches the peer. */
export interface Via {
  readonly protocol: 'grpc' | 'http';
  readonly encoding?: 'protobuf' | 'json';
  readonly compression?: 'identity' | 'gzip' | 'zstd';
  readonly headers?: Readonly<Record<string, string>>;
  readonly tls?: SenderTls;
}

/** A step of a case: an input on its way, or a request written byte by byte, or an HTTP request to another port. */
export type Step =
  | { readonly kind: 'input'; readonly input: Input; readonly via: Via }
  | {
      readonly kind: 'http';
      /** For the failure message and the observation. */
      readonly name: string;
      readonly path: string;
      readonly body: Uint8Array | string;
      readonly method?: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly to?: 'http' | 'grpc' | 'health';
      /** Headers of the answer that are compared. */
      readonly answerHeaders?: readonly string[];
    }
  | { readonly kind: 'wait'; readonly ms: number }
  | {
      readonly kind: 'grpc';
      readonly name: string;
      readonly path: string;
      readonly message: Uint8Array;
      readonly encoding?: string;
      readonly rawFrame?: Uint8Array;
    };

/** One facet of what a peer did; a case names those that must be equal. */
export type Facet =
  | 'answers'
  | 'delays'
  | 'items'
  | 'batches'
  | 'requests'
  | 'attempts'
  | 'selfMetrics'
  | 'seriesNames'
  | 'stdout';

export const DEFAULT_FACETS: readonly Facet[] = [
  'answers',
  'delays',
  'items',
  'requests',
  'selfMetrics',
  'seriesNames',
];

export interface DifferentialCase {
  readonly name: string;
  readonly config: (addresses: Addresses) => CaseConfig;
  readonly steps: readonly Step[];
  /** What the backend answers to the first requests. */
  readonly script?: readonly Answer[];
  /** The backend speaks TLS. */
  readonly backendTls?: CaptureTls;
  /** Beside DEFAULT_FACETS. */
  readonly alsoCompare?: readonly Facet[];
  readonly exceptFacets?: readonly Facet[];
  /** Items at the backend that both peers are given time for before they are stopped. The Collector must reach it exactly. */
  readonly expectedItems: number;
  /** The last items leave only when the peer is stopped: waiting for them before it would be in vain. */
  readonly flushedByStop?: boolean;
  /** Unknown fields and negative zeros are compared, too. */
  readonly exact?: boolean;
  /** How long the peer is left alone before it is stopped; by default just long enough for what must not be sent. */
  readonly quietMs?: number;
}

export const ALL_SIGNALS: readonly Signal[] = ['traces', 'metrics', 'logs'];

/** One pipeline of every signal with the same parts. */
export function everySignal(parts: PipelineParts): Readonly<Record<string, PipelineParts>> {
  return Object.fromEntries(ALL_SIGNALS.map((signal) => [signal, parts]));
}

export function send(input: Input, via: Via): Step {
  return { kind: 'input', input, via };
}
