import { describe, expect, it } from 'vitest';
import { systemClock } from '../../lib/index.ts';
import type { CliContext } from '../context.ts';
import { parseEndpoint, resolveEndpoint } from './endpoint.ts';
import { keyValues, parseCountFlag, parseRateFlag } from './load-flags.ts';

function context(env: Record<string, string> = {}): CliContext {
  const stream = { write: () => {}, isTty: false };
  return {
    stdout: stream,
    stderr: stream,
    progress: stream,
    quiet: true,
    program: 'sluice',
    // No engine is registered in a folder that does not exist.
    env: { XDG_STATE_HOME: '/nonexistent', ...env },
    cwd: '/',
    color: { stdout: false, stderr: false },
    unicode: true,
    clock: systemClock,
    version: '0.0.0',
    interrupt: new AbortController().signal,
  };
}

describe('parseEndpoint', () => {
  it.each([
    ['localhost:4317', { host: 'localhost', port: 4317, tls: false }],
    ['collector', { host: 'collector', port: 4317, tls: false }],
    ['http://collector:80', { host: 'collector', port: 80, tls: false }],
    ['https://collector:443/', { host: 'collector', port: 443, tls: true }],
    ['https://collector', { host: 'collector', port: 4317, tls: true }],
    ['[::1]:14317', { host: '::1', port: 14317, tls: false }],
  ])('reads %s', (text, endpoint) => {
    expect(parseEndpoint(text, 4317)).toEqual(endpoint);
  });

  it.each(['', 'ftp://collector', 'a b', 'collector:99999'])('refuses %j', (text) => {
    expect(() => parseEndpoint(text, 4317)).toThrow('takes HOST:PORT or a URL');
  });
});

describe('resolveEndpoint', () => {
  it('is the default port of the protocol when nothing is said', () => {
    expect(resolveEndpoint({}, context())).toMatchObject({ host: 'localhost', port: 4317, protocol: 'grpc' });
    expect(resolveEndpoint({ otlpHttp: true }, context())).toMatchObject({ port: 4318, protocol: 'http/protobuf' });
    expect(resolveEndpoint({ encoding: 'json' }, context())).toMatchObject({ port: 4318, protocol: 'http/json' });
  });

  it('honours the standard variables, and flags before them', () => {
    const standard = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://otlp.example.com:443',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    };
    expect(resolveEndpoint({}, context(standard))).toMatchObject({
      host: 'otlp.example.com',
      port: 443,
      tls: true,
      protocol: 'http/protobuf',
    });
    expect(resolveEndpoint({ otlpEndpoint: 'localhost:9' }, context(standard))).toMatchObject({
      host: 'localhost',
      port: 9,
    });
  });
});

describe('flags of load', () => {
  it('reads key=value with and without telemetrygen quotes', () => {
    expect(keyValues('--otlp-attributes', ['team=shop', 'region="eu-1"', 'query=a=b'])).toEqual({
      team: 'shop',
      region: 'eu-1',
      query: 'a=b',
    });
    expect(() => keyValues('--otlp-attributes', ['team'])).toThrow('takes key=value');
  });

  it('refuses counts and rates that are none', () => {
    expect(parseCountFlag('--traces', undefined)).toBeUndefined();
    expect(parseCountFlag('--traces', '12')).toBe(12);
    for (const text of ['-1', '1.5', 'many', ' '])
      expect(() => parseCountFlag('--traces', text)).toThrow('whole number');
    expect(parseRateFlag('--rate', '0.5')).toBe(0.5);
    for (const text of ['-1', 'fast', '']) expect(() => parseRateFlag('--rate', text)).toThrow('number a second');
  });
});
