import { errorCode } from '../../../lib/index.ts';
import type { QueueFile, QueueFiles } from './files.ts';
import type { Segment } from './segment.ts';
import { encodeSettlements, SETTLEMENT_BYTES } from './settlements.ts';

const MAX_FILES = 4;

/** Writes settlement logs. What could not be written stays with its segment, for the next time. */
export class SettlementWriter {
  readonly #files: QueueFiles;
  readonly #unsettled = new Set<Segment>();
  /** The logs written to last, which are mostly those that are written to next. */
  readonly #open = new Map<Segment, QueueFile>();

  constructor(files: QueueFiles) {
    this.#files = files;
  }

  add(segment: Segment): void {
    this.#unsettled.add(segment);
  }

  /** Writes all there is, as far as it can; rejects with the first failure. */
  async write(): Promise<void> {
    const failures: unknown[] = [];
    for (const segment of [...this.#unsettled]) {
      if (!this.#unsettled.delete(segment) || segment.unwritten.length === 0) continue;
      const idDeltas = segment.unwritten;
      segment.unwritten = [];
      try {
        const file = await this.#fileOf(segment);
        await file.write([encodeSettlements(idDeltas, segment.name.nonce)], segment.settledBytes);
        segment.settledBytes += idDeltas.length * SETTLEMENT_BYTES;
      } catch (error) {
        // At the same place again: what a failed write left there is written over.
        segment.unwritten = idDeltas.concat(segment.unwritten);
        this.#unsettled.add(segment);
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  /** A segment goes, and its log with it. */
  async forget(segment: Segment): Promise<void> {
    this.#unsettled.delete(segment);
    const file = this.#open.get(segment);
    this.#open.delete(segment);
    await file?.close();
  }

  async close(): Promise<void> {
    const files = [...this.#open.values()];
    this.#open.clear();
    for (const file of files) await file.close();
  }

  async #fileOf(segment: Segment): Promise<QueueFile> {
    const path = segment.path('settled');
    const known = this.#open.get(segment);
    if (known !== undefined) return known;
    const file = await this.#files.open(path, 'write').catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return this.#files.create(path, 'plain');
      throw error;
    });
    this.#open.set(segment, file);
    for (const [other, otherFile] of this.#open) {
      if (this.#open.size <= MAX_FILES) break;
      this.#open.delete(other);
      await otherFile.close();
    }
    return file;
  }
}
