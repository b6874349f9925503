import { errorMessage } from '../../../lib/index.ts';
import { compileResourceEdit } from '../../../pdata/index.ts';
import { type ComponentContext, defineProcessor, type Processor, type StageContext } from '../../component.ts';
import { observeItems } from '../telemetry.ts';
import { Associations } from './association.ts';
import type { ClusterObjects } from './cluster-objects.ts';
import { type EnrichOptions, enrich } from './enrich.ts';
import { DEFAULT_METADATA } from './metadata.ts';
import { checkK8sAttributes, K8sAttributesConfig } from './settings.ts';
import { TagRules } from './tag-rules.ts';

/** Adds to resources what the cluster tells of the Pod that they come from; or, passing through, the address they come from. */
export const k8sAttributesProcessor = defineProcessor({
  schema: K8sAttributesConfig,
  check: checkK8sAttributes,
  create(settings, context) {
    const metadata = new Set(settings.extract?.metadata ?? DEFAULT_METADATA);
    const associations = new Associations(settings.pod_association);
    const tagRules = new TagRules(settings.extract ?? {});
    let cluster: ClusterObjects | undefined;
    return {
      async start() {
        if (settings.passthrough === true) return;
        // Loaded here, so that whoever has no cluster does not pay for its client.
        const { watchCluster } = await import('./cluster-objects.ts');
        const { deps } = context;
        cluster = await watchCluster({ settings, metadata, tagRules, associations, deps, env: process.env });
      },
      attach: (stage) => createStage(context, stage, () => ({ associations, metadata, cluster })),
      shutdown() {
        const stopping = cluster?.stop();
        stopping?.catch((error) => {
          context.deps.log.warn('watching the cluster did not end cleanly', { error: errorMessage(error) });
        });
        cluster = undefined;
      },
    };
  },
});

function createStage(context: ComponentContext, stage: StageContext, options: () => EnrichOptions): Processor {
  const { next, incoming } = observeItems(context, stage);
  const { scratch } = stage;
  const edit = compileResourceEdit<EnrichState>((attributes, state) => enrich(attributes, state.peer, state), isSame);
  return {
    borrows: next.borrows === true,
    consume(batch) {
      incoming.add(batch.itemCount);
      const now = options();
      const peer = plainAddress(batch.peer);
      const writer = scratch.take(next);
      try {
        const bytes = edit(batch.bytes, { ...now, peer, version: now.cluster?.version ?? 0 }, writer);
        return next.consume(bytes === batch.bytes ? batch : { ...batch, bytes });
      } finally {
        scratch.giveBack(writer);
      }
    },
  };
}

/** All that decides what a resource gets. */
interface EnrichState extends EnrichOptions {
  /** Where the data came from. */
  readonly peer: string | undefined;
  /** Of what is known of the cluster. */
  readonly version: number;
}

function isSame(a: EnrichState, b: EnrichState): boolean {
  return a.peer === b.peer && a.version === b.version && a.cluster === b.cluster;
}

/** A listener for both families tells IPv4 addresses as IPv6; Pods have them as they are. */
function plainAddress(address: string | undefined): string | undefined {
  return address?.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/, '');
}
