import type { Static } from 'typebox';
import type { Issue } from '../../diagnostics/index.ts';
import { Type } from '../../lib/index.ts';
import type { SettingsSpec } from '../component.ts';
import { anyOf, type HostPort } from '../settings/endpoint.ts';
import { oneOf, settingsObject } from '../settings/schema.ts';

/** Names stand as in the Collector's default reader, which has all three switched on. */
const Switched = Type.Unsafe<true>({ type: 'boolean', enum: [true] });

const TelemetryConfig = settingsObject({
  logs: settingsObject({ level: oneOf('debug', 'info', 'warn', 'error', 'DEBUG', 'INFO', 'WARN', 'ERROR') }),
  metrics: settingsObject({
    level: oneOf('none', 'basic', 'normal', 'detailed'),
    readers: Type.Array(
      settingsObject({
        pull: settingsObject({
          exporter: settingsObject({
            prometheus: settingsObject({
              host: Type.String(),
              port: Type.Integer({ minimum: 0, maximum: 65_535 }),
              without_scope_info: Switched,
              without_units: Switched,
              without_type_suffix: Switched,
            }),
          }),
        }),
      }),
    ),
  }),
});
type TelemetryConfig = Static<typeof TelemetryConfig>;

/** `service.telemetry`. Metrics are served where a reader is configured; unlike the Collector, not on port 8888 by default. */
export const telemetrySpec: SettingsSpec = { schema: TelemetryConfig, check: checkTelemetry };

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface TelemetryOptions {
  readonly logLevel: LogLevel;
  readonly metricsAddresses: readonly HostPort[];
}

export function parseTelemetry(config: TelemetryConfig = {}): TelemetryOptions {
  const { level, readers = [] } = config.metrics ?? {};
  const prometheus = readers.map((reader) => reader.pull?.exporter?.prometheus);
  return {
    logLevel: (config.logs?.level?.toLowerCase() ?? 'info') as LogLevel,
    metricsAddresses:
      level === 'none'
        ? []
        : prometheus.map((reader) => ({ host: anyOf(reader?.host ?? 'localhost'), port: reader?.port ?? 8888 })),
  };
}

function checkTelemetry(config: TelemetryConfig): Issue[] {
  return (config.metrics?.readers ?? []).flatMap((reader, i) => {
    if (reader.pull?.exporter?.prometheus !== undefined) return [];
    const message = 'the engine has no metric reader but `pull.exporter.prometheus`';
    return [{ code: 'SL0107', severity: 'error', message, path: ['metrics', 'readers', i] }];
  });
}
