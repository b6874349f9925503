import type { RequestMetadata } from '../../security.ts';
import type { HeaderList } from './header-field.ts';

/** The head of a well-formed request. */
export interface RequestHead {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** What the peer said it would send; undefined when it did not say. */
  readonly contentLength: number | undefined;
  /** Pseudo-fields among them; repeated fields are joined by a comma. */
  readonly fields: Readonly<Record<string, string>>;
  readonly list: HeaderList;
}

const PSEUDO_FIELDS = [':method', ':scheme', ':path', ':authority'];

/** Undefined for a request that RFC 9113 section 8 calls malformed. */
export function readRequestHead(list: HeaderList): RequestHead | undefined {
  const fields: Record<string, string> = Object.create(null);
  let isBehindPseudo = false;
  for (const { name, value, kind } of list) {
    const known = fields[name];
    if (kind === 'malformed') return undefined;
    if (kind === 'pseudo') {
      if (isBehindPseudo || known !== undefined || !PSEUDO_FIELDS.includes(name)) return undefined;
    } else {
      if (kind === 'length' && known !== undefined) return undefined;
      isBehindPseudo = true;
    }
    fields[name] = known === undefined ? value : `${known}, ${value}`;
  }
  const { ':method': method, ':scheme': scheme, ':path': path, 'content-length': length } = fields;
  if (!method || scheme === undefined || !path) return undefined;
  return { method, path, contentLength: length === undefined ? undefined : Number(length), fields, list };
}

/** The fields of a request with every value of those that come more than once; `:authority` stands in for `host`. */
export function readMetadata({ list, fields }: RequestHead): RequestMetadata {
  const metadata: Record<string, string[]> = Object.create(null);
  for (const { name, value, kind } of list) {
    if (kind === 'pseudo') continue;
    metadata[name] ??= [];
    metadata[name].push(value);
  }
  const { ':authority': authority } = fields;
  if (authority !== undefined) metadata['host'] ??= [authority];
  return metadata;
}

/** Whether a list may stand behind a body. */
export function isTrailerList(list: HeaderList): boolean {
  return list.every(({ kind }) => kind === 'ordinary' || kind === 'length');
}

/** Reads the heads of one connection; the last one is remembered by its list, which the decoder repeats when a sender repeats itself. */
export class RequestHeads {
  #list: HeaderList | undefined;
  #head: RequestHead | undefined;

  of(list: HeaderList): RequestHead | undefined {
    if (list !== this.#list) {
      this.#list = list;
      this.#head = readRequestHead(list);
    }
    return this.#head;
  }
}
