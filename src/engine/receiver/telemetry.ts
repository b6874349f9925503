import type { Counter, MetricsRegistry } from '../../lib/index.ts';
import type { ComponentId } from '../../otelcol/index.ts';
import type { OtlpRequest } from '../../otlp/index.ts';
import { ITEM_NOUN, SIGNALS, type Signal } from '../../pdata/index.ts';
import type { Verdict } from '../batch.ts';

export interface ReceiverTelemetry {
  count(request: OtlpRequest, verdict: Verdict): void;
}

/** Counts what a receiver passed on, under the Collector's names. Source: receiverhelper documentation.md at 0.149. */
export function createReceiverTelemetry(metrics: MetricsRegistry, id: ComponentId): ReceiverTelemetry {
  const counters = (transport: 'grpc' | 'http', signal: Signal) => {
    const { metric, people } = ITEM_NOUN[signal];
    const counter = (what: string, help: string): Counter =>
      metrics.counter({ name: `otelcol_receiver_${what}_${metric}`, help }, { receiver: id, transport });
    return {
      accepted: counter('accepted', `Number of ${people} passed into the pipelines.`),
      refused: counter('refused', `Number of ${people} the pipelines did not take.`),
    };
  };
  const table = {
    grpc: bySignal((signal) => counters('grpc', signal)),
    http: bySignal((signal) => counters('http', signal)),
  };
  return {
    count({ protocol, signal, itemCount }, verdict) {
      table[protocol][signal][verdict.status].add(itemCount);
    },
  };
}

function bySignal<T>(make: (signal: Signal) => T): Readonly<Record<Signal, T>> {
  return Object.fromEntries(SIGNALS.map((signal) => [signal, make(signal)])) as Record<Signal, T>;
}
