import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { GRPC_CODE, type GrpcCode } from './request.ts';
import {
  decodeGrpcMessage,
  encodeGrpcMessage,
  grpcCodeOf,
  httpStatusOf,
  isRetryableCode,
  isRetryableHttpStatus,
  parseGrpcTimeout,
} from './status.ts';

const CODES = Object.values(GRPC_CODE);

describe('status mapping', () => {
  it('gives senders of both protocols the same disposition', () => {
    for (const code of CODES) {
      if (code === GRPC_CODE.ok) continue;
      // RESOURCE_EXHAUSTED is 429 with and without a delay, as in the Collector.
      expect([code, isRetryableHttpStatus(httpStatusOf(code))]).toEqual([code, isRetryableCode(code, true)]);
    }
  });

  it('retries RESOURCE_EXHAUSTED only when the server said when', () => {
    expect(isRetryableCode(GRPC_CODE.resourceExhausted, false)).toBe(false);
    expect(isRetryableCode(GRPC_CODE.resourceExhausted, true)).toBe(true);
  });

  it('takes numbers outside the set as unknown', () => {
    expect(grpcCodeOf(14)).toBe<GrpcCode>(GRPC_CODE.unavailable);
    expect(grpcCodeOf(99)).toBe(GRPC_CODE.unknown);
    expect(grpcCodeOf(Number.NaN)).toBe(GRPC_CODE.unknown);
  });
});

describe('grpc-message', () => {
  it('is printable ASCII and reads back as the text', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0xffff)), (units) => {
        const text = String.fromCharCode(...units);
        const encoded = encodeGrpcMessage(text);
        expect(encoded).toMatch(/^[\x20-\x7e]*$/);
        expect(decodeGrpcMessage(encoded)).toBe(text.toWellFormed());
      }),
    );
  });

  it('encodes percent signs and what is not ASCII', () => {
    expect(encodeGrpcMessage('100 % für\n')).toBe('100 %25 f%C3%BCr%0A');
  });

  it('is taken as it stands when it is not percent-encoded', () => {
    expect(decodeGrpcMessage('100 % full')).toBe('100 % full');
  });
});

describe('grpc-timeout', () => {
  it.each([
    ['1H', 3_600_000],
    ['2M', 120_000],
    ['10S', 10_000],
    ['500m', 500],
    ['1500u', 1.5],
    ['1000000n', 1],
  ])('%s is %d ms', (text, ms) => {
    expect(parseGrpcTimeout(text)).toBe(ms);
  });

  it.each(['', 'S', '10', '10s', '-1S', '123456789S', '1.5S'])('%j is refused', (text) => {
    expect(parseGrpcTimeout(text)).toBeUndefined();
  });
});
