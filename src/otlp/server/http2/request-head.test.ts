import { describe, expect, it } from 'vitest';

import { headerField } from './header-field.ts';
import { isTrailerList, RequestHeads, readRequestHead } from './request-head.ts';

const METHOD = [':method', 'POST'] as const;
const SCHEME = [':scheme', 'http'] as const;
const PATH = [':path', '/v1/traces?x=1'] as const;
const ORDINARY = ['x-tenant', 'a'] as const;

const list = (...fields: readonly (readonly [string, string])[]) => fields.map(([n, v]) => headerField(n, v));

describe('the head of a request', () => {
  it('is read with repeated fields joined', () => {
    const head = readRequestHead(list(METHOD, SCHEME, PATH, ORDINARY, ['x-tenant', 'b'], ['content-length', '12']));
    expect(head).toMatchObject({ method: 'POST', path: '/v1/traces?x=1', contentLength: 12 });
    expect(head?.fields['x-tenant']).toBe('a, b');
  });

  it('takes names of Object.prototype for names', () => {
    expect(readRequestHead(list(METHOD, SCHEME, PATH, ['constructor', 'x']))?.fields['constructor']).toBe('x');
    expect(readRequestHead(list(METHOD, SCHEME, PATH))?.fields['constructor']).toBeUndefined();
  });

  it.each([
    ['without a method', list(SCHEME, PATH)],
    ['without a scheme', list(METHOD, PATH)],
    ['without a path', list(METHOD, SCHEME)],
    ['with an empty path', list(METHOD, SCHEME, [':path', ''])],
    ['with two paths', list(METHOD, SCHEME, PATH, PATH)],
    ['with an unknown pseudo-field', list(METHOD, SCHEME, PATH, [':test', 'x'])],
    ["with an answer's pseudo-field", list(METHOD, SCHEME, PATH, [':status', '200'])],
    ['with a pseudo-field behind another field', list(METHOD, SCHEME, ORDINARY, PATH)],
    ['with two lengths', list(METHOD, SCHEME, PATH, ['content-length', '1'], ['content-length', '1'])],
    ['with a malformed field', list(METHOD, SCHEME, PATH, ['connection', 'close'])],
  ])('%s is malformed', (_what, fields) => {
    expect(readRequestHead(fields)).toBeUndefined();
  });

  it('is remembered by its list', () => {
    const heads = new RequestHeads();
    const first = list(METHOD, SCHEME, PATH);
    const head = heads.of(first);
    expect(heads.of(first)).toBe(head);
    expect(heads.of(list(METHOD, SCHEME, [':path', '/v1/logs']))?.path).toBe('/v1/logs');
    expect(heads.of(first)).toEqual(head);
  });
});

describe('trailers', () => {
  it('hold ordinary fields only', () => {
    expect(isTrailerList(list(ORDINARY))).toBe(true);
    expect(isTrailerList([])).toBe(true);
    expect(isTrailerList(list(ORDINARY, PATH))).toBe(false);
    expect(isTrailerList(list(['Upper', 'x']))).toBe(false);
  });
});
