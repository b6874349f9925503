import { isAbsolute, resolve } from 'node:path';
import type { Issue } from '../../diagnostics/index.ts';
import {
  type ComponentId,
  componentType,
  type OtelcolConfig,
  type PipelineId,
  pipelineSignal,
} from '../../otelcol/index.ts';
import type { Signal } from '../../pdata/index.ts';
import { type QueueStorage, queueDirectory } from '../queue/queue-storage.ts';
import type { Registry } from '../registry.ts';
import { settingsOf } from '../settings/normalise.ts';
import { defaultQueue, type Sizer, storageReference } from '../settings/queue.ts';

type Path = readonly (string | number)[];

interface Reference {
  readonly exporter: ComponentId;
  readonly queue: { readonly sizer?: Sizer; readonly block_on_overflow?: boolean };
  readonly storage: ComponentId;
  /** Of the queue's section. */
  readonly path: Path;
}

/** What queues on disk ask of the rest: a storage that is one, a folder of their own, and one pipeline in front of each. */
export function checkStorage(config: OtelcolConfig, registry: Registry): Issue[] {
  const references = (Object.keys(config.exporters) as ComponentId[]).flatMap((id) => referencesOf(config, id));
  const checks = references.map((reference) => ({
    reference,
    storage: storageOf(config, registry, reference.storage),
  }));
  return [
    ...checks.flatMap(({ reference, storage }) =>
      storage === undefined
        ? [notAStorage(config, reference)]
        : [...checkQueueKeys(reference, storage), ...checkOnePipeline(config, reference, storage)],
    ),
    ...checkFolders(config, checks),
  ];
}

/** Where one exporter names a storage for its queue, if it does. */
function referencesOf(config: OtelcolConfig, exporter: ComponentId): Reference[] {
  const found = storageReference(config.exporters[exporter]);
  if (found === undefined) return [];
  const { queue, storage, section } = found;
  return [{ exporter, queue, storage, path: ['exporters', exporter, section] }];
}

function storageOf(config: OtelcolConfig, registry: Registry, id: ComponentId): QueueStorage | undefined {
  const factory = registry.extensions[componentType(id)];
  if (!Object.hasOwn(config.extensions, id) || !config.service.extensions.includes(id)) return undefined;
  return factory?.storage?.(settingsOf(config.extensions[id], factory.schema));
}

function notAStorage(config: OtelcolConfig, { storage, path }: Reference): Issue {
  const runs = Object.hasOwn(config.extensions, storage) && config.service.extensions.includes(storage);
  const message = runs
    ? `extension \`${storage}\` is no storage for queues`
    : `storage \`${storage}\` is not an extension of the service`;
  const help = runs
    ? 'name an extension of type sluice_queue or file_storage'
    : 'define it under `extensions` and name it in `service.extensions`';
  return { code: 'SL0406', severity: 'error', message, path: [...path, 'storage'], help };
}

function checkQueueKeys({ queue, path }: Reference, storage: QueueStorage): Issue[] {
  const issues: Issue[] = [];
  const onDisk = storage.directory !== undefined;
  if (onDisk && queue.block_on_overflow === true) {
    const message = 'a queue on disk refuses senders when it is full, the engine does not let them wait for it';
    const help = 'remove `block_on_overflow`; senders are told to try again';
    issues.push({ code: 'SL0107', severity: 'error', message, path: [...path, 'block_on_overflow'], help });
  }
  if (!onDisk && storage.onFull !== 'block' && queue.block_on_overflow === true) {
    const message = `\`block_on_overflow\` and \`on_full: ${storage.onFull}\` exclude each other`;
    issues.push({ code: 'SL0114', severity: 'error', message, path: [...path, 'block_on_overflow'] });
  }
  if (onDisk && !storage.shared && (queue.sizer ?? defaultQueue.sizer) !== 'bytes') {
    const message = 'a queue on disk is limited in bytes, as a disk is';
    const help = 'add `sizer: bytes`, and `queue_size` in bytes';
    const key = queue.sizer === undefined ? 'storage' : 'sizer';
    issues.push({ code: 'SL0105', severity: 'error', message, path: [...path, key], help });
  }
  return issues;
}

/** What is found on disk at the start must belong to one account. */
function checkOnePipeline(config: OtelcolConfig, { exporter, path }: Reference, storage: QueueStorage): Issue[] {
  if (storage.directory === undefined) return [];
  const seen = new Map<Signal, PipelineId>();
  return endingIn(config, exporter).flatMap((pipeline): Issue[] => {
    const signal = pipelineSignal(pipeline);
    const other = seen.get(signal);
    if (other === undefined) {
      seen.set(signal, pipeline);
      return [];
    }
    const message = `pipelines \`${other}\` and \`${pipeline}\` end in \`${exporter}\`, whose queue is on disk: what is found there at the start could be of either`;
    const help = 'give each pipeline an exporter of its own, or join them with a `forward` connector';
    return [{ code: 'SL0107', severity: 'error', message, path: [...path, 'storage'], help }];
  });
}

function endingIn(config: OtelcolConfig, exporter: ComponentId): PipelineId[] {
  const { pipelines } = config.service;
  return (Object.keys(pipelines) as PipelineId[]).filter((id) => pipelines[id]!.exporters.includes(exporter));
}

interface Check {
  readonly reference: Reference;
  readonly storage: QueueStorage | undefined;
}

/** Two queues in one folder would each take the other's files for its own. */
function checkFolders(config: OtelcolConfig, checks: readonly Check[]): Issue[] {
  const owners = new Map<string, ComponentId>();
  const issues: Issue[] = [];
  for (const { reference, storage } of checks) {
    if (storage === undefined) continue;
    const { exporter } = reference;
    const clash = foldersOf(config, exporter, storage)
      .map((folder) => ({ folder, owner: owners.get(folder) }))
      .find(({ owner }) => owner !== undefined && owner !== exporter);
    for (const folder of foldersOf(config, exporter, storage)) if (!owners.has(folder)) owners.set(folder, exporter);
    if (clash === undefined) continue;
    issues.push({
      code: 'SL0420',
      severity: 'error',
      message: `\`${exporter}\` would keep its queue in \`${clash.folder}\`, where \`${clash.owner}\` keeps its own`,
      path: [...reference.path, 'storage'],
      help: 'give each exporter an extension with a directory of its own',
    });
  }
  return issues;
}

function foldersOf(config: OtelcolConfig, id: ComponentId, storage: QueueStorage): string[] {
  const signals = new Set(endingIn(config, id).map(pipelineSignal));
  const queues = [...signals].flatMap((signal) => queueDirectory(storage, { id, signal }) ?? []);
  const { deadLetters } = storage;
  // One `sluice_queue` is one exporter's, whatever its signals are.
  const roots = storage.shared || storage.directory === undefined ? [] : [storage.directory];
  return [...queues, ...roots, ...(deadLetters === undefined ? [] : [deadLetters.directory])].map((path) =>
    isAbsolute(path) ? resolve(path) : path,
  );
}
