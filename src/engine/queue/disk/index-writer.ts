import type { QueueFiles } from './files.ts';
import type { Segment } from './segment.ts';
import { encodeIndex } from './segment-index.ts';

/**
 * Writes the index of a segment that gets no more records. Never rejects: without it the next start reads the headers, which
 * takes longer and is all. What is wrong with the disk is told by whoever needs it.
 */
export async function writeIndex(files: QueueFiles, segment: Segment): Promise<void> {
  const path = segment.path('index');
  try {
    await files.remove(path);
    const file = await files.create(path, 'plain');
    try {
      await file.write([encodeIndex(segment.table, segment.name.nonce, segment.bytes)], 0);
    } finally {
      await file.close();
    }
  } catch {
    await files.remove(path).catch(() => undefined);
  }
}
