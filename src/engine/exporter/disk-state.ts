import { stat } from 'node:fs/promises';
import { CodedError } from '../../lib/index.ts';
import type { ComponentId } from '../../otelcol/index.ts';
import type { EngineLog } from '../component.ts';
import type { QueueStorage } from '../queue/queue-storage.ts';

/** Messages about changes of a queue's disk. */
export const DISK_LOG = {
  failing: 'disk takes nothing for a queue',
  again: 'disk takes data for a queue again',
} as const;

/** How the disk of one queue is, as it was last told. */
export class DiskState {
  readonly #fields: { readonly exporter: ComponentId; readonly directory: string };
  readonly #log: EngineLog;
  /** Why it takes nothing. */
  failure: string | undefined;
  /** What of the queue could not be read. */
  unreadableBytes = 0;

  constructor(fields: { readonly exporter: ComponentId; readonly directory: string }, log: EngineLog) {
    this.#fields = fields;
    this.#log = log;
  }

  /** It fails, or takes data again (undefined). */
  told(failure: string | undefined): void {
    this.failure = failure;
    if (failure === undefined) this.#log.warn(DISK_LOG.again, this.#fields);
    else this.#log.error(DISK_LOG.failing, { ...this.#fields, error: failure });
  }

  skipped(file: string, bytes: number, reason: string): void {
    this.unreadableBytes += bytes;
    const { exporter } = this.#fields;
    this.#log.error('part of a queue on disk cannot be read', { exporter, file, bytes, reason });
  }
}

/** Rejects where the directory of a storage is to be there, and is not. */
export async function requireDirectory(id: ComponentId, { directory, createDirectory }: QueueStorage): Promise<void> {
  if (createDirectory || directory === undefined) return;
  const found = await stat(directory).catch(() => undefined);
  if (found?.isDirectory() === true) return;
  const message = `the directory ${directory} of the queue of ${id} is not there; make it, or set \`create_directory: true\``;
  throw new CodedError('no_directory', message);
}
