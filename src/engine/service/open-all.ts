import { errorCode } from '../../lib/index.ts';
import type { Opening } from './component.ts';

export interface OpenAllOptions {
  /** What the new configuration has no place for; closed where an address of it is needed. */
  readonly leaving: readonly Opening[];
  /** Steps that bring back what was before, last first. */
  readonly undo: (() => void | Promise<void>)[];
}

/** Opens one after the other; rejects with the first error. */
export async function openAll(openings: readonly Opening[], { leaving, undo }: OpenAllOptions): Promise<void> {
  for (const opening of openings) {
    await openOne(opening, { leaving, undo });
    undo.push(() => opening.close(0));
  }
}

/** Each try may meet another address that something in our own process holds. */
async function openOne(opening: Opening, { leaving, undo }: OpenAllOptions): Promise<void> {
  for (;;) {
    try {
      return await opening.open();
    } catch (error) {
      const holder = leaving.find((other) => holds(other, error));
      if (holder === undefined) throw error;
      undo.push(() => holder.open());
      void holder.close(RECEIVER_GRACE_MS);
    }
  }
}

/** How long requests under way at the old listener may take. */
const RECEIVER_GRACE_MS = 10_000;

function holds({ listeners }: Opening, error: unknown): boolean {
  if (errorCode(error) !== 'EADDRINUSE') return false;
  const { port } = error as { readonly port?: number };
  return listeners.some((listener) => listener.port === port);
}
