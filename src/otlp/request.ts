import type { Signal } from '../pdata/index.ts';
import type { RequestMetadata } from './security.ts';

/** gRPC status codes that OTLP uses; their HTTP equals are in status.ts. Source: google.rpc.Code. */
export const GRPC_CODE = {
  ok: 0,
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  aborted: 10,
  outOfRange: 11,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  dataLoss: 15,
  unauthenticated: 16,
} as const;
export type GrpcCode = (typeof GRPC_CODE)[keyof typeof GRPC_CODE];

/** One export request as it reached a server: decompressed, and protobuf whatever the sender spoke. */
export interface OtlpRequest {
  readonly signal: Signal;
  /**
   * An ExportXServiceRequest whose structure has been validated. Owned by the handler from here on; lent until it returns where it
   * `borrows` (OtlpServerOptions).
   */
  readonly bytes: Uint8Array;
  readonly itemCount: number;
  readonly protocol: 'grpc' | 'http';
  readonly encoding: 'protobuf' | 'json';
  /** Remote address and port, `127.0.0.1:51234`. */
  readonly peer: string;
  /** The same without the port, `127.0.0.1` or `2001:db8::1`. */
  readonly peerAddress: string;
  /** Request headers, only where the protocol's `includeMetadata` asks for them. */
  readonly metadata?: RequestMetadata;
}

/** The answer to a sender. `message` is a sentence for the person at the other end; the server adds the `sluice: ` prefix. */
export type OtlpResponse =
  | { readonly status: 'ok'; readonly partial?: { readonly rejectedCount: number; readonly message: string } }
  | {
      readonly status: 'error';
      readonly code: GrpcCode;
      readonly message: string;
      /** Sent as Retry-After and google.rpc.RetryInfo; makes the answer retryable for senders. */
      readonly retryAfterMs?: number;
      /** The request is none of OTLP's; the message names what it is. */
      readonly foreign?: true;
    };

/** Answers synchronously where it can: the hot path creates no promise. Must not throw; a throw is answered as INTERNAL and counted. */
export type OtlpHandler = (request: OtlpRequest) => OtlpResponse | Promise<OtlpResponse>;

/** What became of one connection or request, for `ingest/attempts` and the receiver's log; never holds telemetry. */
export interface IngestAttempt {
  readonly atMs: number;
  readonly peer: string;
  readonly protocol: 'grpc' | 'http' | 'unknown';
  readonly signal?: Signal;
  /** `accepted`, or the sentence that was sent back. */
  readonly outcome: 'accepted' | 'rejected' | 'refused';
  readonly message?: string;
  /** It spoke something else than OTLP. */
  readonly foreign?: true;
}
