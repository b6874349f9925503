import type { Clock } from '../../../lib/index.ts';
import type { QueueFile, QueueFiles } from './files.ts';
import { writeIndex } from './index-writer.ts';
import type { Inventory } from './inventory.ts';
import type { RecordReader } from './reader.ts';
import { RecordTable } from './record-table.ts';
import type { Segment } from './segment.ts';
import type { SettlementWriter } from './settlement-writer.ts';

export interface RewriterParts {
  readonly directory: string;
  readonly clock: Clock;
  readonly files: QueueFiles;
  readonly inventory: Inventory;
  readonly reader: RecordReader;
  readonly settlements: SettlementWriter;
  readonly onUnsettled: (segment: Segment) => void;
}

const BLOCK_BYTES = 1024 * 1024;
/** What could not be rewritten is not tried again for so long. */
const FAILED_MS = 10_000;

/**
 * Rewrites a segment without what is settled in it, so that one record that nobody takes does not hold the space of all.
 *
 * A copy with the same ids and nonce is synced and then takes the name of the segment: at any time, whatever crashes, there is one
 * file or the other, and each has every record that is not settled. Order, ids and settlement log stay valid. Until the name
 * has changed hands the copy takes space beyond the limit, at most half of a segment.
 */
export class Rewriter {
  readonly #parts: RewriterParts;

  constructor(parts: RewriterParts) {
    this.#parts = parts;
  }

  /** Never rejects: where it fails the segment stays as it was. */
  async rewrite(segment: Segment): Promise<void> {
    const { clock, files } = this.#parts;
    try {
      await this.#replace(segment);
    } catch {
      segment.restUntilMs = clock.monotonicMs() + FAILED_MS;
      await files.remove(segment.path('copy')).catch(() => undefined);
      return;
    }
    await this.#tidy(segment);
  }

  async #replace(segment: Segment): Promise<void> {
    const { files, inventory, reader } = this.#parts;
    const { table } = segment;
    const rows = liveRows(table);
    const copy = copyOf(table, rows);
    await this.#writeCopy(segment, rows);
    // Nothing is read meanwhile: where a record stands and the file by that name are changed together.
    await reader.inTurn(async () => {
      await files.rename(segment.path('copy'), segment.path('segment'));
      for (const [at, row] of rows.entries()) copy.setState(at, table.state(row));
      inventory.replaceTable(segment, copy);
      await reader.forget(segment).catch(() => undefined);
    });
  }

  async #writeCopy(segment: Segment, rows: readonly number[]): Promise<void> {
    const { files } = this.#parts;
    const from = await files.open(segment.path('segment'), 'read');
    try {
      await files.remove(segment.path('copy'));
      const to = await files.create(segment.path('copy'), 'plain');
      try {
        let at = 0;
        for (const range of rangesOf(segment.table, rows)) {
          await copyRange(from, to, range, at);
          at += range.end - range.start;
        }
        await to.sync();
      } finally {
        await to.close();
      }
    } finally {
      await from.close();
    }
  }

  /** Without any of it a start takes longer, and the log more room. */
  async #tidy(segment: Segment): Promise<void> {
    const { directory, files, settlements, onUnsettled } = this.#parts;
    try {
      // The old file may come back with a loss of power until this is done, and what the log says of it with it.
      await files.syncDirectory(directory);
      await settlements.forget(segment);
      await files.remove(segment.path('settled'));
      segment.settledBytes = 0;
      segment.unwritten = endedDeltas(segment.table);
    } catch {
      // The log goes on where it was.
    }
    if (segment.table.liveCount === 0) return;
    if (segment.unwritten.length > 0) onUnsettled(segment);
    await writeIndex(files, segment);
  }
}

interface Range {
  readonly start: number;
  end: number;
}

function liveRows(table: RecordTable): number[] {
  const rows: number[] = [];
  for (let row = 0; row < table.count; row++) if (table.state(row) !== 'ended') rows.push(row);
  return rows;
}

/** The rows, one record behind the other. */
function copyOf(table: RecordTable, rows: readonly number[]): RecordTable {
  const copy = new RecordTable(table.baseId);
  let offset = 0;
  for (const row of rows) {
    const bytes = table.sizes[row]!;
    copy.add({
      id: table.id(row),
      offset,
      bytes,
      itemCount: table.items[row]!,
      appendedMs: table.times[row]!,
      signal: table.signal(row),
    });
    offset += bytes;
  }
  return copy;
}

/** Where the records stand; those that follow one another as one. */
function rangesOf(table: RecordTable, rows: readonly number[]): Range[] {
  const ranges: Range[] = [];
  for (const row of rows) {
    const start = table.offsets[row]!;
    const end = start + table.sizes[row]!;
    const last = ranges.at(-1);
    if (last?.end === start) last.end = end;
    else ranges.push({ start, end });
  }
  return ranges;
}

async function copyRange(from: QueueFile, to: QueueFile, { start, end }: Range, at: number): Promise<void> {
  const block = Buffer.allocUnsafeSlow(Math.min(BLOCK_BYTES, end - start));
  for (let done = start; done < end; ) {
    const piece = block.subarray(0, Math.min(block.length, end - done));
    if ((await from.read(piece, done)) < piece.length) throw new Error('the segment is shorter than it was');
    await to.write([piece], at + done - start);
    done += piece.length;
  }
}

function endedDeltas(table: RecordTable): number[] {
  const deltas: number[] = [];
  for (let row = 0; row < table.count; row++) if (table.state(row) === 'ended') deltas.push(table.idDeltas[row]!);
  return deltas;
}
