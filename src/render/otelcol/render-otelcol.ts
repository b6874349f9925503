import type { Workload } from '../../topology/index.ts';
import { renderEntry } from './entry.ts';
import { renderGateway } from './gateway.ts';
import type { RenderedConfig, RenderOptions } from './rendered-config.ts';
import { renderRouter } from './router.ts';

/** A workload as a Collector configuration. */
export function renderOtelcol(workload: Workload, options: RenderOptions): RenderedConfig {
  switch (workload.role) {
    case 'gateway':
    case 'dispatcher':
      return renderGateway(workload, options);
    case 'router':
      return renderRouter(workload, options);
    case 'entry':
      return renderEntry(workload, options);
  }
}
