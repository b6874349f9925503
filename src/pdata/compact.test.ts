import { expect, it } from 'vitest';
import { compactBytes } from './compact.ts';

it('copies a small part of a large buffer, so that the buffer can go', () => {
  const view = Buffer.alloc(64 * 1024, 7).subarray(100, 300);
  const compact = compactBytes(view);
  expect(compact.buffer.byteLength).toBe(200);
  expect(Buffer.compare(compact, view)).toBe(0);
});

it('leaves what is most of its buffer as it is', () => {
  const whole = new Uint8Array(1000);
  expect(compactBytes(whole)).toBe(whole);
  const most = whole.subarray(0, 600);
  expect(compactBytes(most)).toBe(most);
});
