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
    ['http://[::1]:4317', undefined, false, '::1', 4317, ''],
  ] as const)('%s', (text, tls, secure, host, port, path) => {
    expect(parseEndpoint(text, tls, 4317)).toMatchObject({ secure, host, port, path });
  });

  it('never shows credentials', () => {
    expect(parseEndpoint('https://user:secret@host:4317', undefined, 4317).origin).toBe('https://host:4317');
  });

  it.each(['', 'http://', 'host:port', ':4317'])('%j is refused', (text) => {
    expect(() => parseEndpoint(text, undefined, 4317)).toThrow(expect.objectContaining({ code: 'invalid_endpoint' }));
  });
});
