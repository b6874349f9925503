export { type ClientTls, tlsOptions } from './client/client-tls.ts';
export { createOtlpGrpcClient } from './client/grpc-client.ts';
export { hideSecrets } from './client/hide-secrets.ts';
export { createOtlpHttpClient } from './client/http-client.ts';
export { createRemoteWriteClient, type RemoteWriteClientOptions } from './client/remote-write-client.ts';
export type { ExportOutcome, OtlpClient } from './export-outcome.ts';
export { GRPC_METHOD } from './grpc-method.ts';
export { decodeJson } from './json/decode-json.ts';
export { decodeToObject } from './json/decode-to-object.ts';
export { encodeJson } from './json/encode-json.ts';
export type * from './json/otlp-json.ts';
export { GRPC_CODE, type GrpcCode, type IngestAttempt, type OtlpRequest, type OtlpResponse } from './request.ts';
export {
  decodeExportResponse,
  decodeStatus,
  exportResponseFromJson,
  type RpcStatus,
  statusFromJson,
} from './rpc-messages.ts';
export type {
  Authenticate,
  CorsPolicy,
  RequestCredentials,
  RequestMetadata,
  ServerTls,
  TlsVersion,
} from './security.ts';
export { defaultGrpcAccept, defaultHttpAccept, type GrpcAccept, type HttpAccept } from './server/limits.ts';
export { createOtlpServer, type ListenAddress, type ListenOptions, type OtlpServer } from './server/otlp-server.ts';
export type { Sharing } from './server/reservation.ts';
export { decodeGrpcMessage, grpcCodeOf, isRetryableCode, isRetryableHttpStatus } from './status.ts';
