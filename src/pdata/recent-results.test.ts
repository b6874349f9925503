import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecentResults } from './recent-results.ts';

describe('RecentResults', () => {
  it('gives what the function gives, however often and in whatever order', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 5 }), { maxLength: 500 }), (inputs) => {
        const recent = new RecentResults<string>();
        for (const input of inputs) expect(recent.of(input, String)).toBe(String(input));
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
    for (let turn = 0; turn < 10; turn++) for (const sender of senders) recent.of(sender, compute);
    expect(computed).toBe(60);
  });

  // The `slice` of a Buffer is a view.
  it.each([Uint8Array.of(1, 2, 3), Buffer.of(1, 2, 3)])('keeps no view of what it was given', (input) => {
    const recent = new RecentResults<string>();
    const text = (bytes: Uint8Array) => [...bytes].join();
    recent.of(input, text);
    input[0] = 9;
    expect(recent.of(Uint8Array.of(1, 2, 3), () => 'asked again')).toBe('1,2,3');
    expect(recent.of(input, text)).toBe('9,2,3');
  });
});
