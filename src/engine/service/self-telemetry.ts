import { DROP_CAUSES, type LedgerRow, type StatementSnapshot } from '../../flow/index.ts';
import type { MetricsRegistry } from '../../lib/index.ts';
import type { PipelineId } from '../../otelcol/index.ts';
import type { EngineDeps, Extension } from '../component.ts';
import type { HostPort } from '../settings/endpoint.ts';
import { createTextServer } from './text-server.ts';

/** What the process uses, under the Collector's names. Source: service documentation.md at 0.149. */
export function observeProcess({ metrics, clock }: EngineDeps): void {
  const startedMs = clock.monotonicMs();
  const observe = (kind: 'gauge' | 'counter', name: string, help: string, read: () => number) =>
    metrics.observe({ name, help }, {}, read, kind);
  observe('counter', 'otelcol_process_uptime', 'Seconds since the engine was created.', () => {
    return (clock.monotonicMs() - startedMs) / 1000;
  });
  observe('counter', 'otelcol_process_cpu_seconds', 'User and system CPU time of the process in seconds.', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  observe('gauge', 'otelcol_process_memory_rss', 'Resident memory of the process in bytes.', () =>
    process.memoryUsage.rss(),
  );
  observe('gauge', 'otelcol_process_runtime_heap_alloc_bytes', 'Bytes of live heap objects and buffers.', () => {
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  });
}

const OUTFLOWS = ['delivered', 'filtered', 'merged', 'refused'] as const satisfies readonly (keyof LedgerRow)[];
const INFLOWS = ['received', 'recovered', 'created'] as const satisfies readonly (keyof LedgerRow)[];

/** The ledger of one pipeline. */
export function observeLedger(metrics: MetricsRegistry, id: PipelineId, row: () => LedgerRow): void {
  const spec = (name: string, help: string) => ({ name: `sluice_pipeline_${name}`, help });
  const into = spec('items_in', 'Items that entered a pipeline, by how they came.');
  const out = spec('items_out', 'Items that left a pipeline, by what became of them.');
  const lost = spec('items_dropped', 'Items lost in a pipeline, by cause.');
  const queued = spec('items_queued', 'Items a pipeline holds.');
  const unaccounted = spec('items_unaccounted', 'Items a pipeline cannot account for; anything but 0 is a bug.');
  for (const source of INFLOWS) metrics.observe(into, { pipeline: id, source }, () => row()[source], 'counter');
  for (const outcome of OUTFLOWS) metrics.observe(out, { pipeline: id, outcome }, () => row()[outcome], 'counter');
  for (const cause of DROP_CAUSES)
    metrics.observe(lost, { pipeline: id, cause }, () => row().dropped[cause] ?? 0, 'counter');
  metrics.observe(queued, { pipeline: id }, () => row().queued);
  metrics.observe(unaccounted, { pipeline: id }, () => row().unaccounted);
}

/** What became of every statement that runs at the moment. */
export function observeStatements(metrics: MetricsRegistry, running: () => readonly StatementSnapshot[]): void {
  const collect = (name: string, help: string, read: (statement: StatementSnapshot) => number) =>
    metrics.collect({ name: `sluice_ottl_statement_${name}_total`, help }, 'counter', () =>
      running().map((statement) => {
        const { processor, signal, part, index } = statement;
        return [{ processor, otel_signal: signal, part, index: String(index) }, read(statement)] as const;
      }),
    );
  collect('matched', 'Rows that an OTTL statement was run on, or that met a condition.', ({ matched }) => matched);
  collect('failed', 'Rows on which an OTTL statement or condition failed.', ({ failed }) => failed);
}

/** Serves the registry to Prometheus. */
export function createMetricsEndpoint(metrics: MetricsRegistry, address: HostPort): Extension {
  const server = createTextServer({
    '/metrics': () => ({
      status: 200,
      contentType: 'text/plain; version=0.0.4; charset=utf-8',
      body: metrics.renderPrometheus(),
    }),
  });
  return {
    start: async () => [{ component: 'service', protocol: 'metrics', ...(await server.listen(address)) }],
    shutdown: () => server.close(),
  };
}
