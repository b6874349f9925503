import { describe, expect, it } from 'vitest';
import type { Delivery } from './delivery.ts';
import { generateText } from './generate-report.ts';

const endpoint = { host: 'localhost', port: 4317, tls: false, protocol: 'grpc', label: 'localhost:4317' } as const;
const delivery: Delivery = {
  pipeline: 'tracepipeline/demo',
  queuedBefore: 0,
  received: 120,
  delivered: 20,
  filtered: 0,
  queued: 100,
  lost: 0,
};
const ledgerOf = (change: Partial<Delivery>) =>
  generateText({ endpoint, reports: [], deliveries: [{ ...delivery, ...change }] })
    .split('\n')
    .find((line) => line.startsWith('ledger:'));

describe('generateText', () => {
  it('writes the ledger as an equation', () => {
    expect(ledgerOf({})).toBe('ledger: tracepipeline/demo   120 in = 20 delivered + 0 filtered + 100 queued + 0 lost');
  });

  it('names what was queued before, without which the equation would not hold', () => {
    expect(ledgerOf({ queuedBefore: 3, queued: 103 })).toBe(
      'ledger: tracepipeline/demo   120 in + 3 queued before = 20 delivered + 0 filtered + 103 queued + 0 lost',
    );
  });
});
