/** Base64 as Go's encoding/base64: decoding skips line ends and takes nothing else that does not belong there. */
export interface Base64Variant {
  readonly alphabet: 'base64' | 'base64url';
  readonly padding: boolean;
}

export const BASE64_VARIANTS: Readonly<Record<string, Base64Variant>> = {
  base64: { alphabet: 'base64', padding: true },
  'base64-raw': { alphabet: 'base64', padding: false },
  'base64-url': { alphabet: 'base64url', padding: true },
  'base64-raw-url': { alphabet: 'base64url', padding: false },
};

const COMMON = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const LETTERS = { base64: `${COMMON}+/`, base64url: `${COMMON}-_` } as const;

export function encodeBase64(
  bytes: Uint8Array,
  { alphabet, padding }: Base64Variant = BASE64_VARIANTS['base64']!,
): string {
  const letters = LETTERS[alphabet];
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at;
    const bits = (bytes[at]! << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    const text = letters[bits >> 18]! + letters[(bits >> 12) & 63]! + letters[(bits >> 6) & 63]! + letters[bits & 63]!;
    parts.push(left >= 3 ? text : text.slice(0, left + 1) + (padding ? '='.repeat(3 - left) : ''));
  }
  return parts.join('');
}

/** Undefined where the text is no base64 of this variant. */
export function decodeBase64(text: string, { alphabet, padding }: Base64Variant): Uint8Array | undefined {
  const dense = text.replace(/[\r\n]/g, '');
  const body = padding ? dense.replace(/={1,2}$/, '') : dense;
  const size = body.length % 4;
  if (size === 1 || (padding && dense.length % 4 !== 0)) return undefined;
  const letters = LETTERS[alphabet];
  const bytes = new Uint8Array(Math.floor((body.length * 3) / 4));
  let bits = 0;
  let held = 0;
  let written = 0;
  for (const letter of body) {
    const value = letters.indexOf(letter);
    if (value === -1) return undefined;
    bits = ((bits << 6) | value) & 0xffffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes[written++] = (bits >> held) & 0xff;
  }
  return bytes;
}
