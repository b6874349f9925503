import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeSinkMode, formatSinkMode, parseSinkMode, REFUSAL_STATUSES, type SinkMode } from './sink-mode.ts';

describe('parseSinkMode', () => {
  it.each<[string, SinkMode]>([
    ['accept', { kind: 'accept' }],
    ['hang', { kind: 'hang' }],
    ['slow:2s', { kind: 'slow', delayMs: 2000 }],
    ['drop', { kind: 'drop' }],
    ['drop:5m', { kind: 'drop', forMs: 300_000 }],
    ['partial:10%', { kind: 'partial', share: 0.1 }],
    ['poison:0.5%', { kind: 'poison', share: 0.005 }],
    ['503', { kind: 'status', status: 503, share: 1 }],
    ['503:0.7', { kind: 'status', status: 503, share: 0.7 }],
    ['503:70%', { kind: 'status', status: 503, share: 0.7 }],
    ['401', { kind: 'status', status: 401, share: 1 }],
    ['refuse', { kind: 'status', status: 503, share: 1 }],
  ])('reads %s', (text, mode) => {
    expect(parseSinkMode(text)).toEqual(mode);
  });

  it.each([
    '',
    'accept:1',
    'slow',
    'slow:0s',
    'slow:fast',
    '503:0',
    '503:1.5',
    '503:',
    '418',
    'partial',
    'partial:200%',
    'poison',
  ])('knows no mode %j', (text) => {
    expect(parseSinkMode(text)).toBeUndefined();
  });

  it('reads back what formatSinkMode writes', () => {
    const share = fc.integer({ min: 1, max: 100 }).map((percent) => percent / 100);
    const durationMs = fc.integer({ min: 1, max: 10_000 });
    const mode: fc.Arbitrary<SinkMode> = fc.oneof(
      fc.constantFrom<SinkMode>({ kind: 'accept' }, { kind: 'hang' }, { kind: 'drop' }),
      fc.record({ kind: fc.constant('status' as const), status: fc.constantFrom(...REFUSAL_STATUSES), share }),
      fc.record({ kind: fc.constant('slow' as const), delayMs: durationMs }),
      fc.record({ kind: fc.constant('drop' as const), forMs: durationMs }),
      fc.record({ kind: fc.constant('partial' as const), share }),
      fc.record({ kind: fc.constant('poison' as const), share }),
    );
    fc.assert(
      fc.property(mode, (original) => {
        expect(parseSinkMode(formatSinkMode(original))).toEqual(original);
      }),
    );
  });
});

it('describeSinkMode says what senders will see', () => {
  expect(describeSinkMode({ kind: 'status', status: 503, share: 0.7 })).toBe('answering 503 to 70% of requests');
});
