import type { EngineLog, ExporterFactory } from '../../../engine/index.ts';
import { componentId, pipelineId } from '../../../otelcol/index.ts';
import { SIGNALS } from '../../../pdata/index.ts';
import type { CliContext } from '../../context.ts';
import { startEngine } from '../../run-engine.ts';

/** Where processes of a topology send the viewer's copy. */
export interface ViewerListener {
  /** `http://127.0.0.1:4711` */
  readonly endpoint: string;
  close(): Promise<void>;
}

/** OTLP/HTTP on a free port of this machine, for the viewer in this process. */
export async function listenForViewer(
  exporter: ExporterFactory,
  log: EngineLog,
  context: CliContext,
): Promise<ViewerListener> {
  const receivers = [componentId('otlp')];
  const exporters = [componentId('sluice_viewer')];
  const config = {
    receivers: { [receivers[0]!]: { protocols: { http: { endpoint: '127.0.0.1:0' } } } },
    processors: {},
    connectors: {},
    exporters: { [exporters[0]!]: {} },
    extensions: {},
    service: {
      extensions: [],
      pipelines: Object.fromEntries(
        SIGNALS.map((signal) => [pipelineId(signal), { receivers, processors: [], exporters }]),
      ),
    },
  };
  const options = { log, portWays: [], exporters: { sluice_viewer: exporter } };
  const { engine, listeners } = await startEngine(config, context, options);
  return {
    endpoint: `http://127.0.0.1:${listeners[0]!.port}`,
    close: () => engine.shutdown({ graceMs: 0 }),
  };
}
