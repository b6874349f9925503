import { Type } from '../../lib/index.ts';
import { defineExtension } from '../component.ts';
import { Duration, settingsObject } from '../settings/schema.ts';

/** Source: filestorage factory.go at 0.149. */
const defaultDirectory = '/var/lib/otelcol/file_storage';

/**
 * The Collector's storage, as the queue on disk of every exporter that names it; each has a folder of its own in `directory`.
 * `timeout`, `compaction` and `recreate` are about the file of the Collector's database and have nothing to do here: nobody
 * else opens the queue, what was delivered is given back, and what cannot be read is passed over.
 */
export const fileStorageExtension = defineExtension({
  schema: settingsObject({
    directory: Type.String(),
    create_directory: Type.Boolean(),
    fsync: Type.Boolean(),
    timeout: Duration,
    compaction: Type.Unsafe<object>({ type: 'object' }),
    recreate: Type.Boolean(),
  }),
  storage: (settings) => ({
    directory: settings.directory || defaultDirectory,
    createDirectory: settings.create_directory ?? false,
    shared: true,
    onFull: 'block',
    fsync: settings.fsync ?? false,
  }),
  create: () => ({ start: async () => [], shutdown: async () => {} }),
});
