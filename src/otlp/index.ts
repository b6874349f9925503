export type { ExportOutcome, OtlpClient } from './export-outcome.ts';
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
export { decodeGrpcMessage, grpcCodeOf, isRetryableCode, isRetryableHttpStatus } from './status.ts';
