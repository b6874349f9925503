import type { Static } from 'typebox';
import type { Issue } from '../../diagnostics/index.ts';
import { Type } from '../../lib/index.ts';
import type { ComponentId } from '../../otelcol/index.ts';
import {
  type Authenticate,
  type CorsPolicy,
  defaultGrpcAccept,
  defaultHttpAccept,
  type GrpcAccept,
  type HttpAccept,
} from '../../otlp/index.ts';
import type { ReceiverContext } from '../component.ts';
import { AuthConfig, noAuthenticator } from '../settings/auth.ts';
import { checkEndpoint } from '../settings/endpoint.ts';
import { Count, Duration, durationMs, settingsObject } from '../settings/schema.ts';
import { checkServerTls, TlsServerConfig } from '../settings/tls.ts';

/** What both protocols have. */
const shared = {
  endpoint: Type.String(),
  tls: TlsServerConfig,
  auth: AuthConfig,
  include_metadata: Type.Boolean(),
};

export const OtlpReceiverConfig = settingsObject({
  protocols: settingsObject({
    grpc: settingsObject({
      ...shared,
      max_recv_msg_size_mib: Count,
      max_concurrent_streams: Count,
      keepalive: settingsObject({
        server_parameters: settingsObject({ max_connection_age: Duration, max_connection_age_grace: Duration }),
      }),
    }),
    http: settingsObject({
      ...shared,
      max_request_body_size: Count,
      traces_url_path: Type.String(),
      metrics_url_path: Type.String(),
      logs_url_path: Type.String(),
      cors: settingsObject({
        allowed_origins: Type.Array(Type.String()),
        allowed_headers: Type.Array(Type.String()),
        max_age: Count,
      }),
    }),
  }),
});
export type OtlpReceiverConfig = Static<typeof OtlpReceiverConfig>;
export type Protocols = NonNullable<OtlpReceiverConfig['protocols']>;
export type ProtocolName = keyof Protocols;

export function checkOtlpReceiver({ protocols = {} }: OtlpReceiverConfig): Issue[] {
  const names = (['grpc', 'http'] as const).filter((name) => protocols[name] !== undefined);
  if (names.length === 0) {
    const message = '`protocols` must have grpc or http or both';
    return [{ code: 'SL0102', severity: 'error', message, path: ['protocols'], help: 'add `grpc:` or `http:`' }];
  }
  return names.flatMap((name) => {
    const { endpoint, tls } = protocols[name]!;
    const problems = tls === undefined ? [] : checkServerTls(tls);
    return [
      ...checkEndpoint(endpoint, ['protocols', name, 'endpoint']),
      ...problems.map((issue) => ({ ...issue, path: ['protocols', name, 'tls', ...(issue.path ?? [])] })),
    ];
  });
}

export interface Accepts {
  readonly grpc: GrpcAccept;
  readonly http: HttpAccept;
}

/** What the ports of a receiver take. A protocol that is not configured keeps metadata as the other one does. */
export function acceptsOf(protocols: Protocols, authenticate: Authenticate | undefined): Accepts {
  const { grpc, http } = protocols;
  const shared = (side: { readonly include_metadata?: boolean } | undefined) => ({
    includeMetadata: side?.include_metadata ?? false,
    ...(authenticate !== undefined && { authenticate }),
  });
  return {
    grpc: { ...grpcAccept(grpc), ...shared(grpc ?? http) },
    http: { ...httpAccept(http), ...shared(http ?? grpc) },
  };
}

/** The check of the extension that `auth` names. Throws CodedError `invalid_config` when it makes none. */
export function authenticatorOf(
  extension: ComponentId | undefined,
  context: Pick<ReceiverContext, 'authenticate'>,
): Authenticate | undefined {
  if (extension === undefined) return undefined;
  const authenticate = context.authenticate(extension);
  if (authenticate === undefined) throw noAuthenticator(extension, 'receivers');
  return authenticate;
}

function grpcAccept(grpc: Protocols['grpc'] = {}): GrpcAccept {
  const age = grpc.keepalive?.server_parameters;
  const sizeMib = grpc.max_recv_msg_size_mib ?? 0;
  return {
    ...defaultGrpcAccept,
    ...(sizeMib > 0 && { maxRecvMsgSizeBytes: sizeMib * 2 ** 20 }),
    ...(grpc.max_concurrent_streams && { maxConcurrentStreams: grpc.max_concurrent_streams }),
    maxConnectionAgeMs: durationMs(age?.max_connection_age, 0),
    maxConnectionAgeGraceMs: durationMs(age?.max_connection_age_grace, 0),
  };
}

function httpAccept(http: Protocols['http'] = {}): HttpAccept {
  const path = (text: string | undefined, other: string) =>
    text === undefined ? other : text.startsWith('/') ? text : `/${text}`;
  return {
    maxRequestBodySizeBytes: http.max_request_body_size || defaultHttpAccept.maxRequestBodySizeBytes,
    tracesPath: path(http.traces_url_path, defaultHttpAccept.tracesPath),
    metricsPath: path(http.metrics_url_path, defaultHttpAccept.metricsPath),
    logsPath: path(http.logs_url_path, defaultHttpAccept.logsPath),
    ...corsPolicy(http.cors),
  };
}

/** Without an origin it is switched off, as in the Collector. */
function corsPolicy(cors: NonNullable<Protocols['http']>['cors']): { readonly cors?: CorsPolicy } {
  const {
    allowed_origins: allowedOrigins = [],
    allowed_headers: allowedHeaders = [],
    max_age: maxAgeSeconds = 0,
  } = cors ?? {};
  return allowedOrigins.length === 0 ? {} : { cors: { allowedOrigins, allowedHeaders, maxAgeSeconds } };
}
