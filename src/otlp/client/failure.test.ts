import { describe, expect, it } from 'vitest';

import { grpcOutcome, httpOutcome, quote } from './answer.ts';
import { parseEndpoint } from './endpoint.ts';
import { connectionFailure } from './failure.ts';
import { secretsOf } from './hide-secrets.ts';

const ENDPOINT = parseEndpoint('http://backend:4317', undefined, 4317);

describe('outcome of a gRPC status', () => {
  // As the Collector's otlp exporter decides, v0.149 exporter/otlpexporter/otlp.go shouldRetry.
  it.each([
    [1, undefined, 'retryable', 'unavailable'],
    [2, undefined, 'permanent', 'rejected'],
    [3, undefined, 'permanent', 'rejected'],
    [4, undefined, 'retryable', 'timeout'],
    [5, undefined, 'permanent', 'rejected'],
    [7, undefined, 'permanent', 'credentials'],
    [8, undefined, 'permanent', 'rejected'],
    [8, 0, 'retryable', 'throttled'],
    [8, 1500, 'throttled', 'throttled'],
    [10, undefined, 'retryable', 'unavailable'],
    [11, undefined, 'retryable', 'unavailable'],
    [12, undefined, 'permanent', 'protocol'],
    [13, undefined, 'permanent', 'rejected'],
    [14, undefined, 'retryable', 'unavailable'],
    [14, 2000, 'throttled', 'throttled'],
    [15, undefined, 'retryable', 'unavailable'],
    [16, undefined, 'permanent', 'credentials'],
    [16, 2000, 'permanent', 'credentials'],
  ] as const)('%d with delay %s is %s, %s', (code, delay, status, kind) => {
    expect(grpcOutcome(code, 'text', delay)).toMatchObject({ status, failure: { kind } });
  });

  it('tells an oversized message from other exhaustion', () => {
    const text = 'grpc: received message larger than max (5000000 vs. 4194304)';
    expect(grpcOutcome(8, text, undefined)).toMatchObject({ status: 'permanent', failure: { kind: 'too_large' } });
  });

  it('names the code', () => {
    expect(grpcOutcome(14, 'down', undefined)).toMatchObject({
      failure: { message: 'the backend answered UNAVAILABLE: down' },
    });
    expect(grpcOutcome(4, '', undefined)).toMatchObject({
      failure: { message: 'the backend answered DEADLINE_EXCEEDED' },
    });
  });
});

describe('outcome of an HTTP status', () => {
  it.each([
    [400, undefined, 'permanent', 'rejected'],
    [401, undefined, 'permanent', 'credentials'],
    [403, undefined, 'permanent', 'credentials'],
    [404, undefined, 'permanent', 'protocol'],
    [408, undefined, 'permanent', 'rejected'],
    [413, undefined, 'permanent', 'too_large'],
    [429, undefined, 'retryable', 'throttled'],
    [429, 3000, 'throttled', 'throttled'],
    [500, undefined, 'permanent', 'rejected'],
    [502, 3000, 'retryable', 'unavailable'],
    [503, undefined, 'retryable', 'unavailable'],
    [503, 1000, 'throttled', 'throttled'],
    [504, undefined, 'retryable', 'timeout'],
    [302, undefined, 'permanent', 'protocol'],
  ] as const)('%d with delay %s is %s, %s', (code, delay, status, kind) => {
    expect(httpOutcome({ status: code, path: '/v1/traces', retryAfterMs: delay })).toMatchObject({
      status,
      failure: { kind },
    });
  });
});

describe('a failed connection', () => {
  const coded = (code: string, message = code) => Object.assign(new Error(message), { code });

  it.each([
    ['ECONNREFUSED', 'refused', 'nothing listens on backend:4317'],
    [
      'ENOTFOUND',
      'dns',
      '"backend" has no DNS record; for a Service in Kubernetes write "backend.NAMESPACE.svc.cluster.local"',
    ],
    ['EAI_AGAIN', 'dns', '"backend" could not be looked up, the name server does not answer'],
    [
      'ETIMEDOUT',
      'timeout',
      'no connection to backend:4317 in time; is the address right, and does a firewall let it through?',
    ],
    ['ECONNRESET', 'reset', 'backend:4317 closed the connection before it answered'],
    ['CERT_HAS_EXPIRED', 'certificate', 'the certificate of backend:4317 has expired'],
    ['EHOSTUNREACH', 'unavailable', 'no route to backend:4317 (EHOSTUNREACH)'],
    [
      'ERR_SSL_WRONG_VERSION_NUMBER',
      'tls',
      'backend:4317 speaks plain text; set tls.insecure: true, or use its TLS port',
    ],
  ])('%s is named %s', (code, kind, message) => {
    expect(connectionFailure(coded(code), ENDPOINT)).toEqual({ kind, message });
  });

  it('is found inside aggregates and causes', () => {
    const aggregate = new AggregateError([coded('ECONNREFUSED'), coded('ECONNREFUSED')]);
    expect(connectionFailure(aggregate, ENDPOINT).kind).toBe('refused');
    expect(connectionFailure(new Error('x', { cause: coded('ENOTFOUND') }), ENDPOINT).kind).toBe('dns');
    expect(connectionFailure('nonsense', ENDPOINT).kind).toBe('unavailable');
  });
});

describe('a quoted answer', () => {
  it('hides configured header values and their credentials', () => {
    const secrets = secretsOf({ authorization: 'Bearer abcdef', 'x-tenant': 'team-a' });
    expect(quote('bad token Bearer abcdef for team-a, abcdef', secrets)).toBe('bad token *** for ***, ***');
  });

  it('hides user and password of basic authentication, together and apart', () => {
    const secrets = secretsOf({ authorization: `Basic ${btoa('alice:p4ss:word')}` });
    expect(quote(`no alice with p4ss:word (alice:p4ss:word, ${btoa('alice:p4ss:word')})`, secrets)).toBe(
      'no *** with *** (***, ***)',
    );
  });

  it('hides a secret in any form that a backend may give it, and one that begins with another', () => {
    const secret = 'ü "p&/+%';
    const forms = [
      secret,
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(secret),
      new URLSearchParams([['', secret]]).toString().slice(1),
      Buffer.from(secret).toString('base64'),
      Buffer.from(secret).toString('latin1'),
    ];
    for (const form of forms) expect(quote(`a ${form} b`, [secret])).toBe('a *** b');
    expect(quote('key-long', ['key-', 'key-long'])).toBe('***');
  });

  it('is one short line', () => {
    expect(quote('a\r\nb\u0000c', [])).toBe('a b c');
    expect(quote('x'.repeat(5000), []).length).toBe(201);
  });
});
