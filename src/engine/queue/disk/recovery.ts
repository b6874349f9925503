import { join } from 'node:path';
import { errorMessage } from '../../../lib/index.ts';
import type { DiskQueueEvents } from './disk-queue.ts';
import type { ListedFile, QueueFile, QueueFiles } from './files.ts';
import { writeIndex } from './index-writer.ts';
import { PatchyFile } from './patchy-file.ts';
import { MARK_BYTES, mayBeTorn } from './record.ts';
import type { RecordTable } from './record-table.ts';
import { scanSegment } from './scan.ts';
import { Segment } from './segment.ts';
import { decodeIndex } from './segment-index.ts';
import { fileName, parseFileName, type SegmentName, type SegmentPart } from './segment-name.ts';
import { decodeSettlements, SETTLEMENT_BYTES } from './settlements.ts';

export interface Recovery {
  /** In the order of their ids. */
  readonly segments: readonly Segment[];
  /** Larger than every id that the folder tells of. */
  readonly nextId: number;
  /** Files of segments that are gone, and copies that were not finished. */
  readonly leftovers: readonly string[];
}

/** No segment has more ids: what could not be read, or is a newer version's, may have them all, and is read at a later start. */
const ID_SPAN = 2 ** 32;

type Tell = DiskQueueEvents['onUnreadable'];

/**
 * Reads what a folder has: names, indexes and settlement logs, and the headers of the segments that have no index. What
 * cannot be read is told and left where it is; files with other names are nobody's business here.
 */
export async function recover(directory: string, files: QueueFiles, tell: Tell): Promise<Recovery> {
  const listed = new Map((await files.list(directory)).map((file) => [file.name, file]));
  const names: SegmentName[] = [];
  const leftovers: string[] = [];
  for (const { name: text, isFile } of listed.values()) {
    const parsed = parseFileName(text);
    if (parsed === undefined) continue;
    if (parsed.part === 'segment') names.push(parsed.name);
    else if (isFile && (parsed.part === 'copy' || !listed.has(fileName(parsed.name, 'segment')))) {
      leftovers.push(join(directory, text));
    }
  }
  names.sort((a, b) => a.firstId - b.firstId || a.nonce - b.nonce);
  const segments: Segment[] = [];
  let nextId = 1;
  for (const name of names) {
    nextId = Math.max(nextId, name.firstId);
    const segment = await recoverSegment({ directory, files, tell, listed }, name);
    if (segment === undefined || segment.keep) nextId = Math.max(nextId, name.firstId + ID_SPAN);
    if (segment === undefined) continue;
    const { table } = segment;
    if (table.count > 0) nextId = Math.max(nextId, table.id(table.count - 1) + 1);
    segments.push(segment);
  }
  return { segments, nextId, leftovers };
}

interface Folder {
  readonly directory: string;
  readonly files: QueueFiles;
  readonly tell: Tell;
  readonly listed: ReadonlyMap<string, ListedFile>;
}

async function recoverSegment(folder: Folder, name: SegmentName): Promise<Segment | undefined> {
  const { directory, tell } = folder;
  const { bytes, isFile } = folder.listed.get(fileName(name, 'segment'))!;
  const path = join(directory, fileName(name, 'segment'));
  if (!isFile) {
    tell(path, 0, 'it is no file');
    return undefined;
  }
  try {
    const indexed = await readIndex(folder, name, bytes);
    const found = indexed ?? (await readHeaders(folder, name, bytes));
    const settledBytes = await readSettlements(folder, name, found.table);
    const segment = new Segment(directory, name, { ...found, bytes, settledBytes });
    // Looked through once: a process that is killed again and again starts no slower each time.
    if (indexed === undefined && !segment.keep && segment.table.liveCount > 0) await writeIndex(folder.files, segment);
    return segment;
  } catch (error) {
    tell(path, bytes, errorMessage(error));
    return undefined;
  }
}

interface Found {
  readonly table: RecordTable;
  readonly keep: boolean;
}

async function readIndex(folder: Folder, name: SegmentName, segmentBytes: number): Promise<Found | undefined> {
  const bytes = await readPart(folder, name, 'index');
  const table = bytes && decodeIndex(bytes, name, segmentBytes);
  return table && { table, keep: false };
}

/** Reads the headers and tells of what lies between them. */
async function readHeaders(folder: Folder, name: SegmentName, segmentBytes: number): Promise<Found> {
  const path = join(folder.directory, fileName(name, 'segment'));
  const file = await folder.files.open(path, 'read');
  try {
    const patchy = new PatchyFile(file);
    const readAt = (position: number, length: number) => patchy.read(position, length);
    const { table, gaps, hasNewer } = await scanSegment(readAt, name, segmentBytes);
    const reason = patchy.hasHoles ? ', where the disk cannot be read' : '';
    for (const { bytes, why } of gaps) folder.tell(path, bytes, `${why}${reason}`);
    const mayReturn = gaps.length > 0 && patchy.hasHoles;
    const isForeign = table.count === 0 && !mayBeTorn(await readAt(0, Math.min(MARK_BYTES, segmentBytes)), name.nonce);
    return { table, keep: hasNewer || mayReturn || isForeign };
  } finally {
    await file.close();
  }
}

/** Ends what the log says is settled; returns where the log goes on. */
async function readSettlements(folder: Folder, name: SegmentName, table: RecordTable): Promise<number> {
  const bytes = await readPart(folder, name, 'settled');
  if (bytes === undefined) return 0;
  for (const delta of decodeSettlements(bytes, name.nonce)) {
    const row = table.find(name.firstId + delta);
    if (row !== undefined) table.setState(row, 'ended');
  }
  return bytes.length - (bytes.length % SETTLEMENT_BYTES);
}

/** All of a file beside a segment; undefined: there is none, or it cannot be read, which costs time or duplicates, no data. */
async function readPart(folder: Folder, name: SegmentName, part: SegmentPart): Promise<Buffer | undefined> {
  const listed = folder.listed.get(fileName(name, part));
  if (!listed?.isFile) return undefined;
  const path = join(folder.directory, listed.name);
  try {
    const file = await folder.files.open(path, 'read');
    try {
      return await readRange(file, 0, listed.bytes);
    } finally {
      await file.close();
    }
  } catch (error) {
    folder.tell(path, listed.bytes, errorMessage(error));
    return undefined;
  }
}

async function readRange(file: QueueFile, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(length);
  return bytes.subarray(0, await file.read(bytes, position));
}
