import { probeExporter } from '../../engine/index.ts';
import { type Clock, errorCode, errorMessage, MetricsRegistry } from '../../lib/index.ts';
import { type ComponentId, resolveEnvRefs } from '../../otelcol/index.ts';
import type { ExportOutcome } from '../../otlp/index.ts';
import type { Signal } from '../../pdata/index.ts';
import type { RenderedConfig } from '../../render/index.ts';

export interface AskedExporter {
  readonly rendered: RenderedConfig;
  readonly exporter: ComponentId;
  readonly signal: Signal;
}

const SILENT = () => {};

/**
 * What the backend of a rendered exporter makes of an empty request with all headers and credentials. Rejects with the abort
 * reason only.
 */
export async function askExporter(
  { rendered, exporter, signal }: AskedExporter,
  { clock, abort }: { readonly clock: Clock; readonly abort: AbortSignal },
): Promise<ExportOutcome> {
  const config = resolveEnvRefs(rendered.config, rendered.secrets);
  const log = { info: SILENT, warn: SILENT, error: SILENT };
  try {
    return await probeExporter(config, {
      exporter,
      signal,
      deps: { clock, random: Math.random, metrics: new MetricsRegistry(), log },
      abort,
    });
  } catch (error) {
    // What the exporter is made of is not usable: a key that does not fit its certificate, for example.
    if (abort.aborted || errorCode(error) === undefined) throw error;
    return { status: 'permanent', failure: { kind: 'tls', message: errorMessage(error) } };
  }
}
