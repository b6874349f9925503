import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecentResults } from './recent-results.ts';

/** Some bytes among others. */
const within = (recent: RecentResults<string>, input: Uint8Array, compute: (input: Uint8Array) => string) =>
  recent.of(Uint8Array.of(7, ...input, 8), { start: 1, end: 1 + input.length }, compute);

describe('RecentResults', () => {
  it('gives what the function gives, however often and in whatever order', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 5 }), { maxLength: 500 }), (inputs) => {
        const recent = new RecentResults<string>();
        for (const input of inputs) expect(within(recent, input, String)).toBe(String(input));
      }),
    );
  });

  it('remembers the resources of many senders that take turns', () => {
    const recent = new RecentResults<string>();
    const senders = Array.from({ length: 60 }, (_, sender) =>
      new TextEncoder().encode(`k8s.pod.name=checkout-${sender}`),
    );
    let computed = 0;
    const compute = (input: Uint8Array) => {
      computed += 1;
      return String(input);
    };
    for (let turn = 0; turn < 10; turn++) for (const sender of senders) within(recent, sender, compute);
    expect(computed).toBe(60);
  });

  // The `slice` of a Buffer is a view.
  it.each([Uint8Array.of(1, 2, 3), Buffer.of(1, 2, 3)])('keeps no view of what it was given', (input) => {
    const recent = new RecentResults<string>();
    const text = (bytes: Uint8Array) => [...bytes].join();
    const whole = { start: 0, end: 3 };
    recent.of(input, whole, text);
    input[0] = 9;
    expect(recent.of(Uint8Array.of(1, 2, 3), whole, () => 'asked again')).toBe('1,2,3');
    expect(recent.of(input, whole, text)).toBe('9,2,3');
  });
});
