export type { ClientTls } from './client/endpoint.ts';
export { createOtlpGrpcClient, type OtlpGrpcClientOptions } from './client/grpc-client.ts';
export { createOtlpHttpClient, type OtlpHttpClientOptions } from './client/http-client.ts';
export type { ContentCoding } from './content-coding.ts';
export type { ExportOptions, ExportOutcome, OtlpClient } from './export-outcome.ts';
export { decodeJson, type JsonDecoding } from './json/decode-json.ts';
export { decodeToObject } from './json/decode-to-object.ts';
export { encodeJson } from './json/encode-json.ts';
export type * from './json/otlp-json.ts';
export {
  GRPC_CODE,
  type GrpcCode,
  type IngestAttempt,
  type OtlpHandler,
  type OtlpRequest,
  type OtlpResponse,
} from './request.ts';
export {
  decodeExportResponse,
  decodeStatus,
  exportResponseFromJson,
  type PartialSuccess,
  type RpcStatus,
  statusFromJson,
} from './rpc-messages.ts';
export {
  defaultGrpcAccept,
  defaultHttpAccept,
  defaultServerLimits,
  type GrpcAccept,
  type HttpAccept,
  type ServerLimits,
} from './server/limits.ts';
export { createOtlpServer, type ListenAddress, type OtlpServer, type OtlpServerOptions } from './server/otlp-server.ts';
export { decodeGrpcMessage, grpcCodeOf, isRetryableCode, isRetryableHttpStatus } from './status.ts';
