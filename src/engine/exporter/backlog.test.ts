import { describe, expect, it } from 'vitest';
import { batchOf } from '../../../test/testkit/engine.ts';
import { createFakeClock } from '../../../test/testkit/fake-clock.ts';
import { Backlog } from './backlog.ts';
import type { Consignment } from './consignment.ts';

describe('the backlog of an exporter', () => {
  it('does not keep what was withdrawn, however long nothing is tried', () => {
    const backlog = new Backlog(createFakeClock(), { isOrdered: () => false, onDue: () => {} });
    const live: Consignment[] = [];
    let longest = 0;
    for (let i = 0; i < 10_000; i++) {
      const consignment: Consignment = { batch: batchOf(['item']), shares: [], queueSize: 1, heldBytes: 1 };
      backlog.addUntried(consignment);
      live.push(consignment);
      if (live.length > 100) {
        live.shift()!.withdrawn = true;
        backlog.onWithdrawn();
      }
      longest = Math.max(longest, backlog.length);
    }
    expect(longest).toBeLessThan(400);
    const left: (Consignment | undefined)[] = [];
    for (let next = backlog.take(); next !== undefined; next = backlog.take()) {
      if (next.withdrawn !== true) left.push(next);
    }
    expect(left).toEqual(live);
  });
});
