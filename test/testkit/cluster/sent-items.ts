import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Signal } from '../../../src/pdata/index.ts';

/** One attempt of a sender in a Pod. */
export interface SentItem {
  readonly id: string;
  readonly signal: Signal;
  readonly attempt: number;
  readonly atMs: number;
  readonly tookMs: number;
  readonly error?: string;
  readonly outcome: 'acknowledged' | 'again' | 'failed';
}

/** All attempts that senders have written into a folder so far. */
export function sentItems(folder: string): readonly SentItem[] {
  return readdirSync(folder).flatMap((file) => {
    const lines = readFileSync(join(folder, file), 'utf8').split('\n');
    // The last one may be half written.
    return lines.slice(0, -1).map((line) => JSON.parse(line) as SentItem);
  });
}
