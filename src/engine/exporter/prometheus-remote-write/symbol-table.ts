import { WireWriter } from '../../../pdata/index.ts';

/** The field of a request that holds the texts. */
const SYMBOLS = 4;
/** Tag, and a length of up to two bytes. */
const PREFIX_BYTES = 3;

/** The texts that a request of remote write 2.0 refers to by number. The first is the empty one. */
export class SymbolTable {
  readonly #refs = new Map<string, number>([['', 0]]);
  readonly #symbols: string[] = [''];
  #sizeBytes = PREFIX_BYTES;

  get length(): number {
    return this.#symbols.length;
  }

  /** About what it takes in a request. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  ref(text: string): number {
    const known = this.#refs.get(text);
    if (known !== undefined) return known;
    const ref = this.#symbols.push(text) - 1;
    this.#refs.set(text, ref);
    this.#sizeBytes += Buffer.byteLength(text) + PREFIX_BYTES;
    return ref;
  }

  /** Forgets all but the first `length` texts. */
  cutTo(length: number): void {
    for (const text of this.#symbols.splice(length)) {
      this.#refs.delete(text);
      this.#sizeBytes -= Buffer.byteLength(text) + PREFIX_BYTES;
    }
  }

  encoded(): Uint8Array {
    const writer = new WireWriter(this.#sizeBytes);
    for (const symbol of this.#symbols) writer.stringField(SYMBOLS, symbol);
    return writer.finish();
  }
}
