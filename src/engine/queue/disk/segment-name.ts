/** What the name of a segment's files says of it. */
export interface SegmentName {
  /** No record of it has a smaller id. */
  readonly firstId: number;
  readonly nonce: number;
}

/**
 * `segment` has the records, `settled` the ids that are done with, `index` what the headers say; `copy` is to become `segment`,
 * and nothing until it does.
 */
export type SegmentPart = 'segment' | 'settled' | 'index' | 'copy';

const NAME = /^(\d{16})-([0-9a-f]{8})\.(segment|settled|index|copy)$/;

export function fileName(name: SegmentName, part: SegmentPart): string {
  return `${String(name.firstId).padStart(16, '0')}-${name.nonce.toString(16).padStart(8, '0')}.${part}`;
}

export function parseFileName(text: string): { readonly name: SegmentName; readonly part: SegmentPart } | undefined {
  const match = NAME.exec(text);
  if (match === null) return undefined;
  const name = { firstId: Number(match[1]), nonce: Number.parseInt(match[2]!, 16) };
  return name.firstId < 2 ** 48 ? { name, part: match[3] as SegmentPart } : undefined;
}
