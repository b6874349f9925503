import { describe, expect, it } from 'vitest';

import { parseEndpoint } from './endpoint.ts';

describe('an endpoint', () => {
  it.each([
    ['localhost:4317', { insecure: true }, false, 'localhost', 4317, ''],
    ['localhost:14317', undefined, true, 'localhost', 14317, ''],
    ['localhost', { insecure: true }, false, 'localhost', 4317, ''],
    ['http://localhost:4317', undefined, false, 'localhost', 4317, ''],
    ['http://localhost:80', undefined, false, 'localhost', 80, ''],
    ['https://backend.example.com', { insecure: true }, true, 'backend.example.com', 4317, ''],
    ['https://backend.example.com:443/otlp/', undefined, true, 'backend.example.com', 443, '/otlp'],
    ['dns:///gateway:4317', { insecure: true }, false, 'gateway', 4317, ''],
    ['dns:gateway:4317', { insecure: true }, false, 'gateway', 4317, ''],
    ['passthrough:///gateway:4317', { insecure: true }, false, 'gateway', 4317, ''],
    ['dns:4317', { insecure: true }, false, 'dns', 4317, ''],
    ['http://[::1]:4317', undefined, false, '::1', 4317, ''],
    ['http://backend/tenants/a:80/b', undefined, false, 'backend', 4317, '/tenants/a:80/b'],
    ['http://user:99@backend/x', undefined, false, 'backend', 4317, '/x'],
  ] as const)('%s', (text, tls, secure, host, port, path) => {
    expect(parseEndpoint(text, tls, 4317)).toMatchObject({ secure, host, port, path });
  });

  it('reads credentials, percent-encoded or not', () => {
    const credentials = (text: string) => parseEndpoint(text, undefined, 4318).credentials;
    expect(credentials('http://host:4318')).toBeUndefined();
    expect(credentials('http://me%40home:p%2Fw@host')).toBe('me@home:p/w');
    expect(credentials('http://50%:off%zz@host')).toBe('50%:off%zz');
  });

  it('never shows credentials', () => {
    expect(parseEndpoint('https://user:secret@host:4317', undefined, 4317).origin).toBe('https://host:4317');
    for (const broken of ['http://user:secret@host:99999', 'user:secret@host:x', 'http://user:sec/ret@host:x']) {
      expect(() => parseEndpoint(broken, undefined, 4317)).toThrow(/^"(http:\/\/)?\*\*\*@host/);
    }
  });

  it.each(['unix:///tmp/otlp.sock', 'dns://10.0.0.1/gateway:4317', 'xds:///gateway'])('%s is not supported', (text) => {
    expect(() => parseEndpoint(text, undefined, 4317)).toThrow(/is not supported, write host:port or dns:/);
  });

  it.each(['', 'http://', 'host:port', ':4317'])('%j is refused', (text) => {
    expect(() => parseEndpoint(text, undefined, 4317)).toThrow(expect.objectContaining({ code: 'invalid_endpoint' }));
  });
});
