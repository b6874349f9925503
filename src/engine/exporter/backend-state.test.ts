import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../../test/testkit/fake-clock.ts';
import { BACKEND_LOG, BackendState } from './backend-state.ts';

function setUp() {
  const clock = createFakeClock();
  const told: string[] = [];
  const log = { info: () => {}, warn: (message: string) => void told.push(message), error: () => {} };
  const state = new BackendState('otlp', clock, log);
  const failed = () => state.failed({ kind: 'unavailable', message: 'no' });
  return { clock, told, state, failed };
}

describe('what the log says of a backend', () => {
  it('is when it begins to fail and when it takes data again', async () => {
    const { clock, told, state, failed } = setUp();
    state.succeeded();
    failed();
    failed();
    await clock.advance(60_000);
    failed();
    expect(told).toEqual([BACKEND_LOG.failing]);
    state.succeeded();
    expect(told).toEqual([BACKEND_LOG.failing, BACKEND_LOG.again]);
  });

  it('is not every change of one that fails some of its requests', async () => {
    const { clock, told, state, failed } = setUp();
    for (let second = 0; second < 60; second++) {
      for (let i = 0; i < 100; i++) {
        failed();
        state.succeeded();
      }
      await clock.advance(1000);
    }
    expect(told).toHaveLength(12);
  });

  it('is that it fails, also where that began shortly after the last time', async () => {
    const { clock, told, state, failed } = setUp();
    failed();
    state.succeeded();
    failed();
    expect(told).toEqual([BACKEND_LOG.failing, BACKEND_LOG.again]);
    await clock.advance(10_000);
    failed();
    expect(told).toEqual([BACKEND_LOG.failing, BACKEND_LOG.again, BACKEND_LOG.failing]);
    expect(state.snapshot()).toMatchObject({ state: 'failing', failedTries: 2 });
  });
});
