import { describe, expect, it } from 'vitest';
import { assertAccounts, batchOf, testDeps } from '../../../test/testkit/engine.ts';
import { createFakeClock } from '../../../test/testkit/fake-clock.ts';
import { waitFor } from '../../../test/testkit/wait-for.ts';
import { Account } from '../../flow/index.ts';
import { componentId, pipelineId } from '../../otelcol/index.ts';
import { ACCEPTED, type Batch } from '../batch.ts';
import { createMemoryLimiter } from './memory-limiter.ts';
import { processMemory } from './memory-probe.ts';
import { Scratch } from './scratch.ts';

const MIB = 2 ** 20;

function setUp(settings: Parameters<typeof createMemoryLimiter>[0]) {
  const clock = createFakeClock();
  const deps = testDeps(clock);
  const memory = { usedMib: 10, freedMib: 0, collections: 0 };
  const limiter = createMemoryLimiter(
    { check_interval: '1s', ...settings },
    { id: componentId('memory_limiter'), deps },
    {
      usedBytes: () => memory.usedMib * MIB,
      totalBytes: () => 1000 * MIB,
      collectGarbage() {
        memory.collections++;
        memory.usedMib -= memory.freedMib;
      },
    },
  );
  const attach = () => {
    const account = new Account();
    const next = {
      consume(batch: Batch) {
        account.delivered += batch.itemCount;
        return ACCEPTED;
      },
    };
    const stage = limiter.attach({
      pipeline: pipelineId('traces'),
      signal: 'traces',
      next,
      scratch: new Scratch(),
      accounts: [account],
    });
    const offer = (acknowledged = false) => {
      account.received += 1;
      return stage.consume(batchOf(['a'], { acknowledged }));
    };
    return { account, offer };
  };
  limiter.start();
  return { clock, deps, memory, limiter, attach };
}

/** In a frame of its own, so that nothing keeps the buffers when it returns. */
function usedWhileFull(): number {
  const buffers = Array.from({ length: 16 }, () => Buffer.allocUnsafeSlow(4 * MIB));
  return processMemory.usedBytes() + (buffers.length - 16);
}

describe('the memory limiter', () => {
  it('refuses with a delay above the soft limit and takes data again below it', async () => {
    const { clock, memory, attach, limiter, deps } = setUp({ limit_mib: 100, spike_limit_mib: 20 });
    const { account, offer } = attach();
    memory.usedMib = 79;
    await clock.advance(1000);
    expect(offer()).toEqual(ACCEPTED);
    memory.usedMib = 80;
    await clock.advance(1000);
    expect(offer()).toEqual({
      status: 'refused',
      retryable: true,
      afterMs: 1000,
      message: 'gateway is at its memory limit, retry in 1 s',
    });
    memory.usedMib = 10;
    await clock.advance(1000);
    expect(offer()).toEqual(ACCEPTED);
    expect(account).toMatchObject({ received: 3, delivered: 2, refused: 1 });
    expect(deps.metrics.renderPrometheus()).toContain('otelcol_processor_refused_spans{processor="memory_limiter"} 1');
    assertAccounts([account], { drained: true });
    limiter.shutdown();
    expect(clock.pendingTimers).toBe(0);
  });

  it('never refuses for garbage: every check above the soft limit collects it first', async () => {
    const { clock, memory, attach, limiter } = setUp({ limit_mib: 100, spike_limit_mib: 20 });
    const { account, offer } = attach();
    memory.freedMib = 50;
    for (let check = 1; check <= 3; check++) {
      memory.usedMib = 90;
      await clock.advance(1000);
      expect(memory.collections).toBe(check);
      expect(offer()).toEqual(ACCEPTED);
    }
    assertAccounts([account], { drained: true });
    limiter.shutdown();
  });

  it('collects garbage before it refuses, at the soft limit not more often than a configured interval', async () => {
    const { clock, memory, attach, limiter } = setUp({
      limit_mib: 100,
      spike_limit_mib: 20,
      min_gc_interval_when_soft_limited: '10s',
    });
    const { account, offer } = attach();
    await clock.advance(10_000);
    memory.usedMib = 90;
    memory.freedMib = 50;
    await clock.advance(1000);
    expect(memory.collections).toBe(1);
    expect(offer()).toEqual(ACCEPTED);
    memory.usedMib = 90;
    await clock.advance(1000);
    expect(memory.collections).toBe(1);
    expect(offer()).toMatchObject({ status: 'refused' });
    memory.usedMib = 100;
    await clock.advance(1000);
    expect(memory.collections).toBe(2);
    expect(offer()).toEqual(ACCEPTED);
    assertAccounts([account], { drained: true });
    limiter.shutdown();
  });

  it('takes a fifth of the limit as spike when none is given, and percentages of the memory there is', async () => {
    for (const settings of [
      { limit_mib: 500 },
      { limit_percentage: 50 },
      { limit_percentage: 50, spike_limit_percentage: 10 },
    ]) {
      const { clock, memory, attach, limiter } = setUp({ min_gc_interval_when_soft_limited: '1h', ...settings });
      const { account, offer } = attach();
      memory.usedMib = 399;
      await clock.advance(1000);
      expect(offer()).toEqual(ACCEPTED);
      memory.usedMib = 400;
      await clock.advance(1000);
      expect(offer()).toMatchObject({ status: 'refused' });
      assertAccounts([account], { drained: true });
      limiter.shutdown();
    }
  });

  it('measures once for all pipelines that share it', async () => {
    const { clock, memory, attach, limiter } = setUp({ limit_mib: 100 });
    const first = attach();
    const second = attach();
    memory.usedMib = 100;
    await clock.advance(1000);
    expect(memory.collections).toBe(1);
    expect([first.offer(), second.offer()]).toMatchObject([{ status: 'refused' }, { status: 'refused' }]);
    assertAccounts([first.account, second.account], { drained: true });
    limiter.shutdown();
  });

  it('drops what it cannot refuse, because its sender has its answer', async () => {
    const { clock, memory, attach, limiter } = setUp({ limit_mib: 100 });
    const { account, offer } = attach();
    memory.usedMib = 100;
    await clock.advance(1000);
    offer(true);
    expect(account).toMatchObject({ refused: 0, dropped: { memory_limit: 1 } });
    assertAccounts([account], { drained: true });
    limiter.shutdown();
  });

  it('can measure this process, buffers included, and collect its garbage', async () => {
    processMemory.collectGarbage();
    const before = processMemory.usedBytes();
    expect(usedWhileFull() - before).toBeGreaterThan(60 * MIB);
    // The test runner's own frames may keep the last value for a turn.
    await waitFor('buffers freed', () => {
      processMemory.collectGarbage();
      return processMemory.usedBytes() - before < 32 * MIB;
    });
    expect(processMemory.totalBytes()).toBeGreaterThan(128 * MIB);
  });
});
