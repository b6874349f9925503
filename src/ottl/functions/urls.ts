import { EvaluationError, type FunctionSpec } from '../function.ts';
import type { Value } from '../value.ts';
import { getterOf, parameters } from './argument.ts';
import { parseAddress } from './ip.ts';
import { MAX_VALUES } from './limits.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

export const URL_CONVERTERS: readonly FunctionSpec[] = [
  {
    name: 'URL',
    parameters: parameters(['u_r_i', 'StringGetter']),
    doc: 'Makes a map of the parts of a URL, with the names of the semantic conventions, such as url.path.',
    example: 'URL(resource.attributes["url.full"])',
    create([uri]) {
      const textOf = getterOf<string>(uri);
      return (row) => {
        const text = textOf(row);
        if (text === '') throw new EvaluationError('URL: the text is empty');
        return text.startsWith('?') ? queryParts(text.slice(1)) : urlParts(text);
      };
    },
  },
];

interface Parsed {
  readonly scheme: string;
  readonly opaque: string;
  readonly user?: { readonly name: string; readonly password?: string };
  readonly host: string;
  readonly hasAuthority: boolean;
  readonly rawPath: string;
  readonly query: string;
  readonly isQueryForced: boolean;
  readonly rawFragment: string;
}

function urlParts(text: string): Map<string, Value> {
  const parsed = parseUrl(text);
  const { domain, port } = splitHost(parsed.host);
  const path = unescapePart(parsed.rawPath);
  const fragment = unescapePart(parsed.rawFragment);
  const parts = new Map<string, Value>([
    ['url.original', writeUrl(parsed)],
    ['url.domain', domain],
    ['url.scheme', parsed.scheme],
    ['url.path', path],
  ]);
  if (port !== '') parts.set('url.port', toPort(port));
  if (fragment !== '') parts.set('url.fragment', fragment);
  if (parsed.user !== undefined) {
    const { name, password } = parsed.user;
    parts.set('url.user_info', writeUser(parsed.user));
    if (name !== '') parts.set('url.username', name);
    if (password !== undefined) parts.set('url.password', password);
  }
  if (parsed.query !== '') parts.set('url.query', parsed.query);
  const extension = path.slice(path.lastIndexOf('.') + 1);
  if (path.includes('.') && extension !== '') parts.set('url.extension', extension);
  return parts;
}

function toPort(text: string): bigint {
  const port = BigInt(text.slice(0, 30));
  if (text.length > 30 || port >= 1n << 63n) throw invalid('its port is out of range');
  return port;
}

function invalid(why: string): EvaluationError {
  return new EvaluationError(`URL: the text is no URL: ${why}`);
}

/** As Go's url.Parse. */
function parseUrl(text: string): Parsed {
  const [, beforeFragment = '', rawFragment = ''] = /^([^#]*)#?(.*)$/s.exec(text) ?? [];
  if (hasControl(beforeFragment)) throw invalid('it has a control character');
  const base = { scheme: '', opaque: '', host: '', hasAuthority: false, query: '', isQueryForced: false, rawFragment };
  if (beforeFragment === '*') return { ...base, rawPath: '*' };
  const [, scheme = '', afterScheme = beforeFragment] = /^([A-Za-z][A-Za-z0-9+.-]*):(.*)$/s.exec(beforeFragment) ?? [];
  if (beforeFragment.startsWith(':')) throw invalid('its scheme is missing');
  const [, rest = '', query = ''] = /^([^?]*)\??(.*)$/s.exec(afterScheme) ?? [];
  const isQueryForced = query === '' && afterScheme.endsWith('?');
  const common = { ...base, scheme: scheme.toLowerCase(), query, isQueryForced };
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { ...common, opaque: rest, rawPath: '' };
    if (rest.split('/')[0]!.includes(':')) throw invalid('its first segment has a colon');
  }
  const isAbsolute = rest.startsWith('//') && (scheme !== '' || !rest.startsWith('///'));
  if (!isAbsolute) return { ...common, rawPath: rest };
  const [, authority = '', rawPath = ''] = /^\/\/([^/]*)(.*)$/s.exec(rest) ?? [];
  const at = authority.lastIndexOf('@');
  const host = parseHost(authority.slice(at + 1), common.scheme);
  return {
    ...common,
    host,
    hasAuthority: true,
    rawPath,
    ...(at !== -1 && { user: parseUser(authority.slice(0, at)) }),
  };
}

function hasControl(text: string): boolean {
  return [...text].some((character) => character < ' ' || character === '\x7f');
}

function parseUser(text: string): NonNullable<Parsed['user']> {
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(text)) throw invalid('its user has a character that it must not have');
  const colon = text.indexOf(':');
  if (colon === -1) return { name: unescapePart(text) };
  return { name: unescapePart(text.slice(0, colon)), password: unescapePart(text.slice(colon + 1)) };
}

