import type { Signal } from '../../pdata/index.ts';

/** What a backend answered to one export, as a sender sees it. */
export type Answer =
  | { readonly status: 'ok'; readonly rejectedCount: number; readonly message?: string }
  /** The backend said no. `code` is the gRPC status name or the HTTP status. */
  | {
      readonly status: 'refused';
      readonly code: string;
      readonly message: string;
      readonly retryable: boolean;
      readonly retryAfterMs?: number;
    }
  /** No answer: connection refused or lost, or too late. Whether the backend has the items is unknown. */
  | { readonly status: 'failed'; readonly code: string; readonly message: string };

/** One client connection (or pool of them) that pipelines export requests. */
export interface Connection {
  /** `bytes` stay untouched until `answered`, which is called exactly once, never from inside this call. */
  send(signal: Signal, bytes: Uint8Array, answered: (answer: Answer) => void): void;
  /** Closes; requests under way are answered as failed with code `CLOSED`. */
  close(): void;
}

export interface ConnectionOptions {
  readonly host: string;
  readonly port: number;
  /** The address to send from; the system chooses one. */
  readonly localAddress?: string;
  readonly tls: boolean;
  readonly headers: Readonly<Record<string, string>>;
  /** Content coding the bytes already have; sent as a header only. */
  readonly compression: 'none' | 'gzip';
  readonly timeoutMs: number;
}
