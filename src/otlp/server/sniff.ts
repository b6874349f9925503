/** What the first bytes of a connection say it speaks. `more`: not enough of them yet. */
export type Sniffed = 'http2' | 'http1' | 'tls' | 'garbage' | 'more';

const HTTP2_START = 'PRI * HTTP/2.0';
const TLS_HANDSHAKE = 0x16;
const LONGEST_METHOD = 16;
const SPACE = 0x20;

function isUpperCase(byte: number): boolean {
  return byte >= 0x41 && byte <= 0x5a;
}

/** How a request target may begin: a path, `*`, or an address with its scheme. */
const TARGET_STARTS = '/*hH';

/**
 * Decides as early as the bytes allow: `PRI * HTTP/2.0` opens HTTP/2; a word in capitals, a space and a request target HTTP/1. A preface
 * of HTTP/2 with a mistake in it is neither.
 */
export function sniff(bytes: Uint8Array): Sniffed {
  if (bytes.length === 0) return 'more';
  if (bytes[0] === TLS_HANDSHAKE) return 'tls';
  let same = 0;
  while (same < bytes.length && same < HTTP2_START.length && bytes[same] === HTTP2_START.charCodeAt(same)) same++;
  if (same === HTTP2_START.length) return 'http2';
  if (same === bytes.length) return 'more';
  let word = 0;
  while (word < bytes.length && isUpperCase(bytes[word])) word++;
  if (word === bytes.length) return word > LONGEST_METHOD ? 'garbage' : 'more';
  if (word === 0 || word > LONGEST_METHOD || bytes[word] !== SPACE) return 'garbage';
  if (word + 1 === bytes.length) return 'more';
  return TARGET_STARTS.includes(String.fromCharCode(bytes[word + 1])) ? 'http1' : 'garbage';
}
