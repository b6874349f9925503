/** Sums of a gateway's own counters by exporter or receiver, read from its Prometheus endpoint. */
export type LossByCause = Readonly<Record<string, number>>;

/** Counters that say where items went, by what we call it in the report; names with and without `_total` exist. */
const CAUSES: Readonly<Record<string, string>> = {
  otelcol_exporter_enqueue_failed_spans: 'queue full',
  otelcol_exporter_send_failed_spans: 'given up sending',
  otelcol_receiver_refused_spans: 'refused to senders',
  otelcol_processor_refused_spans: 'refused by memory_limiter',
};

export async function readLosses(metricsPort: number): Promise<LossByCause> {
  const answer = await fetch(`http://127.0.0.1:${metricsPort}/metrics`, { signal: AbortSignal.timeout(5000) });
  return sumLosses(await answer.text());
}

function sumLosses(text: string): LossByCause {
  const sums: Record<string, number> = {};
  for (const line of text.split('\n')) {
    const match = /^([a-z_]+?)(?:_total)?(?:\{(.*)\})? (\S+)/.exec(line);
    const cause = match && CAUSES[match[1]!];
    if (!cause) continue;
    const owner = /(?:exporter|receiver)="([^"]*)"/.exec(match[2] ?? '')?.[1];
    const key = owner === undefined ? cause : `${cause}, ${owner}`;
    const value = Number(match[3]);
    if (value > 0) sums[key] = (sums[key] ?? 0) + value;
  }
  return sums;
}
