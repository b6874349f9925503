import type { BackendFailure } from '../flow/index.ts';
import type { Signal } from '../pdata/index.ts';
import type { GrpcCode } from './request.ts';

/** What a backend made of one export, with the disposition that decides what happens next. */
export type ExportOutcome =
  /** Taken. `rejectedCount` items of it were refused for good by a partial success, or the protocol has no place for them. */
  | {
      readonly status: 'delivered';
      readonly rejectedCount: number;
      readonly message?: string;
      readonly cause?: 'unsupported';
    }
  /** Never retry these bytes. */
  | ({ readonly status: 'permanent' } & Refused)
  /** Retry, not before `afterMs`. */
  | ({ readonly status: 'throttled'; readonly afterMs: number } & Refused)
  | ({ readonly status: 'retryable' } & Refused);

interface Refused {
  readonly failure: BackendFailure;
  /** What the backend answered, over HTTP its equal; absent when there was no answer. For a sender that waits for it. */
  readonly code?: GrpcCode;
}

export interface ExportOptions {
  readonly signal: AbortSignal;
  /** Told to the backend where the protocol can (`grpc-timeout`); when it has passed, the outcome is a retryable timeout. */
  readonly timeoutMs?: number;
}

/** Sends export requests to one backend. Failures are values; `export` rejects only with the abort reason. */
export interface OtlpClient {
  /** `bytes`: an ExportXServiceRequest, uncompressed; borrowed until the promise settles. */
  export(signal: Signal, bytes: Uint8Array, options: ExportOptions): Promise<ExportOutcome>;
  /** Closes connections; exports under way fail as retryable. */
  close(): Promise<void>;
}
