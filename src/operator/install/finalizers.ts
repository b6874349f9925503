import { RESOURCE_KINDS } from '../../apis/index.ts';
import { isNotFound, type KubeClient, type KubeObject } from '../../kube/index.ts';
import { type ChangedObject, changedObject } from './installed-object.ts';
import { DEFINITION, type Definition, definitionName, isStoredInOlder, storedType } from './storage-migration.ts';

/** Prefixes of our own and of upstream's, and what upstream's first operator called its own. */
const OWN_PREFIXES = ['telemetry.kyma-project.io/', 'operator.kyma-project.io/', 'sluice.io/'];
const OLD_NAMES = [
  'FLUENT_BIT_SECTIONS_CONFIG_MAP',
  'FLUENT_BIT_FILES',
  'FLUENT_BIT_SECRETS',
  'FLUENT_BIT_PARSERS_CONFIG_MAP',
];

/** Nobody but an operator of telemetry takes it off. */
export function isTelemetryFinalizer(finalizer: string): boolean {
  return OLD_NAMES.includes(finalizer) || OWN_PREFIXES.some((prefix) => finalizer.startsWith(prefix));
}

/** Takes finalizers off every custom resource, so that nothing hangs when nobody is left to answer it. */
export async function removeFinalizers(client: KubeClient): Promise<readonly ChangedObject[]> {
  const changes: ChangedObject[] = [];
  for (const kind of RESOURCE_KINDS) {
    const definition = await client.get<Definition>(DEFINITION, { name: definitionName(kind) });
    // What is stored in an older version cannot be read where nobody converts it.
    if (definition === undefined || isStoredInOlder(definition)) continue;
    const type = storedType(kind);
    const { items } = await client.list(type);
    for (const { metadata } of items) {
      const held = metadata.finalizers ?? [];
      const kept = held.filter((finalizer) => !isTelemetryFinalizer(finalizer));
      if (kept.length === held.length) continue;
      await tolerateGone(client.mergePatch<KubeObject>(type, metadata, { metadata: { finalizers: kept } }));
      changes.push(changedObject('configured', { kind, metadata }, 'finalizer removed'));
    }
  }
  return changes;
}

async function tolerateGone(change: Promise<unknown>): Promise<void> {
  try {
    await change;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