function parseHost(text: string, scheme: string): string {
  const bracket = text.lastIndexOf('[');
  if (bracket > 0) throw invalid('a [ stands within its host');
  const [, literal, afterLiteral = ''] = bracket === 0 ? (/^\[(.*)\]([^\]]*)$/s.exec(text) ?? []) : [];
  if (
    bracket === 0 &&
    (literal === undefined || !literal.includes(':') || parseAddress(literal.split('%25')[0]!, false) === undefined)
  )
    throw invalid('its host is no IPv6 address');
  const colon = scheme === 'http' || scheme === 'https' ? text.indexOf(':') : text.lastIndexOf(':');
  const port = bracket === 0 ? afterLiteral : colon === -1 ? '' : text.slice(colon);
  if (!/^(?::\d*)?$/.test(port)) throw invalid('its port is no number');
  if (/%(?![89a-fA-F][0-9a-fA-F]|25)/.test(text)) throw invalid('its host has an escape that a host must not have');
  if (hasControl(text) || /[ #/?@\\^`{|}]/.test(text)) throw invalid('its host has a character that it must not have');
  return unescapePart(text);
}

function splitHost(host: string): { readonly domain: string; readonly port: string } {
  const [, name = host, port = ''] = /^(.*):(\d*)$/s.exec(host) ?? [];
  const isPort = !host.endsWith(']');
  const domain = isPort ? name : host;
  return { domain: domain.replace(/^\[(.*)\]$/s, '$1'), port: isPort ? port : '' };
}

function unescapePart(text: string, isQuery = false): string {
  if (/%(?![0-9a-fA-F]{2})/.test(text)) throw invalid('it has a % that no hex digits follow');
  const spaced = isQuery ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  const bytes: number[] = [];
  const encoded = encodeUtf8(spaced);
  for (let at = 0; at < encoded.length; at++) {
    const isEscape = encoded[at] === 0x25;
    bytes.push(isEscape ? Number.parseInt(String.fromCharCode(encoded[at + 1]!, encoded[at + 2]!), 16) : encoded[at]!);
    if (isEscape) at += 2;
  }
  return decodeUtf8(Uint8Array.from(bytes));
}

/** Characters that Go leaves as they are in each part; all others are escaped. */
const PLAIN = {
  path: /[A-Za-z0-9\-_.~$&+,/:;=@]/,
  user: /[A-Za-z0-9\-_.~$&+,;=]/,
  host: /[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"]/,
  fragment: /[A-Za-z0-9\-_.~$&+,/:;=?@!()*]/,
} as const;

function escapePart(text: string, plain: RegExp): string {
  let result = '';
  for (const byte of encodeUtf8(text)) {
    const character = String.fromCharCode(byte);
    result += byte < 0x80 && plain.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return result;
}

/** A part as it was written, where that was a valid way to write it. */
function rewrite(raw: string, plain: RegExp): string {
  const isValid = [...raw].every((character) => plain.test(character) || /[!$&'()*+,;=:@[\]%]/.test(character));
  return isValid ? raw : escapePart(unescapePart(raw), plain);
}

function writeUser({ name, password }: NonNullable<Parsed['user']>): string {
  return escapePart(name, PLAIN.user) + (password === undefined ? '' : `:${escapePart(password, PLAIN.user)}`);
}

function writeUrl({
  scheme,
  opaque,
  user,
  host,
  hasAuthority,
  rawPath,
  query,
  isQueryForced,
  rawFragment,
}: Parsed): string {
  let text = scheme === '' ? '' : `${scheme}:`;
  if (opaque !== '') text += opaque;
  else {
    const path = rawPath === '*' ? '*' : rewrite(rawPath, PLAIN.path);
    if (hasAuthority && (host !== '' || rawPath !== '' || user !== undefined)) text += '//';
    if (user !== undefined) text += `${writeUser(user)}@`;
    text += escapePart(host, PLAIN.host);
    text += path;
  }
  if (isQueryForced || query !== '') text += `?${query}`;
  return rawFragment === '' ? text : `${text}#${rewrite(rawFragment, PLAIN.fragment)}`;
}

/** `?a=1&a=2`: a list for each name. */
function queryParts(query: string): Map<string, Value> {
  const parameters = new Map<string, Value[]>();
  const pairs = query.split('&').filter((pair) => pair !== '');
  if (pairs.length > MAX_VALUES) throw new EvaluationError(`URL: more than ${MAX_VALUES} parameters`);
  for (const pair of pairs) {
    if (pair.includes(';')) throw invalid('its query has a semicolon');
    const [, name = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(pair) ?? [];
    const key = unescapePart(name, true);
    parameters.set(key, [...(parameters.get(key) ?? []), unescapePart(value, true)]);
  }
  return parameters.size === 0 ? new Map() : new Map([['query', parameters]]);
}
