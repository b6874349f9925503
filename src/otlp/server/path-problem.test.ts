import { describe, expect, it } from 'vitest';

import { pathProblem } from './path-problem.ts';

const KNOWN = ['/v1/traces', '/v1/metrics', '/v1/logs'];

describe('a path that does not exist', () => {
  it.each([
    ['/v1/trace', '/v1/traces'],
    ['/v1/traces/', '/v1/traces'],
    ['/V1/Metrics', '/v1/metrics'],
    ['/v1/log', '/v1/logs'],
    ['/v1/traces/v1/traces', '/v1/traces'],
    ['/otlp/v1/logs', '/v1/logs'],
    ['/metrics', '/v1/metrics'],
  ])('%s: did you mean %s?', (path, meant) => {
    expect(pathProblem(path, KNOWN, 'http://localhost:4318')).toBe(
      `no such path ${path}; did you mean ${meant}? Base URL is http://localhost:4318 without a path`,
    );
  });

  it('lists what there is when nothing is near', () => {
    expect(pathProblem('/', KNOWN, undefined)).toBe(
      'no such path /; telemetry goes to /v1/traces, /v1/metrics, /v1/logs. Base URL is http://HOST:PORT without a path',
    );
  });

  it('says so for a gRPC method', () => {
    expect(pathProblem('/opentelemetry.proto.collector.trace.v1.TraceService/Export', KNOWN, undefined)).toContain(
      'HTTP/2',
    );
  });

  it('shortens what is too long to repeat', () => {
    expect(pathProblem(`/${'a'.repeat(10_000)}`, KNOWN, undefined).length).toBeLessThan(300);
  });
});
