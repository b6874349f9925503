import { describe, expect, it } from 'vitest';
import { createFakeClock, settle } from '../../test/testkit/fake-clock.ts';
import { recordedLog } from '../../test/testkit/kube.ts';
import { ApiError } from './api-error.ts';
import { type ControllerOptions, runController } from './controller.ts';
import { createWorkQueue } from './work-queue.ts';

const start = (reconcile: ControllerOptions['reconcile'], workers = 1) => {
  const clock = createFakeClock();
  const queue = createWorkQueue({ clock });
  const log = recordedLog();
  return { clock, queue, log, controller: runController({ name: 'tests', queue, reconcile, workers, log }) };
};

describe('a controller', () => {
  it('tries a key that fails again, later each time, and leaves the others alone', async () => {
    const tried: string[] = [];
    const { clock, queue, log } = start(async (key) => {
      tried.push(key);
      if (key === 'bad' && tried.filter((one) => one === 'bad').length < 3) throw new Error('not yet');
    });
    for (const key of ['bad', 'good']) queue.add(key);
    await clock.advance(5);
    await clock.advance(10);
    expect(tried).toEqual(['bad', 'good', 'bad', 'bad']);
    expect(log.lines).toEqual([
      'error reconcile failed {"controller":"tests","key":"bad","error":"not yet","retryInMs":5}',
      'error reconcile failed {"controller":"tests","key":"bad","error":"not yet","retryInMs":10}',
    ]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('does not take two writers who meet for a failure', async () => {
    let tries = 0;
    const { clock, queue, log } = start(async () => {
      if (tries++ === 0) throw new ApiError({ status: 409, reason: 'Conflict', message: 'was modified' });
    });
    queue.add('a');
    await clock.advance(5);
    expect(tries).toBe(2);
    expect(log.lines).toEqual([expect.stringMatching(/^info another writer was faster /)]);
  });

  it('survives a reconcile that throws before it returns a promise', async () => {
    let tries = 0;
    const { clock, queue } = start(() => {
      tries++;
      throw new Error('at once');
    });
    queue.add('a');
    await clock.advance(5);
    expect(tries).toBe(2);
  });

  it('comes back when reconcile asks for it', async () => {
    let tries = 0;
    const { clock, queue } = start(async () => (tries++ === 0 ? { requeueAfterMs: 60_000 } : undefined));
    queue.add('a');
    await clock.advance(59_999);
    expect(tries).toBe(1);
    await clock.advance(1);
    expect(tries).toBe(2);
  });

  it('works on as many keys at once as it has workers, and never on one twice at a time', async () => {
    const running: string[] = [];
    const release: (() => void)[] = [];
    const { queue } = start((key) => {
      running.push(key);
      return new Promise<void>((resolve) => release.push(resolve));
    }, 2);
    for (const key of ['a', 'b', 'c']) queue.add(key);
    await settle();
    queue.add('a');
    expect(running).toEqual(['a', 'b']);
    release[1]!();
    await settle();
    expect(running).toEqual(['a', 'b', 'c']);
    release[2]!();
    await settle();
    expect(running).toEqual(['a', 'b', 'c']);
    release[0]!();
    await settle();
    expect(running).toEqual(['a', 'b', 'c', 'a']);
  });

  it('waits for what is in work when it stops, and begins nothing more', async () => {
    const done: string[] = [];
    const { clock, queue, controller } = start(
      (key) => new Promise<void>((resolve) => clock.after(100, () => resolve(void done.push(key)))),
    );
    for (const key of ['a', 'b']) queue.add(key);
    await settle();
    let isStopped = false;
    void controller.stop().then(() => {
      isStopped = true;
    });
    await clock.advance(99);
    expect(isStopped).toBe(false);
    await clock.advance(1000);
    expect([isStopped, done]).toEqual([true, ['a']]);
  });
});
