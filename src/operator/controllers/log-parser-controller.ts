import type { KubeClient, KubeObject, Store } from '../../kube/index.ts';
import type { Clock } from '../../lib/index.ts';
import { identityOf } from '../../pipeline/index.ts';
import type { CompiledParser } from '../compile/cluster-compiler.ts';
import { cut } from '../compile/told-condition.ts';
import { healthCondition, type ToldCondition } from '../conditions/pipeline-conditions.ts';
import type { WorkloadHealth } from '../conditions/workload-health.ts';
import { CUSTOM_RESOURCES } from '../resource-types.ts';
import type { RunningCluster } from './workloads.ts';
import { writeStatus } from './written-status.ts';

export interface LogParserControllerOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly store: Store<KubeObject>;
  readonly running: () => RunningCluster | undefined;
}

/** Writes the status of LogParsers; the key is the name. */
export async function reconcileLogParser(name: string, options: LogParserControllerOptions): Promise<void> {
  const { client, clock, store, running } = options;
  const object = store.get({ name });
  const cluster = running();
  const compiled = cluster?.compiled.parsers.get(identityOf({ kind: 'LogParser', name }));
  if (object === undefined || cluster === undefined || compiled === undefined) return;
  const { generation, uid } = object.metadata;
  if (compiled.generation !== generation || compiled.uid !== uid) return;
  await writeStatus(object, {
    client,
    type: CUSTOM_RESOURCES.LogParser,
    nowMs: clock.nowMs(),
    conditions: [parserCondition(compiled, cluster.health.get('fluent-bit'))],
    fields: {},
  });
}

/** A LogParser has one condition, as upstream's had. */
export function parserCondition(
  { generation, runs, issues }: CompiledParser,
  fluentBit: WorkloadHealth | undefined,
): ToldCondition {
  const type = 'AgentHealthy';
  const error = issues.find(({ severity }) => severity === 'error');
  if (error !== undefined) {
    const kept = runs === undefined ? '' : `; generation ${runs} keeps running`;
    const head = runs === undefined ? '' : `generation ${generation} is invalid: `;
    const message = `${head}${cut(error.message, 256 - head.length - kept.length)}${kept}`;
    return { type, status: 'False', reason: 'AgentNotReady', message };
  }
  if (fluentBit === undefined) {
    const message = 'no LogPipeline with an output `http` or `custom` runs, so nothing uses the parser';
    return { type, status: 'True', reason: 'AgentNotRequired', message };
  }
  return healthCondition(type, 'Agent', [fluentBit]);
}
