import type { Issue } from '../../diagnostics/index.ts';
import type { OtelcolConfig } from '../../otelcol/index.ts';
import type { Registry } from '../registry.ts';
import { telemetrySpec } from '../service/telemetry-settings.ts';
import { checkAdmission } from './check-admission.ts';
import { checkAuthenticators } from './check-authenticators.ts';
import { checkComponents, checkSettings } from './check-components.ts';
import { checkPipelines } from './check-pipelines.ts';
import { checkStorage } from './check-storage.ts';

/** Everything in a configuration that the engine cannot execute, in the order of the sections. */
export function checkConfig(config: OtelcolConfig, registry: Registry): Issue[] {
  return [
    ...checkComponents(config, 'receivers', registry.receivers),
    ...checkComponents(config, 'processors', registry.processors),
    ...checkComponents(config, 'connectors', registry.connectors),
    ...checkComponents(config, 'exporters', registry.exporters),
    ...checkComponents(config, 'extensions', registry.extensions),
    ...checkSettings(config.service.telemetry, telemetrySpec, { path: ['service', 'telemetry'] }),
    ...checkPipelines(config),
    ...checkAdmission(config, registry),
    ...checkAuthenticators(config, registry),
    ...checkStorage(config, registry),
  ];
}
