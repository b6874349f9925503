import type { EngineListener } from '../../../engine/index.ts';
import type { EngineSnapshot } from '../../../flow/index.ts';
import type { OtelcolConfig } from '../../../otelcol/index.ts';
import type { IngestAttempt } from '../../../otlp/index.ts';
import type { Advice } from '../deployment.ts';

/** What a process runs. Secrets stand in it in clear: it passes through memory and the channel between the two processes alone. */
export interface WorkloadConfig {
  readonly config: OtelcolConfig;
  readonly advice: Advice;
}

/** What the supervisor asks of a process; each is answered under its id. */
export type Order = { readonly id: number } & (
  | ({ readonly type: 'start' | 'reload' } & WorkloadConfig)
  | { readonly type: 'report' }
  | { readonly type: 'shutdown'; readonly graceMs: number }
);

/** What a process says. */
export type Word =
  | { readonly type: 'done'; readonly id: number; readonly listeners?: readonly EngineListener[] }
  | { readonly type: 'failed'; readonly id: number; readonly error: PlainError }
  | ({ readonly type: 'report' } & ProcessReport)
  | { readonly type: 'attempts'; readonly attempts: readonly IngestAttempt[] }
  | { readonly type: 'stdout'; readonly text: string }
  | {
      readonly type: 'log';
      readonly level: 'info' | 'warn' | 'error';
      readonly message: string;
      readonly fields: Readonly<Record<string, unknown>> | undefined;
    };

export interface ProcessReport {
  readonly snapshot: EngineSnapshot;
  /** Prometheus' text format; absent: as in a report shortly before. */
  readonly metrics?: string;
}

/** An error as it passes between processes, with what explains a failed listen. */
export interface PlainError {
  readonly message: string;
  readonly code?: string;
  readonly port?: number;
  readonly address?: string;
}

export function plainError(error: unknown): PlainError {
  const { message, code, port, address } = error as Partial<PlainError>;
  return {
    message: message ?? String(error),
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof port === 'number' ? { port } : {}),
    ...(typeof address === 'string' ? { address } : {}),
  };
}

export function errorFrom({ message, ...facts }: PlainError): Error {
  return Object.assign(new Error(message), facts);
}
