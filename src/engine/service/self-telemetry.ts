import { DROP_CAUSES, type LedgerRow, sumRows } from '../../flow/index.ts';
import type { MetricsRegistry } from '../../lib/index.ts';
import type { EngineDeps, Extension } from '../component.ts';
import type { HostPort } from '../settings/endpoint.ts';
import type { PipelineNode } from './graph.ts';
import { createTextServer } from './text-server.ts';

/** What the process uses, under the Collector's names. Source: service documentation.md at 0.149. */
export function observeProcess({ metrics, clock }: EngineDeps): void {
  const startedMs = clock.monotonicMs();
  const observe = (name: string, help: string, read: () => number) => metrics.observe({ name, help }, {}, read);
  observe(
    'otelcol_process_uptime',
    'Seconds since the engine was created.',
    () => (clock.monotonicMs() - startedMs) / 1000,
  );
  observe('otelcol_process_cpu_seconds', 'User and system CPU time of the process in seconds.', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  observe('otelcol_process_memory_rss', 'Resident memory of the process in bytes.', () => process.memoryUsage.rss());
  observe('otelcol_process_runtime_heap_alloc_bytes', 'Bytes of live heap objects and buffers.', () => {
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  });
}

const OUTCOMES = [
  'delivered',
  'filtered',
  'merged',
  'refused',
  'queued',
  'unaccounted',
] as const satisfies readonly (keyof LedgerRow)[];
const INFLOWS = ['received', 'recovered', 'created'] as const satisfies readonly (keyof LedgerRow)[];

/** The ledger of every pipeline that ends in an exporter. */
export function observeLedger(metrics: MetricsRegistry, pipelines: readonly PipelineNode[]): void {
  const into = { name: 'sluice_pipeline_items_in', help: 'Items that entered a pipeline, by how they came.' };
  const out = {
    name: 'sluice_pipeline_items_out',
    help: 'Items of a pipeline by what became of them; queued ones are still held.',
  };
  const lost = { name: 'sluice_pipeline_items_dropped', help: 'Items lost in a pipeline, by cause.' };
  for (const { id, outputs } of pipelines) {
    if (outputs.length === 0) continue;
    const row = () => sumRows(outputs.map((output) => output.account));
    for (const source of INFLOWS) metrics.observe(into, { pipeline: id, source }, () => row()[source]);
    for (const outcome of OUTCOMES) metrics.observe(out, { pipeline: id, outcome }, () => row()[outcome]);
    for (const cause of DROP_CAUSES) metrics.observe(lost, { pipeline: id, cause }, () => row().dropped[cause] ?? 0);
  }
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
