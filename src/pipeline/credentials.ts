import { literal, type OtlpOutput } from '../apis/index.ts';
import type { Path } from '../diagnostics/index.ts';
import type { HeaderSetting, OAuth2Setting, SecretText } from './graph.ts';
import { combine, type SecretValues, type TextCheck } from './secret-values.ts';

type Authentication = NonNullable<OtlpOutput['authentication']>;

/** The headers of the output, and the one that basic authentication makes unless the user wrote it; `path` is that of the output. */
export function resolveHeaders(
  path: Path,
  output: Pick<OtlpOutput, 'headers' | 'authentication'>,
  values: SecretValues,
): readonly HeaderSetting[] {
  const headers = (output.headers ?? []).map((header, index): HeaderSetting => {
    const at = [...path, 'headers', index];
    const read = values.read(at, header);
    if (header.valueFrom !== undefined) values.check(at, read, oneLine);
    return { name: literal(header.name), value: prefixed(literal(header.prefix ?? '').trim(), read) };
  });
  const basic = output.authentication?.basic;
  if (basic === undefined || headers.some(({ name }) => isAuthorization(name))) return headers;
  return [...headers, { name: 'Authorization', value: basicAuth([...path, 'authentication', 'basic'], basic, values) }];
}

export function isAuthorization(header: string): boolean {
  return header.toLowerCase() === 'authorization';
}

function prefixed(prefix: string, value: SecretText): SecretText {
  if (prefix === '') return value;
  return combine([value], 'its prefix, a space, and', (text) => `${prefix} ${text}`);
}

/** What must not stand in a header; the backend's client would fail with every request. */
const oneLine: TextCheck = (text) =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be in a header
  /[\u0000-\u0008\u000a-\u001f\u007f]/.test(text)
    ? { code: 'SL0111', message: 'must be one line without control characters', help: lineBreakHelp(text) }
    : undefined;

/** The commonest cause by far. */
export function lineBreakHelp(text: string): string {
  return /[\r\n]$/.test(text)
    ? 'it ends in a line break, as `echo` writes one; make the Secret with `printf %s TEXT`'
    : 'correct the value in the Secret';
}

/**
 * RFC 7617. User and password are taken as they are written, `$$` too: in upstream they reach the Collector in base64,
 * which nothing expands.
 */
function basicAuth(path: Path, basic: NonNullable<Authentication['basic']>, values: SecretValues): SecretText {
  const part = (field: 'user' | 'password') => values.read([...path, field], basic[field], { exact: true });
  return combine(
    [part('user'), part('password')],
    '`Basic `, and base64 of user:password, of',
    (user, password) => `Basic ${base64(`${user}:${password}`)}`,
  );
}

/** Of UTF-8. */
function base64(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(''));
}

/** `path` is that of the `oauth2` field. */
export function resolveOAuth2(
  path: Path,
  oauth2: NonNullable<Authentication['oauth2']>,
  values: SecretValues,
): OAuth2Setting {
  const required = (field: 'tokenURL' | 'clientID' | 'clientSecret', check: TextCheck) => {
    const text = values.read([...path, field], oauth2[field]);
    values.check([...path, field], text, check);
    return text;
  };
  const tokenUrl = required('tokenURL', httpUrl);
  const params = Object.entries(oauth2.params ?? {});
  for (const [name] of params) checkParam([...path, 'params', name], name, values);
  return {
    tokenUrl: tokenUrl.from.length === 0 ? (tokenUrl.text ?? '') : tokenUrl,
    clientId: required('clientID', notEmpty),
    clientSecret: required('clientSecret', notEmpty),
    scopes: (oauth2.scopes ?? []).map(literal),
    params: params.map(([name, value]) => ({ name, value: { text: literal(value), from: [] } })),
  };
}

const notEmpty: TextCheck = (text) => (text === '' ? { code: 'SL0408', message: 'is empty' } : undefined);

const httpUrl: TextCheck = (text) =>
  /^https?:\/\/[^\s/?#]+[^\s]*$/i.test(text)
    ? undefined
    : { code: 'SL0110', message: 'is not a URL with http:// or https://', help: lineBreakHelp(text) };

/** The Collector takes `::` in a key as a path of its own, and would refuse its whole configuration. */
function checkParam(path: Path, name: string, values: SecretValues): void {
  if (name.includes('::')) values.report(path, { code: 'SL0105', message: 'must not have `::` in its name' });
}
