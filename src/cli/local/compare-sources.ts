import type { SourcesRead } from './input-sources.ts';

/** Files whose text is another one, that came or went, or that can no longer be read. */
export function changedFiles(before: SourcesRead, now: SourcesRead): readonly string[] {
  const texts = (read: SourcesRead) =>
    new Map([...read.files, ...read.secretFiles].map(({ file, text }) => [file, text]));
  const [old, fresh] = [texts(before), texts(now)];
  const names = [...new Set([...old.keys(), ...fresh.keys()])];
  const changed = names.filter((file) => old.get(file) !== fresh.get(file));
  // A path that cannot be read, or can be again, is news too.
  const failed = (read: SourcesRead) => read.issues.map(({ message }) => message).join('\n');
  return changed.length === 0 && failed(before) !== failed(now) ? [...now.unreadable, ...before.unreadable] : changed;
}

/** An editor may empty a file before it writes it. */
export function lostText(before: SourcesRead, now: SourcesRead): boolean {
  const old = new Map(before.files.map(({ file, text }) => [file, text]));
  return now.files.some(({ file, text }) => text.trim() === '' && (old.get(file) ?? '').trim() !== '');
}
