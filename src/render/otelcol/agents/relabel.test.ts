import { describe, expect, it } from 'vitest';
import { addressOf } from './relabel.ts';

/** As Prometheus reads a rule that replaces: the values with a semicolon between them, matched as a whole. */
function addressFor(address: string, port: string): string {
  const rule = addressOf('pod').find((one) => one['target_label'] === '__address__')!;
  const text = `${address};${port}`;
  const match = new RegExp(`^(?:${rule['regex']})$`).exec(text);
  return match === null ? address : `${match[1]}:${match[2]}`;
}

describe('the address of a target', () => {
  it.each([
    ['10.0.0.1:8080', '9090', '10.0.0.1:9090'],
    ['10.0.0.1', '9090', '10.0.0.1:9090'],
    ['[fd00::1]:8080', '9090', '[fd00::1]:9090'],
    ['[fd00::1]', '9090', '[fd00::1]:9090'],
    ['10.0.0.1:8080', '', '10.0.0.1:8080'],
    ['10.0.0.1:8080', 'http', '10.0.0.1:8080'],
  ])('%s with the port annotation "%s" is %s', (address, port, expected) => {
    expect(addressFor(address, port)).toBe(expected);
  });
});
