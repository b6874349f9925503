/**
 * What a field may be used for. `length` is a content-length: it is looked at in a request's head, and an ordinary field elsewhere.
 * https://www.rfc-editor.org/rfc/rfc9113#section-8.2
 */
export type HeaderFieldKind = 'ordinary' | 'length' | 'pseudo' | 'malformed';

/** One line of a header list. Judged once, when it is made: what a table keeps is not judged again with every request. */
export interface HeaderField {
  readonly name: string;
  readonly value: string;
  readonly kind: HeaderFieldKind;
  /** As HPACK and SETTINGS_MAX_HEADER_LIST_SIZE count it. */
  readonly sizeBytes: number;
}

/** In the order of the header block. */
export type HeaderList = readonly HeaderField[];

const ENTRY_OVERHEAD_BYTES = 32;
const COLON = 0x3a;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const LENGTH = /^\d{1,15}$/;
const FORBIDDEN_IN_VALUES = ['\0', '\r', '\n'];
/** Say something about one HTTP/1 connection; in HTTP/2 they can only mislead somebody. */
const CONNECTION_FIELDS: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

export function headerField(name: string, value: string): HeaderField {
  return { name, value, kind: kindOf(name, value), sizeBytes: name.length + value.length + ENTRY_OVERHEAD_BYTES };
}

function kindOf(name: string, value: string): HeaderFieldKind {
  // White space around values, forbidden as well, is let through: the Collector takes it, and senders' header settings contain it.
  if (FORBIDDEN_IN_VALUES.some((character) => value.includes(character))) return 'malformed';
  if (name.charCodeAt(0) === COLON) return 'pseudo';
  if (!TOKEN.test(name) || CONNECTION_FIELDS.has(name)) return 'malformed';
  if (name === 'te') return value.toLowerCase() === 'trailers' ? 'ordinary' : 'malformed';
  if (name === 'content-length') return LENGTH.test(value) ? 'length' : 'malformed';
  return 'ordinary';
}
