import type { Signal } from '../../pdata/index.ts';
import { mix32 } from '../random.ts';
import { scanItems } from './item-scan.ts';

/** Whether a validated request holds an item that is poisonous: `share` of all items are, and the same ones whenever they are sent. */
export function holdsPoison(signal: Signal, bytes: Uint8Array, share: number): boolean {
  const bound = share * 2 ** 32;
  let found = false;
  const look = (high: number, low: number) => {
    if (mix32(high ^ mix32(low)) < bound) found = true;
  };
  scanItems(signal, bytes, 0, {
    addSequence: (run, sequence) => look(run, sequence >>> 0),
    addHash: look,
  });
  return found;
}
