import { describe, expect, it } from 'vitest';
import { createAttemptLog } from './attempt-log.ts';

const accepted = {
  atMs: 1000,
  peer: '127.0.0.1:5000',
  protocol: 'grpc',
  signal: 'traces',
  outcome: 'accepted',
} as const;
const rejected = {
  atMs: 2000,
  peer: '127.0.0.1:5001',
  protocol: 'http',
  outcome: 'rejected',
  message: 'no such path',
} as const;

describe('createAttemptLog', () => {
  it('lists the newest first, with RFC 3339 times', () => {
    const log = createAttemptLog();
    expect(log.connected).toBe(false);
    log.record(accepted);
    log.record(rejected);
    expect(log.connected).toBe(true);
    expect(log.list()).toEqual([
      {
        at: '1970-01-01T00:00:02.000Z',
        peer: '127.0.0.1:5001',
        protocol: 'http',
        outcome: 'rejected',
        message: 'no such path',
      },
      {
        at: '1970-01-01T00:00:01.000Z',
        peer: '127.0.0.1:5000',
        protocol: 'grpc',
        signal: 'traces',
        outcome: 'accepted',
      },
    ]);
  });

  it('keeps a failure although another sender succeeds a thousand times', () => {
    const log = createAttemptLog(10);
    log.record(rejected);
    for (let i = 0; i < 1000; i++) log.record({ ...accepted, atMs: 3000 + i });
    expect(log.list().map(({ outcome }) => outcome)).toEqual(['accepted', 'rejected']);
  });

  it('is bounded', () => {
    const log = createAttemptLog(10);
    for (let i = 0; i < 100; i++) log.record({ ...rejected, atMs: i });
    expect(log.list()).toHaveLength(10);
    expect(log.list()[0].at).toBe('1970-01-01T00:00:00.099Z');
  });
});
