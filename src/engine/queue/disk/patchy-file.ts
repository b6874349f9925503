import { errorCode } from '../../../lib/index.ts';
import type { QueueFile } from './files.ts';

/** What a disk gives or does not give as one, mostly. */
const PIECE_BYTES = 4096;
/** Each may take a disk many seconds: with more of them the file is not read now. */
const MAX_HOLES = 16;

/** A file on a disk that does not give back all of it: those pieces read as zeros, so that what stands around them is found. */
export class PatchyFile {
  readonly #file: QueueFile;
  readonly #holes = new Set<number>();

  constructor(file: QueueFile) {
    this.#file = file;
  }

  get hasHoles(): boolean {
    return this.#holes.size > 0;
  }

  /** As many bytes as there are, up to `length`; rejects where too much cannot be read. */
  async read(position: number, length: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafeSlow(length);
    if (!this.hasHoles) {
      try {
        return bytes.subarray(0, await this.#file.read(bytes, position));
      } catch (error) {
        if (errorCode(error) !== 'EIO') throw error;
      }
    }
    for (let done = 0; done < length; ) {
      const at = position + done;
      const piece = bytes.subarray(done, done + Math.min(length - done, PIECE_BYTES - (at % PIECE_BYTES)));
      const count = await this.#readPiece(piece, at);
      done += count;
      if (count < piece.length) return bytes.subarray(0, done);
    }
    return bytes;
  }

  async #readPiece(piece: Buffer, at: number): Promise<number> {
    const hole = at - (at % PIECE_BYTES);
    if (!this.#holes.has(hole)) {
      try {
        return await this.#file.read(piece, at);
      } catch (error) {
        if (errorCode(error) !== 'EIO' || this.#holes.size === MAX_HOLES) throw error;
        this.#holes.add(hole);
      }
    }
    piece.fill(0);
    return piece.length;
  }
}
