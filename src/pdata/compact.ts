/** What a view may waste: a copy for less costs more than it saves. */
const SLACK_BYTES = 256;

/**
 * The bytes, copied if they are a small part of a larger buffer. For data that stays: requests arrive in slabs that many share, and one
 * that is kept while its neighbours go would keep all of their memory, a thousand times what a limit in bytes counts.
 */
export function compactBytes(bytes: Uint8Array): Uint8Array {
  return bytes.buffer.byteLength > 2 * bytes.length + SLACK_BYTES ? new Uint8Array(bytes) : bytes;
}
