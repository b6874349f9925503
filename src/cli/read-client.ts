import { type ApiClient, apiClient } from './api-client.ts';
import { fittingEngines, parseEngineChoice } from './choose-engine.ts';
import type { CliContext } from './context.ts';

/** The engine that is asked; of several the newest, and people are told so. */
export function clientForRead(flags: Record<string, unknown>, context: CliContext): ApiClient {
  const api = (flags['api'] as string | undefined) ?? context.env['SLUICE_API'];
  if (api !== undefined) return apiClient(context, api);
  const [engine, ...others] = fittingEngines(parseEngineChoice(flags), context);
  if (others.length > 0) {
    const pids = others.map(({ pid }) => pid).join(', ');
    context.progress.write(`asking pid ${engine!.pid}, ${engine!.source}; others run: pid ${pids} (--pid chooses)\n`);
  }
  return apiClient(context, undefined, engine);
}
