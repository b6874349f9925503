import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Account, type EngineSnapshot } from '../../flow/index.ts';
import { FlowHistory, TREND_SECONDS } from './flow-history.ts';

const ID = 'traces/tracepipeline-a';

function snapshotOf(
  account: Account,
  options: { readonly queueBytes?: number; readonly offered?: number } = {},
): EngineSnapshot {
  const exporter = {
    id: 'otlp_grpc/a',
    destination: 'localhost:14317 (gRPC)',
    state: 'ok',
    sinceMs: 0,
    failedTries: 0,
    queueBytes: options.queueBytes ?? 0,
    queueCapacityBytes: 1000,
    ledger: account.row(),
  } as const;
  return {
    takenAtMs: 0,
    offered: { traces: options.offered ?? account.received, metrics: 0, logs: 0 },
    pipelines: [{ id: ID, signal: 'traces', ledger: account.row(), exporters: [exporter] }],
  };
}

describe('FlowHistory', () => {
  it('gives the mean of the last 10 seconds per second', () => {
    const history = new FlowHistory();
    const account = new Account();
    for (let second = 0; second <= 30; second++) {
      history.record(snapshotOf(account), second * 1000);
      const items = second < 20 ? 1000 : 50;
      account.received += items;
      account.delivered += items - 10;
      account.filtered += 7;
      account.drop('queue_full', 3);
    }
    expect(history.rates(ID)).toEqual({
      inPerSecond: 50,
      outPerSecond: 40,
      filteredPerSecond: 7,
      lostPerSecond: 3,
      refusedPerSecond: 0,
    });
  });

  it('divides by the time that really passed', () => {
    const history = new FlowHistory();
    const account = new Account();
    history.record(snapshotOf(account), 0);
    account.received = 300;
    history.record(snapshotOf(account), 3000);
    expect(history.rates(ID).inPerSecond).toBe(100);
    expect(history.trend([ID])).toEqual([100]);
  });

  it('has no rates before the second snapshot, whatever the engine counted before', () => {
    const history = new FlowHistory();
    const account = new Account();
    account.received = 1_000_000;
    history.record(snapshotOf(account), 0);
    expect(history.rates(ID).inPerSecond).toBe(0);
    expect(history.trend([ID])).toEqual([]);
  });

  it('counts a pipeline that was started anew from zero', () => {
    const history = new FlowHistory();
    const before = new Account();
    before.received = 5000;
    const after = new Account();
    after.received = 20;
    history.record(snapshotOf(before), 0);
    history.record(snapshotOf(after), 1000);
    expect(history.rates(ID).inPerSecond).toBe(20);
  });

  it('says what was lost, by cause, and since when', () => {
    const history = new FlowHistory();
    const account = new Account();
    for (let second = 0; second <= 60; second++) {
      history.record(snapshotOf(account), second * 1000);
      account.received += 10;
      if (second >= 40) account.drop('queue_full', 4);
      else account.delivered += 10;
      if (second === 50) account.drop('rejected_by_backend', 1);
    }
    expect(history.recentLoss(ID)).toEqual({
      lost: 81,
      delivered: 400,
      dropped: { queue_full: 80, rejected_by_backend: 1 },
      startedMsAgo: 20_000,
    });
    expect(history.recentLoss(ID, 10_000)).toMatchObject({ lost: 41, delivered: 0, startedMsAgo: 20_000 });
  });

  it('remembers when a loss began although it goes on for longer than the trend', () => {
    const history = new FlowHistory();
    const account = new Account();
    for (let second = 0; second <= 2000; second++) {
      history.record(snapshotOf(account), second * 1000);
      if (second >= 100 && second % 60 === 0) account.drop('queue_full', 1);
    }
    expect(history.recentLoss(ID)).toMatchObject({ lost: 5, startedMsAgo: 1_880_000 });
    for (let second = 2001; second <= 2400; second++) history.record(snapshotOf(account), second * 1000);
    expect(history.recentLoss(ID).startedMsAgo).toBeUndefined();
  });

  it('measures how fast a queue grows', () => {
    const history = new FlowHistory();
    const account = new Account();
    for (let second = 0; second <= 20; second++) {
      history.record(snapshotOf(account, { queueBytes: second * 25 }), second * 1000);
    }
    expect(history.queueGrowth(ID)).toBe(25);
  });

  it('keeps 15 minutes and no more', () => {
    const history = new FlowHistory();
    const account = new Account();
    for (let second = 0; second <= TREND_SECONDS + 50; second++) history.record(snapshotOf(account), second * 1000);
    expect(history.trend([ID])).toHaveLength(TREND_SECONDS);
  });

  it('never gives a negative figure, however counters and clocks jump', () => {
    const counter = fc.nat({ max: 1e9 });
    const step = fc.record({ received: counter, delivered: counter, lost: counter, offered: counter, atMs: fc.nat() });
    fc.assert(
      fc.property(fc.array(step, { minLength: 2, maxLength: 40 }), (steps) => {
        const history = new FlowHistory();
        for (const { received, delivered, lost, offered, atMs } of steps) {
          const account = new Account();
          account.received = received;
          account.delivered = delivered;
          account.drop('queue_full', lost);
          history.record(snapshotOf(account, { offered }), atMs);
        }
        const figures = [
          ...Object.values(history.rates(ID)),
          ...history.trend([ID]),
          history.offeredPerSecond('traces'),
          history.recentLoss(ID).lost,
          history.recentLoss(ID).delivered,
        ];
        for (const figure of figures) expect(figure).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
