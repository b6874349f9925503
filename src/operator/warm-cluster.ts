import type { ResourceKind } from '../apis/index.ts';
import { createDiscovery, type ResourceType } from '../kube/index.ts';
import { errorMessage, type Timer } from '../lib/index.ts';
import type { ManifestOptions } from '../render/index.ts';
import type { ClusterFacts } from '../topology/index.ts';
import { type ClusterCompiler, createClusterCompiler } from './compile/cluster-compiler.ts';
import type { OperatorOptions } from './options.ts';
import { APPLIED_WHERE_SERVED, HTTP_ROUTE } from './resource-types.ts';
import { type AskedFacts, askFacts, clusterFacts, hasIpv6Nodes } from './watch/cluster-facts.ts';
import { type ClusterWatch, createClusterWatch } from './watch/cluster-watch.ts';
import { createSecretWatch, type SecretWatch } from './watch/secret-watch.ts';

/** Everything that is read of the cluster; every replica has it, so that a new leader knows what the old one knew. */
export interface WarmCluster {
  readonly watch: ClusterWatch;
  readonly secrets: SecretWatch;
  readonly compiler: ClusterCompiler;
  facts(): ClusterFacts;
  cluster(): Pick<ManifestOptions, 'gatewayApi' | 'kubernetesMinor' | 'ipv6Nodes'>;
  stop(): Promise<void>;
}

export interface WarmClusterListeners {
  /** The cluster begins to be read. */
  reading(watch: Pick<ClusterWatch, 'awaitsConversion'>): void;
  /** Something that decides what runs. */
  input(): void;
  /** Something that was applied, or a Pod. */
  workload(): void;
  /** A custom resource, be it its status alone. */
  resource(kind: ResourceKind, name: string): void;
  /** Kinds that were not served when this began are served now, or the other way round: it has to be begun anew. */
  outdated(): void;
}

/** What hardly changes is asked for so often. */
const ASK_MS = 5 * 60_000;

/** Resolves when everything is known. */
export async function startWarmCluster(
  options: OperatorOptions,
  listeners: WarmClusterListeners,
  signal: AbortSignal,
): Promise<WarmCluster> {
  const { client, clock, log, random, namespace } = options;
  const discovery = createDiscovery({ client, clock });
  let asked: AskedFacts = await askFacts(client, discovery);
  const served = async () => {
    const answers = await Promise.all(APPLIED_WHERE_SERVED.map((type) => discovery.serves(type)));
    return APPLIED_WHERE_SERVED.filter((_, i) => answers[i]);
  };
  const optionalTypes: readonly ResourceType[] = await served();
  signal.throwIfAborted();
  const secrets = createSecretWatch({ client, clock, log, random, onChange: listeners.input });
  const watch = createClusterWatch({
    client,
    clock,
    log,
    random,
    namespace,
    optionalTypes,
    onResource(kind, { before, after }, isWritten) {
      if (isWritten) listeners.input();
      listeners.resource(kind, (after ?? before)!.metadata.name);
    },
    onWorkload: listeners.workload,
    onNode: listeners.input,
  });
  let timer: Timer | undefined;
  const askAgain = async () => {
    try {
      const [next, types] = [await askFacts(client, discovery), await served()];
      if (JSON.stringify(types) !== JSON.stringify(optionalTypes)) listeners.outdated();
      if (JSON.stringify(next) !== JSON.stringify(asked)) {
        asked = next;
        listeners.input();
      }
    } catch (error) {
      log.warn('cannot ask the API server what it serves', { error: errorMessage(error) });
    }
    if (!signal.aborted) timer = clock.after(ASK_MS, () => void askAgain());
  };
  timer = clock.after(ASK_MS, () => void askAgain());
  listeners.reading(watch);
  watch.start();
  const stop = async () => {
    timer?.cancel();
    await Promise.all([watch.stop(), secrets.stop()]);
  };
  const onAbort = () => void stop();
  signal.addEventListener('abort', onAbort, { once: true });
  await watch.whenSynced();
  signal.removeEventListener('abort', onAbort);
  return {
    watch,
    secrets,
    compiler: createClusterCompiler(options.certificates),
    facts: () => clusterFacts(asked, { namespace, nodes: watch.nodes, fallbackName: options.clusterName }),
    cluster: () => ({
      gatewayApi: optionalTypes.includes(HTTP_ROUTE),
      kubernetesMinor: asked.kubernetesMinor,
      ipv6Nodes: hasIpv6Nodes(watch.nodes.list()),
    }),
    stop,
  };
}
