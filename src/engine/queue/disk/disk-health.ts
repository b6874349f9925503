/** What the queue does on the disk, each of which can fail while the others go on. */
export type DiskTask = 'append' | 'settle' | 'remove' | 'read';

/** Tells of the disk when it begins to fail and when everything works again, not each time. */
export class DiskHealth {
  readonly #onDisk: (message: string | undefined) => void;
  readonly #failing = new Set<DiskTask>();

  constructor(onDisk: (message: string | undefined) => void) {
    this.#onDisk = onDisk;
  }

  failed(task: DiskTask, message: string): void {
    const isNew = this.#failing.size === 0;
    this.#failing.add(task);
    if (isNew) this.#onDisk(message);
  }

  succeeded(task: DiskTask): void {
    if (this.#failing.delete(task) && this.#failing.size === 0) this.#onDisk(undefined);
  }
}
