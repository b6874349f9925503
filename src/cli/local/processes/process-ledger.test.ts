import { describe, expect, it } from 'vitest';
import { addRows, type EngineSnapshot, type LedgerRow } from '../../../flow/index.ts';
import { pipelineId } from '../../../otelcol/index.ts';
import { ProcessLedger, type WorkloadState } from './process-ledger.ts';

const ID = pipelineId('traces', 'tracepipeline-demo');
const row = (change: Partial<LedgerRow>) => addRows([{ ...addRows([]), ...change }]);
const state = (name: string, role: WorkloadState['role'], rows: Record<string, Partial<LedgerRow>>): WorkloadState => ({
  name,
  role,
  snapshot: snapshotOf(rows),
});
const snapshotOf = (rows: Record<string, Partial<LedgerRow>>): EngineSnapshot => ({
  takenAtMs: 0,
  offered: { traces: 0, metrics: 0, logs: 0 },
  pipelines: Object.entries(rows).map(([id, change]) => ({ id, signal: 'traces', ledger: row(change), exporters: [] })),
});
const demo = (ledger: ProcessLedger, workloads: readonly WorkloadState[]) =>
  ledger.join(workloads, 0).pipelines.find(({ id }) => id === ID)!.ledger;

describe('the accounts of processes behind a router', () => {
  const router = (change: Partial<LedgerRow>) => state('otlp-router', 'router', { 'traces/router': change });
  const gateway = (change: Partial<LedgerRow>) => state('trace-gateway', 'gateway', { [ID]: change });

  it("are the gateway's; what it refused and the router tried again counts once", () => {
    const workloads = [
      gateway({ received: 30, refused: 10, delivered: 20 }),
      router({ received: 25, delivered: 20, refused: 5 }),
    ];
    expect(demo(new ProcessLedger(), workloads)).toMatchObject({
      received: 25,
      delivered: 20,
      refused: 5,
      unaccounted: 0,
    });
  });

  it('call unknown what a killed process held, and what it had taken since its last report', () => {
    const ledger = new ProcessLedger();
    const killed = gateway({ received: 100, delivered: 60, queued: 40 });
    ledger.died(killed, killed.snapshot, [router({ received: 130, delivered: 130 })]);
    const after = [gateway({ received: 20, delivered: 20 }), router({ received: 150, delivered: 150 })];
    expect(demo(ledger, after)).toMatchObject({ received: 150, delivered: 80, unknown: 70, queued: 0, unaccounted: 0 });
  });

  it('call nothing unknown that the next process finds on disk, nor count twice what a clean stop left there', () => {
    const ledger = new ProcessLedger();
    const killed = gateway({ received: 100, delivered: 60, queued: 40 });
    ledger.died(killed, killed.snapshot, []);
    const second = gateway({ recovered: 38, delivered: 30, queued: 8 });
    expect(demo(ledger, [second])).toMatchObject({
      received: 100,
      recovered: 0,
      delivered: 90,
      unknown: 2,
      queued: 8,
      unaccounted: 0,
    });
    ledger.ended(second);
    const third = gateway({ recovered: 8, delivered: 8 });
    expect(demo(ledger, [third])).toMatchObject({ recovered: 0, delivered: 98, unknown: 2, queued: 0, unaccounted: 0 });
  });

  it('keep what was found on disk before the first process of this run', () => {
    const workloads = [gateway({ recovered: 5, delivered: 5 })];
    expect(demo(new ProcessLedger(), workloads)).toMatchObject({ recovered: 5, delivered: 5, unaccounted: 0 });
  });

  it('call nothing unknown that came after a pipeline was taken away', () => {
    const ledger = new ProcessLedger();
    const { pipelines, ...rest } = gateway({ received: 100, delivered: 90, queued: 10 }).snapshot!;
    const snapshot = { ...rest, pipelines: pipelines.map((one) => ({ ...one, retired: true as const })) };
    ledger.died({ ...gateway({}), snapshot }, snapshot, [router({ received: 500, delivered: 500 })]);
    const after = [state('trace-gateway', 'gateway', {}), router({ received: 500, delivered: 500 })];
    expect(demo(ledger, after)).toMatchObject({ received: 100, delivered: 90, unknown: 10, unaccounted: 0 });
  });

  it('are told of one workload with what its processes before counted', () => {
    const ledger = new ProcessLedger();
    const killed = gateway({ received: 100, delivered: 60, dropped: { queue_full: 40 } });
    ledger.died(killed, killed.snapshot, []);
    const [own] = ledger.ofWorkload(gateway({ received: 5, dropped: { queue_full: 5 } }))!.pipelines;
    expect(own!.ledger).toMatchObject({ received: 105, dropped: { queue_full: 45 } });
    expect(ledger.ofWorkload({ ...killed, snapshot: undefined })).toBeUndefined();
  });

  it('count from its beginning for a pipeline that came later', () => {
    const ledger = new ProcessLedger();
    ledger.began([ID], router({ received: 500, delivered: 400, refused: 100 }));
    const workloads = [gateway({ received: 7, delivered: 7 }), router({ received: 510, delivered: 407, refused: 103 })];
    expect(demo(ledger, workloads)).toMatchObject({ received: 10, delivered: 7, refused: 3, unaccounted: 0 });
    const killed = gateway({ received: 7, delivered: 5, queued: 2 });
    ledger.died(killed, killed.snapshot, [router({ received: 510, delivered: 407, refused: 103 })]);
    expect(demo(ledger, [router({ received: 510, delivered: 407, refused: 103 })])).toMatchObject({
      delivered: 5,
      unknown: 2,
      unaccounted: 0,
    });
  });
});

