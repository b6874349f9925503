import { createInformer, type KubeClient, type KubeObject } from '../../src/kube/index.ts';
import { systemClock } from '../../src/lib/index.ts';
import { CUSTOM_RESOURCES } from '../../src/operator/resource-types.ts';
import { recordedLog } from '../testkit/kube.ts';

export interface SeenCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration: number;
  readonly lastTransitionTime: string;
}

/** One version of a custom resource, as the API server told it. */
export interface SeenVersion {
  /** `TracePipeline/demo`. */
  readonly id: string;
  readonly generation: number;
  readonly observedGeneration: number | undefined;
  readonly conditions: readonly SeenCondition[];
}

/** Every version of every custom resource since it was started, in the order of the API server. */
export interface ConditionHistory {
  readonly versions: readonly SeenVersion[];
  stop(): Promise<void>;
}

export async function startConditionHistory(client: KubeClient): Promise<ConditionHistory> {
  const versions: SeenVersion[] = [];
  const informers = Object.values(CUSTOM_RESOURCES).map((type) => {
    const informer = createInformer<KubeObject>({ client, type, clock: systemClock, log: recordedLog() });
    informer.onChange(({ after }) => {
      if (after !== undefined) versions.push(versionOf(after));
    });
    informer.start();
    return informer;
  });
  await Promise.all(informers.map((one) => one.whenSynced()));
  return {
    versions,
    async stop() {
      await Promise.all(informers.map((one) => one.stop()));
    },
  };
}

function versionOf({ kind, metadata, status = {} }: KubeObject): SeenVersion {
  const { conditions = [], observedGeneration } = status as {
    readonly conditions?: readonly SeenCondition[];
    readonly observedGeneration?: number;
  };
  return { id: `${kind}/${metadata.name}`, generation: metadata.generation ?? 0, observedGeneration, conditions };
}
