export type { ExportOutcome, OtlpClient } from './export-outcome.ts';
export {
  GRPC_CODE,
  type GrpcCode,
  type IngestAttempt,
  type OtlpHandler,
  type OtlpRequest,
  type OtlpResponse,
} from './request.ts';