describe('the accounts of processes behind an entry', () => {
  const entry = (change: Partial<LedgerRow>) => state('otlp-entry', 'entry', { [ID]: change });
  const dispatcher = (change: Partial<LedgerRow>) => state('trace-dispatcher-demo', 'dispatcher', { [ID]: change });

  it('are joined: received at the entry, delivered by the dispatcher, held by both', () => {
    const workloads = [
      entry({ received: 100, delivered: 80, queued: 20 }),
      dispatcher({ received: 80, delivered: 50, queued: 30 }),
    ];
    expect(demo(new ProcessLedger(), workloads)).toMatchObject({
      received: 100,
      delivered: 50,
      queued: 50,
      unaccounted: 0,
    });
  });

  it('outlive a process that died and one that ended', () => {
    const ledger = new ProcessLedger();
    const killed = dispatcher({ received: 60, delivered: 50, queued: 10 });
    ledger.died(killed, killed.snapshot, [entry({ received: 70, delivered: 65, queued: 5 })]);
    const second = dispatcher({ received: 5, delivered: 5 });
    const front = entry({ received: 70, delivered: 70 });
    expect(demo(ledger, [front, second])).toMatchObject({ received: 70, delivered: 55, unknown: 15, unaccounted: 0 });
    ledger.ended(second);
    const joined = ledger.join([front], 0).pipelines[0]!;
    expect(joined).toMatchObject({ retired: true });
    expect(joined.ledger).toMatchObject({ received: 70, delivered: 55, unknown: 15, unaccounted: 0 });
  });

  it('survive the death of the entry', () => {
    const ledger = new ProcessLedger();
    const killed = entry({ received: 50, delivered: 40, queued: 10 });
    ledger.died(killed, killed.snapshot, [dispatcher({ received: 40, delivered: 40 })]);
    const after = [entry({ received: 5, delivered: 5 }), dispatcher({ received: 45, delivered: 45 })];
    expect(demo(ledger, after)).toMatchObject({ received: 55, delivered: 45, unknown: 10, unaccounted: 0 });
  });

  it('know what the entry handed over after its last report from who took it', () => {
    const ledger = new ProcessLedger();
    const killed = entry({ received: 50, delivered: 40, queued: 10 });
    ledger.died(killed, killed.snapshot, [dispatcher({ received: 80, refused: 5, delivered: 60, queued: 15 })]);
    const after = [entry({}), dispatcher({ received: 80, refused: 5, delivered: 75 })];
    expect(demo(ledger, after)).toMatchObject({ received: 75, created: 0, delivered: 75, unknown: 0, unaccounted: 0 });
  });
});
