import { describe, expect, it } from 'vitest';
import { ByteBudget } from './byte-budget.ts';
import { type PeerHost, PeerHosts } from './peer-hosts.ts';

function budgetOf(limitBytes: number, ...addresses: string[]): [ByteBudget, PeerHosts, ...PeerHost[]] {
  const hosts = new PeerHosts();
  const made = addresses.map((address) => hosts.connect(address, 1000)!);
  return [new ByteBudget(limitBytes, hosts), hosts, ...made];
}

/** Takes as much as is given, in pieces; how much that was. */
function flood(budget: ByteBudget, host: PeerHost, weight = 1): number {
  let bytes = 0;
  while (budget.reserve(host, 10, weight) === 'reserved') bytes += 10;
  return bytes;
}

describe('ByteBudget', () => {
  it('gives everything to a host that is alone', () => {
    const [budget, , only] = budgetOf(1000, 'a');
    expect(flood(budget, only!)).toBe(1000);
    expect(budget.reserve(only!, 1, 1)).toBe('full');
  });

  it('leaves a fifth free when one of two floods, and the other gets its share of it', () => {
    const [budget, , flooding, other] = budgetOf(1000, 'a', 'b');
    expect(flood(budget, flooding!)).toBe(800);
    expect(budget.reserve(flooding!, 10, 1)).toBe('over_share');
    expect(flood(budget, other!)).toBe(160);
  });

  it('takes back what the flood has over its share as its requests end', () => {
    const [budget, , flooding, other] = budgetOf(1000, 'a', 'b');
    flood(budget, flooding!);
    for (let ended = 0; ended < 100; ended++) {
      budget.release(flooding!, 10);
      flood(budget, other!);
      flood(budget, flooding!);
      if (flooding!.heldBytes < 10) break;
    }
    expect(Math.abs(flooding!.heldBytes - other!.heldBytes)).toBeLessThanOrEqual(40);
    expect(budget.heldBytes).toBeLessThan(1000);
  });

  it('takes a request that is larger than the share of a host that holds nothing', () => {
    const [budget, , a] = budgetOf(1000, 'a', 'b');
    expect(budget.reserve(a!, 900, 1)).toBe('reserved');
    expect(budget.reserve(a!, 1, 1)).toBe('over_share');
  });

  it('gives less to what weighs less, also when its host is alone', () => {
    const [budget, , only] = budgetOf(1000, 'a');
    expect(flood(budget, only!, 0.25)).toBe(500);
    expect(flood(budget, only!, 1)).toBe(500);
  });

  it('remembers what a host holds whose connections are gone', () => {
    const [budget, hosts, leaving, other] = budgetOf(1000, 'a', 'b');
    flood(budget, leaving!);
    hosts.disconnect(leaving!);
    const back = hosts.connect('a', 1000)!;
    expect(budget.reserve(back, 10, 1)).toBe('over_share');
    hosts.disconnect(back);
    budget.release(leaving!, 800);
    expect(hosts.count).toBe(1);
    expect(budget.reserve(other!, 10, 1)).toBe('reserved');
  });
});

describe('connections', () => {
  it('of one host leave room for those of others', () => {
    const hosts = new PeerHosts();
    let made = 0;
    while (hosts.connect('a', 100) !== undefined) made++;
    expect(made).toBe(80);
    expect(hosts.connect('b', 100)).toBeDefined();
  });
});
