import type { EngineLog } from '../component.ts';
import type { LogLevel } from './telemetry-settings.ts';

const SEVERITY: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };
const silent = (): void => {};

/** A log without what is below the configured level. */
export function atLevel(log: EngineLog, level: LogLevel): EngineLog {
  const from = (severity: 'info' | 'warn' | 'error'): EngineLog['info'] =>
    SEVERITY[severity] < SEVERITY[level] ? silent : (message, fields) => log[severity](message, fields);
  return { info: from('info'), warn: from('warn'), error: from('error') };
}
