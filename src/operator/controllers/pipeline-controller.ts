import type { PipelineKind } from '../../apis/index.ts';
import type { FlowReason, FlowVerdict } from '../../flow/index.ts';
import type { EventRecorder, KubeClient, KubeObject, Store } from '../../kube/index.ts';
import type { Clock } from '../../lib/index.ts';
import { identityOf } from '../../pipeline/index.ts';
import { deliveryConditionsIn } from '../../topology/index.ts';
import type { CompiledPipeline } from '../compile/cluster-compiler.ts';
import { outputText } from '../conditions/output-text.ts';
import { pipelineConditions } from '../conditions/pipeline-conditions.ts';
import { servingMessage, type WorkloadHealth } from '../conditions/workload-health.ts';
import { CUSTOM_RESOURCES } from '../resource-types.ts';
import { carriersOf } from '../rollout/carriers.ts';
import { pipelineEvents } from './pipeline-events.ts';
import type { RunningCluster } from './workloads.ts';
import { conditionsOf, writeStatus } from './written-status.ts';

export interface PipelineControllerOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly events: EventRecorder;
  readonly kind: PipelineKind;
  readonly store: Store<KubeObject>;
  readonly running: () => RunningCluster | undefined;
  /** Undefined before the first judgement. */
  readonly verdictOf: (kind: PipelineKind, name: string) => FlowVerdict | undefined;
}

/** Writes the status of the pipelines of one kind, and nothing else. The key is the name. */
export async function reconcilePipeline(name: string, options: PipelineControllerOptions): Promise<void> {
  const { client, clock, events, kind, store, running, verdictOf } = options;
  const object = store.get({ name });
  const cluster = running();
  const compiled = cluster?.compiled.pipelines.get(identityOf({ kind, name }));
  if (object === undefined || cluster === undefined || compiled === undefined) return;
  const { generation, uid } = object.metadata;
  // Of another generation: the pass that compiles this one comes, and then this is called again.
  if (compiled.generation !== generation || compiled.uid !== uid) return;
  const workloads = workloadsOf(compiled, cluster);
  const flow = verdictOf(kind, name) ?? flowBefore(object);
  const written = await writeStatus(object, {
    client,
    type: CUSTOM_RESOURCES[kind],
    nowMs: clock.nowMs(),
    conditions: pipelineConditions({
      compiled,
      workloads,
      delivery: deliveryConditionsIn(cluster.compiled.rendering.topology, { kind, name }),
      ...(flow && { flow }),
    }),
    fields: {
      output: outputText(object),
      components: workloads.length === 0 ? undefined : workloads.map(({ workload }) => workload).sort(),
      ...(kind === 'LogPipeline' ? { unsupportedMode: compiled.unsupportedMode } : {}),
    },
  });
  if (!written.isWritten) return;
  for (const event of pipelineEvents(written.before, written.after)) events.record({ regarding: object, ...event });
}

/** How the workloads that carry a pipeline are, as far as it concerns the pipeline. */
export function workloadsOf(
  { id, runs }: CompiledPipeline,
  { compiled, health, kept }: RunningCluster,
): readonly WorkloadHealth[] {
  const carriers = carriersOf(compiled.rendering.topology).get(id) ?? [];
  const ranWell = kept.get(id)?.proven?.generation === runs;
  return carriers.flatMap(({ workload }) => {
    const found = health.get(workload);
    if (found === undefined) return [];
    // A rollout for the sake of others, of a workload that serves: nothing changes for this pipeline.
    if (found.state !== 'rolling' || !ranWell || !found.serving) return [found];
    return [{ ...found, state: 'ready', message: servingMessage(workload) }];
  });
}

/** What the operator said before it was started again, until it knows better. */
function flowBefore(object: KubeObject): FlowVerdict | undefined {
  const condition = conditionsOf(object).find(({ type }) => type === 'TelemetryFlowHealthy');
  if (condition === undefined || condition.reason === 'ConfigurationNotGenerated') return undefined;
  const { status, reason, message } = condition;
  return { status, message, reason: reason as FlowReason };
}
