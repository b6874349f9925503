import { type ComponentId, componentType, type OtelcolConfig } from '../otelcol/index.ts';
import type { ExportOutcome } from '../otlp/index.ts';
import type { Signal } from '../pdata/index.ts';
import type { EngineDeps, Extension } from './component.ts';
import { builtIn } from './registry.ts';
import { settingsOf } from './settings/normalise.ts';

export interface ProbeOptions {
  readonly exporter: ComponentId;
  /** Of the empty request. */
  readonly signal: Signal;
  readonly deps: EngineDeps;
  readonly abort: AbortSignal;
}

/**
 * One empty request from an exporter of a checked configuration, sent as the engine would send it, with its TLS, headers and
 * credentials; nothing else of the configuration is started. Rejects with the abort reason only, or with a CodedError for
 * what already the exporter's making runs into.
 */
export async function probeExporter(config: OtelcolConfig, options: ProbeOptions): Promise<ExportOutcome> {
  const { exporter: id, signal, deps, abort } = options;
  const factory = builtIn.exporters[componentType(id)]!;
  const settings = settingsOf(config.exporters[id], factory.schema);
  const authenticator = (settings['auth'] as { authenticator?: ComponentId } | undefined)?.authenticator;
  const extension = authenticator === undefined ? undefined : createExtension(config, authenticator, deps);
  await extension?.start();
  const exporter = factory.create(settings, {
    id,
    signal,
    deps,
    resumed: false,
    credentials: (name) => (name === authenticator ? extension?.credentials : undefined),
    shared: (make) => make(),
    stdout: () => {},
  });
  try {
    await exporter.start?.();
    const batch = { signal, bytes: new Uint8Array(), itemCount: 0, acknowledged: true };
    return await exporter.send(batch, { signal: abort });
  } finally {
    await exporter.shutdown?.();
    await extension?.shutdown();
  }
}

function createExtension(config: OtelcolConfig, id: ComponentId, deps: EngineDeps): Extension | undefined {
  const factory = builtIn.extensions[componentType(id)];
  return factory?.create(settingsOf(config.extensions[id], factory.schema), { id, deps, ready: () => false });
}
