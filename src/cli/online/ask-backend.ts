import type { Clock } from '../../lib/index.ts';
import type { AskBackend } from '../../operator/index.ts';
import { askExporter } from './ask-exporter.ts';

/** The question of the operator's flow health, asked by the clients of the engine. */
export function createAskBackend(clock: Clock): AskBackend {
  return async (backend, { signal }) => {
    const outcome = await askExporter(backend, { clock, abort: signal });
    return outcome.status === 'delivered' ? undefined : outcome.failure;
  };
}
