import { hash } from 'node:crypto';
import type { FieldReader } from '../../../pdata/index.ts';

/** What no part of an identity holds by chance. */
const SEPARATOR = '\u001e';

/** Attributes whatever their order; `contents` are those of KeyValues. */
export function attributesText(contents: readonly Uint8Array[]): string {
  const texts = contents.map((content) =>
    Buffer.from(content.buffer, content.byteOffset, content.length).toString('latin1'),
  );
  return texts
    .sort()
    .map((text) => `${text.length}:${text}`)
    .join('');
}

export function listedContents(reader: FieldReader, field: number): readonly Uint8Array[] {
  const contents: Uint8Array[] = [];
  while (reader.next()) if (reader.number === field) contents.push(reader.content());
  return contents;
}

export function joinIdentity(...parts: readonly string[]): string {
  return parts.join(SEPARATOR);
}

/** Short, however many attributes there are. */
export function seriesKey(metric: string, attributes: string, point: string): string {
  return hash('sha1', joinIdentity(metric, attributes, point), 'base64');
}
