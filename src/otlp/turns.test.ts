import { expect, it } from 'vitest';
import { Turns } from './turns.ts';

it('runs no more jobs at once than it may, all of them, in their order', () => {
  const turns = new Turns(2);
  const started: number[] = [];
  const ends: (() => void)[] = [];
  for (let i = 0; i < 5; i++) {
    turns.take((done) => {
      started.push(i);
      ends.push(done);
    });
  }
  expect(started).toEqual([0, 1]);
  ends[1]!();
  expect(started).toEqual([0, 1, 2]);
  for (let i = 0; i < 5; i++) if (i !== 1) ends[i]!();
  expect(started).toEqual([0, 1, 2, 3, 4]);
  turns.take((done) => done());
});
