import type { OtlpClient } from '../../otlp/index.ts';
import type { Signal } from '../../pdata/index.ts';
import type { Exporter } from '../component.ts';
import type { QueueSettings } from '../settings/queue.ts';
import type { RetrySettings } from '../settings/retry.ts';

export interface OtlpExporterOptions {
  readonly signal: Signal;
  readonly client: OtlpClient;
  readonly destination: string;
  /** 0: none. */
  readonly timeoutMs: number;
  readonly queue: QueueSettings | undefined;
  readonly retry: RetrySettings | undefined;
}

/** One signal of an exporter over an OTLP client. */
export function createOtlpExporter({
  signal,
  client,
  destination,
  timeoutMs,
  queue,
  retry,
}: OtlpExporterOptions): Exporter {
  return {
    destination,
    ...(queue !== undefined && { queue }),
    ...(retry !== undefined && { retry }),
    send: ({ bytes }, { signal: abort }) =>
      client.export(signal, bytes, { signal: abort, ...(timeoutMs > 0 && { timeoutMs }) }),
    shutdown: () => client.close(),
  };
}
