import { describe, expect, it } from 'vitest';

import { sniff } from './sniff.ts';

describe('the first bytes of a connection', () => {
  it('tell HTTP/2 from HTTP/1 whose method begins alike', () => {
    expect(sniff(Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'))).toBe('http2');
    expect(sniff(Buffer.from('POST /v1/traces HTTP/1.1\r\n'))).toBe('http1');
    expect(sniff(Buffer.from('PRINT /'))).toBe('http1');
    expect(sniff(Buffer.from('GET / HTTP/1.1\r\n'))).toBe('http1');
    expect(sniff(Buffer.from('OPTIONS * HTTP/1.1\r\n'))).toBe('http1');
    expect(sniff(Buffer.from('POST http://gateway:4318/v1/traces HTTP/1.1\r\n'))).toBe('http1');
  });

  it('decide as soon as they can and never sooner', () => {
    const preface = 'PRI * HTTP/2.0\r\n';
    for (let n = 0; n < 14; n++) expect(sniff(Buffer.from(preface.slice(0, n)))).toBe('more');
    expect(sniff(Buffer.from(preface.slice(0, 14)))).toBe('http2');
    expect(sniff(Buffer.from('POST'))).toBe('more');
    expect(sniff(Buffer.from('POST '))).toBe('more');
    expect(sniff(Buffer.from('POST /'))).toBe('http1');
  });

  it('name a TLS handshake and garbage', () => {
    expect(sniff(Uint8Array.from([0x16, 0x03, 0x01]))).toBe('tls');
    expect(sniff(Uint8Array.from([0x00, 0x00]))).toBe('garbage');
    expect(sniff(Buffer.from('hello\n'))).toBe('garbage');
    expect(sniff(Buffer.from('HELLO\n'))).toBe('garbage');
    expect(sniff(Buffer.alloc(20, 'A'))).toBe('garbage');
    expect(sniff(Buffer.from('INVALID CONNECTION PREFACE\r\n\r\n'))).toBe('garbage');
  });
});
