import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../../../test/testkit/fake-clock.ts';
import type { KnownPod } from './known-pod.ts';
import { PodTable } from './pod-table.ts';

const pod = (uid: string, startedMs?: number) => ({ uid, startedMs }) as KnownPod;

function newTable() {
  const clock = createFakeClock();
  const table = new PodTable(clock);
  return { clock, table, at: (key: string) => table.get(key)?.uid };
}

describe('the table of Pods', () => {
  it('keeps a Pod that is gone for two minutes, and then forgets it', async () => {
    const { clock, table, at } = newTable();
    table.put(pod('a'), ['ip', 'uid']);
    table.remove(pod('a'));
    await clock.advance(119_000);
    expect([at('ip'), at('uid')]).toEqual(['a', 'a']);
    await clock.advance(31_000);
    expect([at('ip'), at('uid'), table.size]).toEqual([undefined, undefined, 0]);
  });

  it('gives an address to the Pod that started last, whichever is heard of last', async () => {
    const { table, at } = newTable();
    table.put(pod('old', 1000), ['ip']);
    table.put(pod('new', 2000), ['ip']);
    table.put(pod('old', 1000), ['ip']);
    expect(at('ip')).toBe('new');
  });

  it('leaves the successor its address when the time of the one before is over', async () => {
    const { clock, table, at } = newTable();
    table.put(pod('old', 1000), ['ip', 'old']);
    table.remove(pod('old', 1000));
    table.put(pod('new', 2000), ['ip', 'new']);
    await clock.advance(200_000);
    expect([at('ip'), at('old'), table.size]).toEqual(['new', undefined, 2]);
  });

  it('forgets an address that a Pod has no more, and keeps one that it has again', async () => {
    const { clock, table, at } = newTable();
    table.put(pod('a'), ['one']);
    table.put(pod('a'), ['two']);
    table.put(pod('a'), ['two', 'three']);
    table.put(pod('a'), ['two']);
    table.put(pod('a'), ['two', 'three']);
    expect(at('one')).toBe('a');
    await clock.advance(200_000);
    expect([at('one'), at('two'), at('three')]).toEqual([undefined, 'a', 'a']);
  });

  it('grows with the Pods that are there, not with those that were', async () => {
    const { clock, table } = newTable();
    for (let i = 0; i < 2000; i++) {
      table.put(pod(`pod-${i}`, i), [`ip-${i % 50}`, `uid-${i}`]);
      table.remove(pod(`pod-${i}`));
      await clock.advance(1000);
    }
    expect(table.size).toBeLessThan(400);
    await clock.advance(200_000);
    expect(table.size).toBe(0);
  });
});
