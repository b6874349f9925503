import { expect, it } from 'vitest';
import { Account } from '../../flow/index.ts';
import { QueueShare } from './queue-share.ts';

const CAPACITY = 1_000_000;

it('tells a flood apart among more senders than it can name', () => {
  const account = new Account();
  const queue = { queueSize: CAPACITY / 2, queueCapacity: CAPACITY };
  const share = new QueueShare(queue);
  share.watch(account);
  const note = (sender: string, count: number) => {
    share.note(sender, count, count);
    account.held += count;
  };
  for (let i = 0; i < 5000; i++) note(`tenant ${i}`, 100);
  note('flood', 300_000);
  queue.queueSize = 850_000;
  expect(share.isOver('flood')).toBe(true);
  const refused = Array.from({ length: 5000 }, (_, i) => `tenant ${i}`).filter((sender) => share.isOver(sender));
  // Those of the flood's bucket.
  expect(refused.length).toBeLessThan(60);
  expect(share.isOver('somebody new')).toBe(false);
});

it('forgets everybody when the queue is nearly empty, and whatever has left in proportion', () => {
  const account = new Account();
  const queue = { queueSize: 900_000, queueCapacity: CAPACITY };
  const share = new QueueShare(queue);
  share.watch(account);
  account.held = 1000;
  share.note('a', 800, 800_000);
  share.note('b', 200, 200_000);
  expect([share.isOver('a'), share.isOver('b'), share.isAlone('a')]).toEqual([true, false, false]);
  for (let left = 1000; left > 1; left -= 1) {
    account.held = left;
    queue.queueSize = left * 900;
    expect(share.isOver('b')).toBe(false);
  }
  expect(share.isRoomy).toBe(true);
  expect(share.isAlone('b')).toBe(true);
});
