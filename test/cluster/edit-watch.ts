import {
  createInformer,
  type Informer,
  type KubeClient,
  type KubeObject,
  type ListOptions,
  type ResourceType,
} from '../../src/kube/index.ts';
import { systemClock } from '../../src/lib/index.ts';
import { mountedNames } from '../../src/operator/conditions/workload-health.ts';
import { CONFIG_MAP, CUSTOM_RESOURCES, DAEMON_SET, DEPLOYMENT, SECRET } from '../../src/operator/resource-types.ts';
import { APPLIED_LABEL } from '../../src/operator/watch/cluster-watch.ts';
import { recordedLog } from '../testkit/kube.ts';
import { waitFor } from '../testkit/wait-for.ts';

/** How long an edit took, from the moment a watch told of it, in milliseconds. */
export interface EditTimes {
  /** Until a watch told of the configuration that has it. */
  readonly configMs: number;
  /** Until a watch told of the first workload whose template has that configuration. */
  readonly workloadMs: number;
  readonly workload: string;
}

/** Sees edits and what becomes of them, as they reach whoever watches. */
export interface EditWatch {
  /** `host`: what the edit writes and nothing had before. */
  timesOf(host: string, edit: () => Promise<unknown>): Promise<EditTimes>;
  stop(): Promise<void>;
}

interface Moment {
  readonly atMs: number;
  readonly object: KubeObject;
}

export async function startEditWatch(client: KubeClient, namespace: string): Promise<EditWatch> {
  const informers: Informer<KubeObject>[] = [];
  let moments: Moment[] = [];
  const watch = (type: ResourceType, options: ListOptions) => {
    const informer = createInformer<KubeObject>({ client, clock: systemClock, log: recordedLog(), type, ...options });
    informer.onChange(({ after }) => {
      if (after !== undefined) moments.push({ atMs: performance.now(), object: after });
    });
    informers.push(informer);
    informer.start();
    return informer.whenSynced();
  };
  const { TracePipeline, MetricPipeline, LogPipeline } = CUSTOM_RESOURCES;
  const labelSelector = Object.entries(APPLIED_LABEL)[0]!.join('=');
  await Promise.all([
    ...[TracePipeline, MetricPipeline, LogPipeline].map((type) => watch(type, {})),
    watch(SECRET, { namespace: 'default' }),
    ...[CONFIG_MAP, SECRET, DEPLOYMENT, DAEMON_SET].map((type) => watch(type, { namespace, labelSelector })),
  ]);
  const find = (host: string): EditTimes | undefined => {
    const carrying = moments.filter(({ object }) => contentOf(object).includes(host));
    const edit = carrying.find(({ object }) => object.metadata.namespace !== namespace);
    const config = carrying.find(({ object }) => object.metadata.namespace === namespace);
    const controller = moments.find(({ object: { kind, ...object } }) => {
      const isController = kind === 'Deployment' || kind === 'DaemonSet';
      return isController && config !== undefined && mountedNames(object['spec']).has(config.object.metadata.name);
    });
    if (edit === undefined || config === undefined || controller === undefined) return undefined;
    return {
      configMs: config.atMs - edit.atMs,
      workloadMs: controller.atMs - edit.atMs,
      workload: controller.object.metadata.name,
    };
  };
  return {
    async timesOf(host, edit) {
      moments = [];
      await edit();
      const isFound = () => find(host) !== undefined;
      await waitFor(`a workload runs what has \`${host}\``, isFound, { timeoutMs: 30_000, pollMs: 50 });
      return find(host)!;
    },
    async stop() {
      await Promise.all(informers.map((informer) => informer.stop()));
    },
  };
}

/** What somebody wrote, or the text of a configuration. */
function contentOf({ kind, ...object }: KubeObject): string {
  const data = (object['data'] ?? {}) as Readonly<Record<string, string>>;
  if (kind !== 'Secret') return JSON.stringify([object['spec'], data]);
  const texts = Object.values(data).map((value) => Buffer.from(value, 'base64').toString());
  return texts.join('\n');
}
