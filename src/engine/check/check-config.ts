import type { Issue } from '../../diagnostics/index.ts';
import type { OtelcolConfig } from '../../otelcol/index.ts';
import type { Registry } from '../registry.ts';
import { telemetrySpec } from '../service/telemetry-settings.ts';
import { checkComponents, checkSettings } from './check-components.ts';
import { checkPipelines } from './check-pipelines.ts';

/** Everything in a configuration that the engine cannot execute, in the order of the sections. */
export function checkConfig(config: OtelcolConfig, registry: Registry): Issue[] {
  return [
    ...checkComponents('receivers', config.receivers, registry.receivers),
    ...checkComponents('processors', config.processors, registry.processors),
    ...checkComponents('connectors', config.connectors, registry.connectors),
    ...checkComponents('exporters', config.exporters, registry.exporters),
    ...checkComponents('extensions', config.extensions, registry.extensions),
    ...checkSettings(config.service.telemetry, telemetrySpec, ['service', 'telemetry']),
    ...checkPipelines(config),
  ];
}
