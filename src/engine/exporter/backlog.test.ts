import { describe, expect, it } from 'vitest';
import { batchOf } from '../../../test/testkit/engine.ts';
import { createFakeClock } from '../../../test/testkit/fake-clock.ts';
import { Backlog, isWanted } from './backlog.ts';
import type { Consignment } from './consignment.ts';

describe('the backlog of an exporter', () => {
  it('does not keep what was withdrawn, however long nothing is tried', () => {
    const backlog = new Backlog(createFakeClock(), { isOrdered: () => false, onDue: () => {} });
    const live: Consignment[] = [];
    for (let i = 0; i < 10_000; i++) {
      const consignment: Consignment = { batch: batchOf(['item']), shares: [], queueSize: 1, heldBytes: 1 };
      backlog.addUntried(consignment);
      live.push(consignment);
      if (live.length > 100) {
        live.shift()!.withdrawn = true;
        backlog.onWithdrawn();
      }
    }
    const left = backlog.takeAll();
    expect(left.length).toBeLessThan(400);
    expect(left.filter(isWanted)).toEqual(live);
  });
});
