import type { EngineLog } from '../component.ts';
import type { LogLevel } from './telemetry-settings.ts';

const SEVERITY: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** A log without what is below the configured level, which may change. */
export function atLevel(log: EngineLog, level: () => LogLevel): EngineLog {
  const from =
    (severity: 'info' | 'warn' | 'error'): EngineLog['info'] =>
    (message, fields) => {
      if (SEVERITY[severity] >= SEVERITY[level()]) log[severity](message, fields);
    };
  return { info: from('info'), warn: from('warn'), error: from('error') };
}
