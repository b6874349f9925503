/**
 * One request of several: on the wire, concatenating messages merges them, and a request holds nothing but repeated fields.
 * A single part is returned as it is.
 */
export function mergeRequests(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0];
  const merged = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    merged.set(part, at);
    at += part.length;
  }
  return merged;
}
