import type { KubeClient } from '../../kube/index.ts';
import { type Clock, CodedError } from '../../lib/index.ts';
import { removeForeign } from './adopt.ts';
import { applyBundle, pruneBundle } from './apply-bundle.ts';
import { removeFinalizers } from './finalizers.ts';
import { type BundleOptions, installBundle } from './install-bundle.ts';
import type { ChangedObject } from './installed-object.ts';
import { operatorLacks } from './readiness.ts';
import { type Migrated, migrateStorage } from './storage-migration.ts';
import { waitUntil } from './wait-until.ts';

export interface InstallClusterOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly bundle: BundleOptions & { readonly namespace: string };
  /** Take over what upstream's manager left. */
  readonly adopt: boolean;
  /** Ask the API server what would change, and change nothing. */
  readonly dryRun: boolean;
  /** Wait until the operator is ready; without it stored objects of older versions stay as they are. */
  readonly wait: boolean;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  tell(step: InstallStep): void;
}

export type InstallStep =
  | { readonly step: 'object'; readonly change: ChangedObject }
  | { readonly step: 'waiting'; readonly for: string }
  | { readonly step: 'migrated'; readonly migrated: Migrated };

export interface Installed {
  readonly objects: readonly ChangedObject[];
  readonly migrated: readonly Migrated[];
}

/**
 * Installs or upgrades: the same steps, each of which changes nothing where nothing differs. Rejects with the ApiError of what is
 * refused, or a CodedError `timeout` that says what is not ready and why; what was applied until then stays.
 */
export async function installCluster(options: InstallClusterOptions): Promise<Installed> {
  const { client, clock, bundle, adopt, dryRun, wait, timeoutMs, signal, tell } = options;
  const manifests = installBundle(bundle);
  const waiting = { clock, deadlineMs: clock.monotonicMs() + timeoutMs, ...(signal === undefined ? {} : { signal }) };
  const { namespace } = bundle;
  const tellChange = (change: ChangedObject) => tell({ step: 'object', change });
  const applying = { client, dryRun, waiting, tell: tellChange, namespace };
  const removed = adopt ? await removeForeign(applying) : [];
  const applied = await applyBundle(manifests, applying);
  const pruned = await pruneBundle(manifests, applying);
  const objects = [...removed, ...applied, ...pruned];
  if (dryRun || !wait) return { objects, migrated: [] };
  tell({ step: 'waiting', for: 'the operator' });
  await waitUntil(() => operatorLacks(client, namespace), waiting);
  const migrated = await eventually(() => migrateStorage(client), waiting);
  for (const one of migrated) tell({ step: 'migrated', migrated: one });
  const freed = adopt ? await removeFinalizers(client) : [];
  for (const change of freed) tellChange(change);
  return { objects: [...objects, ...freed], migrated };
}

/** Conversion works a moment after the operator is ready, when the API server has seen its certificate. */
async function eventually<T>(work: () => Promise<T>, waiting: Parameters<typeof waitUntil>[1]): Promise<T> {
  let result: { readonly value: T } | undefined;
  await waitUntil(async () => {
    try {
      result = { value: await work() };
      return undefined;
    } catch (error) {
      return `stored objects cannot be rewritten in the current version: ${(error as Error).message}`;
    }
  }, waiting);
  if (result === undefined) throw new CodedError('timeout', 'stored objects were not rewritten');
  return result.value;
}
