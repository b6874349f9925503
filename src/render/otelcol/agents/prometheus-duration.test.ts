import { expect, it } from 'vitest';
import { prometheusDuration } from './prometheus-duration.ts';

it.each([
  ['30s', '30s'],
  ['1m30s', '90s'],
  ['1.5h', '5400s'],
  ['2.5s', '2500ms'],
  ['500ms', '500ms'],
  ['1µs', '1ms'],
])('writes %s as %s', (go, prometheus) => {
  expect(prometheusDuration(go)).toBe(prometheus);
});
