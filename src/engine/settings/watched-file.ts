import { readFileSync, statSync } from 'node:fs';
import { type Clock, CodedError, errorMessage } from '../../lib/index.ts';

/** How long a look at the file is good for. */
const LOOK_EVERY_MS = 1000;

export interface WatchedFile {
  /** The text, as it is now or was at the last look. Throws CodedError `file_unreadable` if it never could be read. */
  text(): string;
}

/**
 * A file with a secret that somebody else replaces. Looked at when it is asked for, at most once a second, and read again
 * when it has changed; while it cannot be read, its last text stays.
 */
export function watchFile(
  path: string,
  { clock, onError }: { readonly clock: Clock; onError?(message: string): void },
): WatchedFile {
  let known: { readonly text: string; readonly version: string } | undefined;
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  const look = () => {
    const { mtimeMs, size, ino } = statSync(path);
    const version = `${mtimeMs} ${size} ${ino}`;
    if (known?.version !== version) known = { text: readFileSync(path, 'utf8'), version };
    return known.text;
  };
  return {
    text() {
      const nowMs = clock.monotonicMs();
      if (known !== undefined && nowMs - lookedAtMs < LOOK_EVERY_MS) return known.text;
      lookedAtMs = nowMs;
      try {
        return look();
      } catch (cause) {
        const message = `cannot read ${path}: ${errorMessage(cause)}`;
        if (known === undefined) throw new CodedError('file_unreadable', message, { cause });
        onError?.(message);
        return known.text;
      }
    },
  };
}

/** A text that stands in the settings, or in a file, which outweighs it. Throws CodedError `file_unreadable` for an empty file. */
export function textOrFile(value: string | undefined, path: string | undefined, clock: Clock): () => string {
  if (!path) return () => value ?? '';
  const file = watchFile(path, { clock });
  return () => {
    const text = file.text().trim();
    if (text === '') throw new CodedError('file_unreadable', `${path} is empty`);
    return text;
  };
}
