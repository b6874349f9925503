import type { Agent } from '../../../topology/index.ts';
import { ConfigParts } from '../config-parts.ts';
import type { RenderedConfig, RenderOptions } from '../rendered-config.ts';

export function renderMetricAgent(workload: Agent, options: RenderOptions): RenderedConfig {
  const parts = new ConfigParts();
  return parts.build(workload, options);
}
