import { createHash } from 'node:crypto';
import { isAlreadyExists, isNotFound, type KubeClient, type KubeLog, type KubeObject } from '../../kube/index.ts';
import { CONFIG_MAP } from '../resource-types.ts';
import { entriesOf, type Memory, memoryOf, packed, unpacked } from './kept-codec.ts';

/** What the leader remembers, in ConfigMaps of its own; nobody else writes them. */
export interface KeptStore {
  /** As it was last loaded or saved. */
  readonly memory: Memory;
  /** Reads it anew: a leader before this one may have written. */
  load(): Promise<void>;
  /** Writes what differs, and nothing where nothing does. Until it resolves, `memory` is the one before. */
  save(next: Memory): Promise<void>;
}

export interface KeptStoreOptions {
  readonly client: KubeClient;
  readonly log: KubeLog;
  readonly namespace: string;
}

const NAME = 'telemetry-last-valid';
const LABEL = 'telemetry.kyma-project.io/remembers';
const LABELS = {
  [LABEL]: 'last-valid',
  'app.kubernetes.io/part-of': 'telemetry',
  'app.kubernetes.io/managed-by': 'sluice',
};
const DESCRIPTION =
  'What the telemetry operator keeps running when an edit is invalid: the last valid specs. Deleting it is harmless while all pipelines are valid.';

/** An object of the API may have 1 MiB; all that is remembered goes into one as long as there is room. */
const MOST_CHARACTERS = 700_000;

/** So many hold what is more. */
const SHARDS = 16;

export function createKeptStore({ client, log, namespace }: KeptStoreOptions): KeptStore {
  let memory: Memory = { kept: new Map(), records: new Map(), queues: new Map() };
  /** By name of the ConfigMap, then by key: the text as it stands there. */
  let stored = new Map<string, ReadonlyMap<string, string>>();

  async function writeShard(name: string, entries: ReadonlyMap<string, string>): Promise<void> {
    const before = stored.get(name);
    const changed = [...entries].filter(([key, text]) => before?.get(key) !== text);
    const gone = [...(before?.keys() ?? [])].filter((key) => !entries.has(key));
    if (before !== undefined && changed.length + gone.length === 0) return;
    const data = Object.fromEntries(changed.map(([key, text]) => [key, packed(text)] as const));
    if (before === undefined) await createShard(name, data);
    else {
      const patch = { binaryData: { ...data, ...Object.fromEntries(gone.map((key) => [key, null])) } };
      try {
        await client.mergePatch(CONFIG_MAP, { namespace, name }, patch);
      } catch (error) {
        if (!isNotFound(error)) throw error;
        stored.delete(name); // deleted by hand
        return writeShard(name, entries);
      }
    }
    stored.set(name, new Map(entries));
  }

  async function createShard(name: string, binaryData: Readonly<Record<string, string>>): Promise<void> {
    const object: KubeObject = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace, labels: LABELS, annotations: { 'kubernetes.io/description': DESCRIPTION } },
      binaryData,
    };
    try {
      await client.create(CONFIG_MAP, object);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      await client.update(CONFIG_MAP, object);
    }
  }

  return {
    get memory() {
      return memory;
    },
    async load() {
      const { items } = await client.list(CONFIG_MAP, { namespace, labelSelector: `${LABEL}=last-valid` });
      stored = new Map(items.map((object) => [object.metadata.name, textsOf(object)]));
      memory = memoryOf([...stored.values()].flatMap((texts) => [...texts.values()]));
      log.info('read what ran before', { resources: memory.kept.size, workloads: memory.records.size });
    },
    async save(next) {
      const all = entriesOf(next);
      if (stored.size > 0 && isStored(all, stored)) {
        memory = next;
        return;
      }
      const shards = shardsOf(all);
      // First what is new, then what is obsolete: whatever ends this in between loses nothing.
      for (const [name, entries] of shards) await writeShard(name, entries);
      for (const name of [...stored.keys()].filter((one) => !shards.has(one))) {
        await client.delete(CONFIG_MAP, { namespace, name });
        stored.delete(name);
      }
      memory = next;
    },
  };
}

function isStored(
  entries: ReadonlyMap<string, string>,
  stored: ReadonlyMap<string, ReadonlyMap<string, string>>,
): boolean {
  const there = new Map([...stored.values()].flatMap((texts) => [...texts]));
  return there.size === entries.size && [...entries].every(([key, text]) => there.get(key) === text);
}

/** By name of the ConfigMap. An entry has its ConfigMap by its key alone, so that none ever moves between two of many. */
function shardsOf(entries: ReadonlyMap<string, string>): ReadonlyMap<string, ReadonlyMap<string, string>> {
  let characters = 0;
  for (const [key, text] of entries) characters += key.length + packed(text).length;
  if (characters <= MOST_CHARACTERS) return new Map([[NAME, entries]]);
  const shards = new Map<string, Map<string, string>>();
  for (const [key, text] of entries) {
    const shard = createHash('sha256').update(key).digest()[0]! % SHARDS;
    const name = `${NAME}-${shard}`;
    shards.set(name, (shards.get(name) ?? new Map<string, string>()).set(key, text));
  }
  return shards;
}

function textsOf(object: KubeObject): ReadonlyMap<string, string> {
  const data = Object.entries((object['binaryData'] ?? {}) as Readonly<Record<string, string>>);
  return new Map(
    data.flatMap(([key, value]) => {
      const text = unpacked(value);
      return text === undefined ? [] : [[key, text] as const];
    }),
  );
}
