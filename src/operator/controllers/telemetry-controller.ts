import { PIPELINE_KINDS } from '../../apis/index.ts';
import {
  addFinalizer,
  type EventRecorder,
  type KubeClient,
  type KubeObject,
  removeFinalizer,
} from '../../kube/index.ts';
import type { Clock } from '../../lib/index.ts';
import { SIGNALS } from '../../pdata/index.ts';
import { backlogConditions } from '../backlog/told-backlogs.ts';
import { deletionBlockers, telemetryStatus } from '../conditions/telemetry-conditions.ts';
import { CUSTOM_RESOURCES } from '../resource-types.ts';
import type { ClusterWatch } from '../watch/cluster-watch.ts';
import type { RunningCluster } from './workloads.ts';
import { conditionsOf, writeStatus } from './written-status.ts';

export interface TelemetryControllerOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly events: EventRecorder;
  readonly namespace: string;
  readonly watch: ClusterWatch;
  readonly running: () => RunningCluster | undefined;
}

/** Upstream's: while it is there, the Telemetry resource cannot go before the pipelines have. */
export const TELEMETRY_FINALIZER = 'telemetry.kyma-project.io/finalizer';

/** The Telemetry resource that counts: its status sums up the others', and its deletion waits for them. */
export async function reconcileTelemetry(options: TelemetryControllerOptions): Promise<void> {
  const { client, clock, events, namespace, watch, running } = options;
  const object = watch.telemetry();
  const cluster = running();
  if (object === undefined || cluster === undefined) return;
  const type = CUSTOM_RESOURCES.Telemetry;
  const isBeingDeleted = object.metadata.deletionTimestamp !== undefined;
  const pipelines = PIPELINE_KINDS.flatMap((kind) =>
    watch.resources[kind]
      .list()
      .map((one) => ({ kind, name: one.metadata.name, conditions: conditionsOf(one) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  );
  const facts = { pipelines, parserCount: watch.resources.LogParser.list().length, isBeingDeleted };
  const blockers = deletionBlockers(facts);
  const { backlogs } = cluster;
  // With it goes the place where a backlog can be given up, and perhaps the operator that delivers it.
  if (isBeingDeleted && blockers === '' && backlogs.length === 0) {
    await removeFinalizer(client, type, object, TELEMETRY_FINALIZER);
    return;
  }
  if (!isBeingDeleted) await addFinalizer(client, type, object, TELEMETRY_FINALIZER);
  const { state, conditions } = telemetryStatus({ ...facts, issues: cluster.compiled.telemetryIssues });
  const written = await writeStatus(object, {
    client,
    type,
    nowMs: clock.nowMs(),
    conditions: [...conditions, ...backlogConditions(backlogs)],
    fields: { state, endpoints: endpointsOf(namespace, cluster) },
  });
  if (written.isWritten) tellChanges(object, { events, blockers, ...written });
}

/** Where applications send to; upstream names the deprecated ones only while something takes that signal. */
function endpointsOf(namespace: string, { compiled }: RunningCluster): object {
  const at = (service: string) => ({
    grpc: `http://${service}.${namespace}:4317`,
    http: `http://${service}.${namespace}:4318`,
  });
  const signals = new Set(
    [...compiled.pipelines.values()].flatMap(({ graph }) => (graph === undefined ? [] : graph.signal)),
  );
  const perSignal = SIGNALS.map((signal) => [signal, signals.has(signal) ? at(`telemetry-otlp-${signal}`) : undefined]);
  return { otlp: at('telemetry-otlp'), ...Object.fromEntries(perSignal) };
}

function tellChanges(
  regarding: KubeObject,
  {
    events,
    blockers,
    before,
    after,
  }: Awaited<ReturnType<typeof writeStatus>> & { readonly events: EventRecorder; readonly blockers: string },
): void {
  const isBlocked = (conditions: typeof after) => conditions.some(({ reason }) => reason === 'ResourceBlocksDeletion');
  if (isBlocked(after) && !isBlocked(before)) {
    const note = `the deletion waits until these are deleted: ${blockers}; list them with \`kubectl get kyma-telemetry-pipelines\``;
    events.record({ regarding, type: 'Warning', reason: 'DeletionBlocked', action: 'Delete', note });
  }
  const [was, is] = [before, after].map((conditions) => conditions.find(({ type }) => type === 'Ready'));
  if (is?.reason === 'ValidationFailed' && was?.message !== is.message) {
    events.record({ regarding, type: 'Warning', reason: 'ConfigurationInvalid', action: 'Compile', note: is.message });
  }
}
