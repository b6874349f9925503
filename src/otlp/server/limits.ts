import type { Authenticate, CorsPolicy } from '../security.ts';

/** What both protocols have. */
interface Accept {
  /** Asked for every request before its body is looked at. */
  readonly authenticate?: Authenticate;
  /** `include_metadata`: hands the request's headers to the handler. */
  readonly includeMetadata?: boolean;
}

/** Settings of the gRPC side, named as the Collector's `protocols.grpc` has them. */
export interface GrpcAccept extends Accept {
  /** `max_recv_msg_size_mib`; compressed and decompressed. */
  readonly maxRecvMsgSizeBytes: number;
  /** `max_concurrent_streams` per connection. */
  readonly maxConcurrentStreams: number;
  /** `keepalive.server_parameters.max_connection_age`; 0 for no limit. */
  readonly maxConnectionAgeMs: number;
  /** `keepalive.server_parameters.max_connection_age_grace`; 0 waits for every request. */
  readonly maxConnectionAgeGraceMs: number;
}

/** Settings of the HTTP side, named as the Collector's `protocols.http` has them. */
export interface HttpAccept extends Accept {
  /** `max_request_body_size`; compressed and decompressed. */
  readonly maxRequestBodySizeBytes: number;
  readonly tracesPath: string;
  readonly metricsPath: string;
  readonly logsPath: string;
  /** Absent: no page of another origin may send. */
  readonly cors?: CorsPolicy;
}

/** The Collector's default of 4 MiB a message. */
export const defaultGrpcAccept: GrpcAccept = {
  maxRecvMsgSizeBytes: 4 * 1024 * 1024,
  maxConcurrentStreams: 1000,
  maxConnectionAgeMs: 0,
  maxConnectionAgeGraceMs: 0,
};

/** The Collector's default of 20 MiB a body. */
export const defaultHttpAccept: HttpAccept = {
  maxRequestBodySizeBytes: 20 * 1024 * 1024,
  tracesPath: '/v1/traces',
  metricsPath: '/v1/metrics',
  logsPath: '/v1/logs',
};

/** What one server shares between its connections and protocols. */
export interface ServerLimits {
  /** Bytes of request bodies held at once, over all connections. */
  readonly maxInFlightBytes: number;
  /** Time from a request's head to the end of its body. */
  readonly requestTimeoutMs: number;
  /** Time a connection may stay without a request. */
  readonly idleTimeoutMs: number;
  readonly maxConnections: number;
}

export const defaultServerLimits: ServerLimits = {
  maxInFlightBytes: 128 * 1024 * 1024,
  requestTimeoutMs: 30_000,
  idleTimeoutMs: 300_000,
  maxConnections: 10_000,
};
