import type { Static } from 'typebox';
import type { Issue } from '../../diagnostics/index.ts';
import { Type } from '../../lib/index.ts';
import { defineExtension } from '../component.ts';
import type { QueueStorage } from '../queue/queue-storage.ts';
import { Duration, durationMs, oneOf, settingsObject } from '../settings/schema.ts';

const SluiceQueueConfig = settingsObject({
  directory: Type.String(),
  on_full: oneOf('block', 'drop_oldest', 'drop_newest'),
  max_age: Duration,
  fsync: Type.Boolean(),
  dead_letters: settingsObject({ directory: Type.String(), max_bytes: Type.Integer({ minimum: 1 }) }),
});
type SluiceQueueConfig = Static<typeof SluiceQueueConfig>;

/** What dead letters of one exporter may take where the configuration does not say. */
const DEAD_LETTER_BYTES = 64 * 2 ** 20;

/**
 * The queue of one exporter, with what the Collector's has not: a policy for when it is full, an age limit, dead letters. With
 * a `directory` it is on disk. How large it may be is the exporter's `sending_queue.queue_size`.
 */
export const sluiceQueueExtension = defineExtension({
  schema: SluiceQueueConfig,
  check: checkSluiceQueue,
  storage: parseStorage,
  create: () => ({ start: async () => [], shutdown: async () => {} }),
});

function parseStorage(settings: SluiceQueueConfig): QueueStorage {
  const { directory, on_full: onFull = 'block', fsync = true, dead_letters: dead } = settings;
  const maxAgeMs = durationMs(settings.max_age, 0);
  return {
    createDirectory: true,
    shared: false,
    onFull,
    fsync,
    ...(directory !== undefined && { directory }),
    ...(maxAgeMs > 0 && { maxAgeMs }),
    ...(dead?.directory !== undefined && {
      deadLetters: { directory: dead.directory, maxBytes: dead.max_bytes ?? DEAD_LETTER_BYTES },
    }),
  };
}

function checkSluiceQueue({ directory, max_age: maxAge, dead_letters: dead }: SluiceQueueConfig): Issue[] {
  const issues: Issue[] = [];
  const required = (path: readonly string[]) => {
    const message = `\`${path.join('.')}\` must be the path of a folder`;
    issues.push({ code: 'SL0105', severity: 'error', message, path });
  };
  if (directory === '') required(['directory']);
  if (dead !== undefined && !dead.directory) required(['dead_letters', 'directory']);
  if (durationMs(maxAge, 0) < 0) {
    issues.push({ code: 'SL0105', severity: 'error', message: '`max_age` must not be negative', path: ['max_age'] });
  }
  return issues;
}
