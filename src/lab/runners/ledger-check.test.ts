import { describe, expect, it } from 'vitest';
import type { PipelineAccount } from './accounts.ts';
import { type CheckOptions, checkLedger } from './ledger-check.ts';

const OPTIONS: CheckOptions = {
  refusesSenders: false,
  processesEnded: false,
  survivesKill: false,
  blindToPartialSuccess: false,
};

function account(change: Partial<PipelineAccount>): PipelineAccount {
  return {
    backend: { name: 'one', signal: 'traces', mode: 'accept' },
    acknowledged: 1000,
    offered: 1000,
    delivered: 1000,
    rejectedInPart: 0,
    dropped: {},
    queued: { items: 0, exact: true },
    ...change,
  };
}

describe('checkLedger', () => {
  it('balances when everything acknowledged is delivered, held or lost with a cause', () => {
    const one = account({ delivered: 700, dropped: { queue_full: 200 }, queued: { items: 100, exact: true } });
    expect(checkLedger([one, account({})], OPTIONS)).toEqual({
      balanced: true,
      acknowledged: 2000,
      unaccounted: 0,
      queued: 100,
      unknown: 0,
      lossByCause: { queue_full: 200 },
    });
  });

  it('does not balance when one item is missing', () => {
    expect(checkLedger([account({ delivered: 999 })], OPTIONS)).toMatchObject({ balanced: false, unaccounted: 1 });
  });

  it('does not balance when more is explained than was sent', () => {
    const one = account({ dropped: { queue_full: 1 } });
    expect(checkLedger([one], OPTIONS)).toMatchObject({ balanced: false, unaccounted: -1 });
  });

  it('does not let one pipeline make up for another', () => {
    const [less, more] = [account({ delivered: 900 }), account({ delivered: 1000, dropped: { expired: 100 } })];
    expect(checkLedger([less, more], OPTIONS).balanced).toBe(false);
  });

  it('lets items whose sender heard an error be anywhere', () => {
    for (const delivered of [800, 900, 1000])
      expect(checkLedger([account({ acknowledged: 800, delivered })], OPTIONS).balanced).toBe(true);
  });

  it('calls unknown what processes that ended do not tell, and never a loss', () => {
    const check = checkLedger([account({ delivered: 900 })], { ...OPTIONS, processesEnded: true });
    expect(check).toMatchObject({ balanced: true, unknown: 100, unaccounted: 0, lossByCause: {} });
  });

  it('calls lost what is missing after a kill where the guarantee outlives it', () => {
    const durable = { ...OPTIONS, processesEnded: true, survivesKill: true };
    expect(checkLedger([account({ delivered: 900 })], durable)).toMatchObject({
      balanced: true,
      unknown: 0,
      lossByCause: { killed: 100 },
    });
    const held = account({ delivered: 900, queued: { items: 100, exact: true } });
    expect(checkLedger([held], durable)).toMatchObject({ balanced: true, lossByCause: {} });
  });

  it('allows for an estimated queue, within bounds', () => {
    const estimated = (items: number) => account({ delivered: 500, queued: { items, exact: false } });
    expect(checkLedger([estimated(460)], OPTIONS).balanced).toBe(true);
    expect(checkLedger([estimated(300)], OPTIONS).balanced).toBe(false);
  });

  it('takes a full queue for a refusal where senders hear of it', () => {
    const one = account({ acknowledged: 600, delivered: 600, dropped: { queue_full: 400 } });
    expect(checkLedger([one], { ...OPTIONS, refusesSenders: true }).lossByCause).toEqual({});
  });

  it('knows from the backend what a program swallows of partial successes', () => {
    const one = account({ delivered: 900, rejectedInPart: 100 });
    expect(checkLedger([one], OPTIONS).balanced).toBe(false);
    expect(checkLedger([one], { ...OPTIONS, blindToPartialSuccess: true })).toMatchObject({
      balanced: true,
      lossByCause: { rejected_by_backend: 100 },
    });
  });
});
