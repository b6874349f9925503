import type { Agent, Workload } from '../../topology/index.ts';
import { renderLogAgent } from './agents/log-agent.ts';
import { renderMetricAgent } from './agents/metric-agent.ts';
import { renderEntry } from './entry.ts';
import { renderGateway } from './gateway.ts';
import type { RenderedConfig, RenderOptions } from './rendered-config.ts';
import { renderRouter } from './router.ts';

/** A workload or agent as a Collector configuration. */
export function renderOtelcol(workload: Workload | Agent, options: RenderOptions): RenderedConfig {
  switch (workload.role) {
    case 'gateway':
    case 'dispatcher':
      return renderGateway(workload, options);
    case 'router':
      return renderRouter(workload, options);
    case 'entry':
      return renderEntry(workload, options);
    case 'metric-agent':
      return renderMetricAgent(workload, options);
    case 'log-agent':
      return renderLogAgent(workload, options);
  }
}
