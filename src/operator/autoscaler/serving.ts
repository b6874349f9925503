import { isNotFound, type KubeClient, type KubeLog, type KubeObject } from '../../kube/index.ts';
import { errorCode } from '../../lib/index.ts';
import { SERVING_PODS } from '../../render/index.ts';
import { POD } from '../resource-types.ts';

export interface ServingOptions {
  readonly client: Pick<KubeClient, 'mergePatch'>;
  readonly log: KubeLog;
  /** Names of Pods that are to get no new data. */
  readonly draining: ReadonlySet<string>;
}

const [LABEL, SERVES] = Object.entries(SERVING_PODS)[0]!;
const EMPTIED = 'false';

/**
 * Takes Pods that are emptied out of the Services, and puts all others back, by the label that Services select. What cannot be
 * written is told and tried again with the next call; a Pod that is gone needs nothing.
 */
export async function applyServing(
  pods: readonly KubeObject[],
  { client, log, draining }: ServingOptions,
): Promise<void> {
  for (const { metadata } of pods) {
    const { name, namespace, labels } = metadata;
    const wanted = draining.has(name) ? EMPTIED : SERVES;
    if (labels?.[LABEL] === undefined || labels[LABEL] === wanted) continue;
    const ref = namespace === undefined ? { name } : { name, namespace };
    try {
      await client.mergePatch(POD, ref, { metadata: { labels: { [LABEL]: wanted } } });
    } catch (error) {
      if (!isNotFound(error))
        log.warn('a Pod keeps its label', { pod: name, wanted, error: errorCode(error) ?? 'unknown' });
    }
  }
}
