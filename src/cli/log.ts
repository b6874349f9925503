import { pino } from 'pino';
import type { EngineLog } from '../engine/index.ts';
import type { CliContext } from './context.ts';

/** JSON lines on stderr, for programs that run as services. */
export function jsonLog(context: CliContext): EngineLog {
  const logger = pino(
    { base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
    { write: (line: string) => context.stderr.write(line) },
  );
  return {
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => logger.warn(fields ?? {}, message),
    error: (message, fields) => logger.error(fields ?? {}, message),
  };
}

/** Lines for a person at a terminal: warnings and errors only; state that people see elsewhere is not repeated. */
export function humanLog(context: CliContext): EngineLog {
  // The refreshing status line of `up` may stand where this is written.
  const clear = context.stderr.isTty && context.stdout.isTty ? '\r\u001b[2K' : '';
  const write = (mark: string, message: string, fields: Readonly<Record<string, unknown>> = {}) => {
    const detail = Object.entries(fields).map(
      ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
    );
    context.stderr.write(`${clear}${mark} ${message}${detail.length > 0 ? `  ${detail.join(' ')}` : ''}\n`);
  };
  return {
    info: () => {},
    warn: (message, fields) => write('!', message, fields),
    error: (message, fields) => write(context.unicode ? '✗' : 'x', message, fields),
  };
}
