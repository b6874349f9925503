import type { LoadedTelemetry } from '../../apis/index.ts';
import { type ClusterFacts, clusterSettings, gatewaySettings, type PlanOptions } from '../../topology/index.ts';

const GIB = 2 ** 30;

/** What a workload gets where the Telemetry resource says nothing. */
const DEFAULT_CAP_BYTES = 2 * GIB;

/** How pipelines are spread over workloads: what the Telemetry resource says, else the defaults of the design. */
export function planOptionsOf(telemetry: LoadedTelemetry | undefined, facts: ClusterFacts): PlanOptions {
  const { spec } = telemetry?.resource ?? {};
  return {
    distribution: spec?.collector?.distribution ?? 'auto',
    topology: spec?.topology?.type ?? 'PerSignal',
    capBytes: DEFAULT_CAP_BYTES,
    settings: gatewaySettings(telemetry?.resource),
    cluster: clusterSettings(facts, telemetry?.resource),
  };
}
