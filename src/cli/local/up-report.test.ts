import { describe, expect, it } from 'vitest';
import { sumRows } from '../../flow/index.ts';
import type { LedgerDocument } from '../../server/index.ts';
import { ledgerText, losesData } from './up-report.ts';

const EMPTY = sumRows([]);
const ledger = (...rows: Partial<LedgerDocument['pipelines'][number]>[]): LedgerDocument => ({
  pipelines: rows.map((row) => ({ kind: 'TracePipeline', name: 'a', ...EMPTY, ...row })),
});

describe('the last lines of sluice up', () => {
  it('say of each pipeline what became of everything', () => {
    const rows = ledger(
      { received: 10, delivered: 7, filtered: 1, dropped: { ...EMPTY.dropped, queue_full: 2 } as never },
      { kind: 'LogPipeline', name: 'longer', received: 1, unaccounted: 1 },
    );
    expect(ledgerText(rows)).toBe(
      [
        'tracepipeline/a      in 10   delivered 7   filtered 1   refused 0   queued 0   lost 2 (queue_full 2)   balanced',
        'logpipeline/longer   in 1   delivered 0   filtered 0   refused 0   queued 0   lost 0   UNACCOUNTED 1',
        '',
      ].join('\n'),
    );
  });

  it('count what was dropped, what is unknown and what is unaccounted for as lost', () => {
    expect(losesData(ledger({ received: 1, delivered: 1 }))).toBe(false);
    expect(losesData(ledger({ dropped: { ...EMPTY.dropped, queue_full: 1 } as never }))).toBe(true);
    expect(losesData(ledger({ unaccounted: -1 }))).toBe(true);
    expect(losesData(ledger({ unknown: 1 }))).toBe(true);
  });
});
