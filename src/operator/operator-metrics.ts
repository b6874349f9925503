import type { KubeClient } from '../kube/index.ts';
import { type Clock, MetricsRegistry } from '../lib/index.ts';

/** What the operator tells of itself. */
export interface OperatorMetrics {
  readonly registry: MetricsRegistry;
  /** Runs one reconcile and counts it. */
  measured<T>(controller: string, reconcile: () => Promise<T>): Promise<T>;
}

const SECONDS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 10];

export interface OperatorMetricsOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly isLeader: () => boolean;
  readonly compilations: () => number;
}

export function createOperatorMetrics(options: OperatorMetricsOptions): OperatorMetrics {
  const { client, clock, isLeader, compilations } = options;
  const registry = new MetricsRegistry();
  const leader = { name: 'sluice_operator_leader', help: '1 while this process holds the Lease.' };
  registry.observe(leader, {}, () => (isLeader() ? 1 : 0));
  const compiled = {
    name: 'sluice_operator_compiled_pipelines_total',
    help: 'Pipelines compiled anew: those that changed, or whose Secrets did.',
  };
  registry.observe(compiled, {}, compilations, 'counter');
  const requests = {
    name: 'sluice_operator_api_requests_total',
    help: 'Requests to the API server, by verb and resource.',
  };
  registry.collect(requests, 'counter', function* () {
    for (const [key, count] of client.requests) {
      const [verb = '', resource = ''] = key.split(' ');
      yield [{ verb, resource }, count] as const;
    }
  });
  const reconciles = { name: 'sluice_operator_reconciles_total', help: 'Passes of a controller, by their result.' };
  const durations = { name: 'sluice_operator_reconcile_seconds', help: 'How long a pass of a controller took.' };
  return {
    registry,
    async measured(controller, reconcile) {
      const startMs = clock.monotonicMs();
      let result = 'error';
      try {
        const value = await reconcile();
        result = 'success';
        return value;
      } finally {
        registry.counter(reconciles, { controller, result }).add(1);
        registry.histogram(durations, SECONDS, { controller }).observe((clock.monotonicMs() - startMs) / 1000);
      }
    },
  };
}
