import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { decodeResponse, encodeResponse } from '../../test/testkit/otlp-proto.ts';
import { SIGNALS, type Signal } from '../pdata/index.ts';
import {
  decodeExportResponse,
  decodeStatus,
  encodeExportResponse,
  encodeStatus,
  exportResponseFromJson,
  exportResponseToJson,
  statusFromJson,
  statusToJson,
} from './rpc-messages.ts';

const REJECTED: Readonly<Record<Signal, string>> = {
  traces: 'rejectedSpans',
  metrics: 'rejectedDataPoints',
  logs: 'rejectedLogRecords',
};

const partials = fc.record({
  rejectedCount: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  message: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }),
});

describe('partial success', () => {
  it('is read by an independent decoder, for every signal', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SIGNALS), partials, (signal, partial) => {
        const read = decodeResponse(signal, encodeExportResponse(partial))['partialSuccess'];
        expect(read[REJECTED[signal]]).toBe(BigInt(partial.rejectedCount));
        expect(read['errorMessage']).toBe(partial.message);
      }),
    );
  });

  it('is read from an independent encoder, for every signal', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SIGNALS), partials, (signal, { rejectedCount, message }) => {
        const bytes = encodeResponse(signal, {
          partialSuccess: { [REJECTED[signal]]: BigInt(rejectedCount), errorMessage: message },
        });
        expect(decodeExportResponse(bytes)).toEqual({ rejectedCount, message });
      }),
    );
  });

  it('keeps 64-bit counts exact in JSON', () => {
    const partial = { rejectedCount: Number.MAX_SAFE_INTEGER, message: 'no' };
    for (const signal of SIGNALS) {
      const json = exportResponseToJson(signal, partial);
      expect(JSON.parse(json).partialSuccess[REJECTED[signal]]).toBe('9007199254740991');
      expect(exportResponseFromJson(signal, json)).toEqual(partial);
    }
  });

  it('is nothing when all was taken', () => {
    expect(decodeExportResponse(encodeExportResponse(undefined))).toBeUndefined();
    expect(decodeExportResponse(Uint8Array.from([0x0a, 0x00]))).toBeUndefined();
    expect(exportResponseFromJson('traces', exportResponseToJson('traces', undefined))).toBeUndefined();
  });

  it('is nothing when the answer is something else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const read = decodeExportResponse(bytes);
        expect(read === undefined || typeof read.message === 'string').toBe(true);
      }),
    );
    expect(exportResponseFromJson('logs', '<html>')).toBeUndefined();
    expect(exportResponseFromJson('logs', '{"partialSuccess":{"rejectedLogRecords":"-3"}}')).toBeUndefined();
    expect(exportResponseFromJson('logs', 'null')).toBeUndefined();
  });
});

describe('google.rpc.Status', () => {
  it('reads back what it writes, with its delay', () => {
    const delays = fc.option(fc.integer({ min: 0, max: 1e9 }), { nil: undefined });
    fc.assert(
      fc.property(fc.nat(16), fc.string(), delays, (code, message, retryAfterMs) => {
        const status = retryAfterMs === undefined ? { code, message } : { code, message, retryAfterMs };
        expect(decodeStatus(encodeStatus(status))).toEqual(status);
      }),
    );
  });

  it('has the bytes that other libraries write', () => {
    // Status { code: 14, message: "x", details: [Any { RetryInfo { retry_delay: 2.5s } }] }
    const type = Buffer.from('type.googleapis.com/google.rpc.RetryInfo');
    const retryInfo = [0x0a, 0x08, 0x08, 0x02, 0x10, 0x80, 0xca, 0xb5, 0xee, 0x01];
    const any = [0x0a, type.length, ...type, 0x12, retryInfo.length, ...retryInfo];
    const expected = [0x08, 0x0e, 0x12, 0x01, 0x78, 0x1a, any.length, ...any];
    expect([...encodeStatus({ code: 14, message: 'x', retryAfterMs: 2500 })]).toEqual(expected);
  });

  it('is JSON with the type of the detail', () => {
    expect(JSON.parse(statusToJson({ code: 14, message: 'x', retryAfterMs: 2500 }))).toEqual({
      code: 14,
      message: 'x',
      details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '2.5s' }],
    });
    expect(statusFromJson('{"code":3,"message":"bad"}')).toEqual({ code: 3, message: 'bad' });
    expect(statusFromJson('[]')).toBeUndefined();
  });

  it('is undefined for bytes that are no message', () => {
    expect(decodeStatus(Uint8Array.from([0x0a, 0x7f]))).toBeUndefined();
    expect(decodeStatus(Buffer.from('<html><body>bad gateway'))).toBeUndefined();
  });
});
