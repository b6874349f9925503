/**
 * What the disk queue asks of the system, and nothing else: the seam where tests put a layer that loses, tears and
 * reorders what was not synced. Everything rejects with the errors of `node:fs` (`code`), and nothing blocks.
 */
export interface QueueFiles {
  /** With its parents; what was made survives a loss of power. No failure when it is there. */
  makeDirectory(path: string): Promise<void>;
  /** What lies in a folder, in no order. */
  list(directory: string): Promise<readonly ListedFile[]>;
  /**
   * A new file, to read and write; rejects when it exists. `synced`: what is written to it survives a loss of power once `write`
   * has resolved; where that rejects, nobody knows what of it does.
   */
  create(path: string, mode: 'plain' | 'synced'): Promise<QueueFile>;
  /** An existing file; one to read alone can be had of a disk that takes no writes. */
  open(path: string, use: 'read' | 'write'): Promise<QueueFile>;
  /** Gives a file another name, whose file it replaces; whenever that is looked at, it is one of the two. */
  rename(from: string, to: string): Promise<void>;
  /** No failure when it is gone already. */
  remove(path: string): Promise<void>;
  /** Makes the creation and renaming of files in a folder survive a loss of power. */
  syncDirectory(path: string): Promise<void>;
  /** Claims a folder for this process, until it ends, however it ends, or until it is released. */
  lock(directory: string): Promise<DirectoryLock>;
  /** 32 bits that nobody outside can guess. */
  nonce(): number;
}

export interface ListedFile {
  readonly name: string;
  readonly bytes: number;
  /** False: a folder, a socket, whatever else has a name. */
  readonly isFile: boolean;
}

export interface QueueFile {
  /** As many bytes as there are, up to the length of `into`; returns how many. */
  read(into: Uint8Array, position: number): Promise<number>;
  /** All of the parts, one after the other, or it rejects with some of them written. */
  write(parts: readonly Uint8Array[], position: number): Promise<void>;
  /** What was written, or cut off, survives a loss of power. */
  sync(): Promise<void>;
  truncate(bytes: number): Promise<void>;
  close(): Promise<void>;
}

export type DirectoryLock =
  | { readonly status: 'locked'; release(): Promise<void> }
  | { readonly status: 'held'; readonly by: string };
