import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endpointProblem, parseEndpoint } from './endpoint.ts';

describe('parseEndpoint', () => {
  it.each([
    ['localhost:4317', { host: 'localhost', port: '4317' }],
    ['HTTPS://a.b-c.example.com', { scheme: 'https', host: 'a.b-c.example.com' }],
    ['http://[::1]:4318/v1/traces?x=1', { scheme: 'http', host: '[::1]', port: '4318', path: '/v1/traces?x=1' }],
    ['my_host.:1', { host: 'my_host.', port: '1' }],
    ['http://127.0.0.1:4318/', { scheme: 'http', host: '127.0.0.1', port: '4318', path: '/' }],
  ])('takes %s apart', (text, parts) => {
    expect(parseEndpoint(text)).toEqual({ hasCredentials: false, ...parts });
  });

  it.each(['', ':4317', 'http://', 'a b:1', 'dns:///x:1', '::1', '[::1', '-a:1', '[x]:1'])('refuses %j', (text) => {
    expect(parseEndpoint(text)).toBeUndefined();
  });

  it('sees credentials', () => {
    expect(parseEndpoint('http://user:pass@host:1')?.hasCredentials).toBe(true);
    expect(parseEndpoint('http://host:1/a@b')?.hasCredentials).toBe(false);
  });

  it('never throws and answers quickly, whatever it gets', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => void parseEndpoint(text)));
    const started = performance.now();
    for (const part of ['a', '.', '-', '[', '@', ':', '/', 'a.', 'a-']) parseEndpoint(`${part.repeat(20_000)}\u0000`);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('endpointProblem', () => {
  it.each([
    ['grpc', 'localhost:4317'],
    ['grpc', 'http://localhost:4317'],
    ['grpc', 'https://backend.example.com:443/'],
    ['grpc', '[::1]:4317'],
    ['http', 'http://localhost'],
    ['http', 'https://localhost:'],
    ['http', 'http://localhost:/v1'],
    ['http', 'https://api.example.com:443/otlp/v1?tenant=1'],
  ] as const)('accepts %s %s', (protocol, text) => {
    expect(endpointProblem(text, protocol)).toBeUndefined();
  });

  it.each([
    ['grpc', 'localhost', /port/],
    ['grpc', 'https://localhost:', /must have a port/],
    ['grpc', 'localhost:0', /port/],
    ['grpc', 'localhost:65536', /port/],
    ['grpc', 'localhost:http', /port/],
    ['grpc', 'localhost:4317/v1/traces', /path/],
    ['grpc', 'unix://socket:1', /scheme/],
    ['http', 'localhost:4318', /http:\/\//],
    ['http', 'grpc://localhost:4318', /scheme/],
    ['http', 'http://u:CANARY@localhost', /credentials/],
    ['http', 'http://u:CANARY@local host', /credentials/],
    ['http', 'http://u:CANARY', /port/],
  ] as const)('refuses %s %s', (protocol, text, message) => {
    const problem = endpointProblem(text, protocol);
    expect(problem?.message).toMatch(message);
    expect(JSON.stringify(problem)).not.toContain('CANARY');
  });
});
