import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, suggest } from './suggest.ts';

describe('suggest', () => {
  it('finds a misspelt word', () => {
    expect(suggest('enabeld', ['diagnosticMetrics', 'enabled', 'namespaces'])).toBe('enabled');
    expect(suggest('statsu', ['start', 'status', 'stop'])).toBe('status');
  });

  it('ignores case', () => {
    expect(suggest('ISMATCH', ['IsMatch'])).toBe('IsMatch');
    expect(suggest('DROPNEWEST', ['DropOldest', 'DropNewest'])).toBe('DropNewest');
  });

  it('says nothing when nothing is near', () => {
    expect(suggest('batch', ['otlp', 'file'])).toBeUndefined();
    expect(suggest('anything', [])).toBeUndefined();
  });

  it('does not turn a short word into an unrelated one', () => {
    expect(suggest('ca', ['url', 'key'])).toBeUndefined();
  });

  it('prefers the nearest', () => {
    expect(suggest('tracs', ['trace', 'traces', 'tracks'])).toBe('trace');
  });
});

describe('editDistance', () => {
  it('counts inserted, deleted, replaced and swapped letters', () => {
    expect(editDistance('otlp', 'oltp')).toBe(1);
    expect(editDistance('endpoint', 'endpont')).toBe(1);
    expect(editDistance('kitten', 'sitting')).toBe(3);
  });

  it('is symmetric, and zero for equal words alone', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
      }),
    );
  });

  it('gives the bound when the distance is not less', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 12 }),
        fc.string({ maxLength: 12 }),
        fc.integer({ min: 1, max: 12 }),
        (a, b, bound) => {
          expect(editDistance(a, b, bound)).toBe(Math.min(bound, editDistance(a, b)));
        },
      ),
    );
  });
});
