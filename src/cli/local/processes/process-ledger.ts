/**
 * The accounts of a topology's processes as one.
 * - A process that died leaves its rows: what it held is unknown, and so is what its sender had handed over since its last
 *   report. The process that follows it counts from 0, and both make the pipeline's row. What it finds in a queue on disk was
 *   left there by the one before, and is neither unknown nor there twice.
 * - Behind a router the gateway's row is the pipeline's: the router waits for its answer and holds nothing that it has
 *   acknowledged. What the router refused is added; what the gateway refused, the router tried again.
 * - Behind an entry both rows are joined: the entry holds a copy for each pipeline.
 */
import {
  addRows,
  type EngineSnapshot,
  joinHops,
  type LedgerRow,
  type PipelineSnapshot,
  rowOfKilled,
} from '../../../flow/index.ts';
import { type PipelineId, pipelineSignal } from '../../../otelcol/index.ts';
import { SIGNALS, type Signal } from '../../../pdata/index.ts';

export interface WorkloadState {
  readonly name: string;
  readonly role: 'router' | 'entry' | 'gateway' | 'dispatcher';
  readonly snapshot: EngineSnapshot | undefined;
}

/** What a sender in front had handed over to a pipeline when the present process behind it started. */
interface Since {
  readonly delivered: number;
  readonly refused: number;
}

type Front = WorkloadState & { readonly role: 'router' | 'entry' };

const NOTHING: Since = { delivered: 0, refused: 0 };

export class ProcessLedger {
  /** By workload and pipeline: rows of processes that are gone. */
  readonly #past = new Map<string, Map<string, PipelineSnapshot>>();
  readonly #offered: Record<Signal, number> = { traces: 0, metrics: 0, logs: 0 };
  /** By pipeline. */
  readonly #since = new Map<string, Since>();
  readonly #refusedSince = new Map<string, number>();

  /** A process died with `last` as its last report; `others` are the rest of the topology, asked anew. */
  died(workload: WorkloadState, last: EngineSnapshot | undefined, others: readonly WorkloadState[]): void {
    const front = others.find(isFront);
    for (const pipeline of last?.pipelines ?? []) {
      const handed = this.#handedOver(pipeline, front);
      const before = this.#since.get(pipeline.id) ?? NOTHING;
      if (isFront(workload)) {
        this.#keep(workload.name, pipeline, rowOfKilled(this.#withUnreported(workload, pipeline, others)));
      } else {
        const row = pipeline.ledger;
        // What a router handed over since a pipeline is gone was for others of its signal.
        const isCounted = handed !== undefined && !(front?.role === 'router' && pipeline.retired === true);
        const killed = isCounted ? rowOfKilled(row, handed.delivered - before.delivered) : rowOfKilled(row);
        this.#keep(workload.name, pipeline, killed);
        if (handed !== undefined) this.#since.set(pipeline.id, handed);
      }
    }
    this.#keepOffered(workload, last);
  }

  /** What those behind an entry took beyond its last report, it must have received and handed over. */
  #withUnreported(
    workload: WorkloadState,
    { id, ledger }: PipelineSnapshot,
    others: readonly WorkloadState[],
  ): LedgerRow {
    if (workload.role !== 'entry') return ledger;
    const rowsOf = (states: readonly WorkloadState[]) =>
      addRows(
        states.flatMap((state) => this.#pipelinesOf(state)).flatMap((one) => (one.id === id ? [one.ledger] : [])),
      );
    const behind = rowsOf(others);
    const unreported = Math.max(0, behind.received - behind.refused - rowsOf([workload]).delivered);
    return {
      ...ledger,
      received: ledger.received + Math.max(0, unreported - ledger.queued),
      delivered: ledger.delivered + unreported,
      queued: Math.max(0, ledger.queued - unreported),
    };
  }

  /** A process ended as it was told to; its rows stay. */
  ended(workload: WorkloadState): void {
    for (const pipeline of workload.snapshot?.pipelines ?? []) this.#keep(workload.name, pipeline, pipeline.ledger);
    this.#keepOffered(workload, workload.snapshot);
  }

  /** Pipelines that begin now behind a front that has counted before. */
  began(ids: readonly PipelineId[], front: WorkloadState | undefined): void {
    for (const id of ids) {
      const handed = this.#handedOver({ id, signal: pipelineSignal(id) }, front);
      if (handed === undefined) continue;
      this.#since.set(id, handed);
      this.#refusedSince.set(id, handed.refused);
    }
  }

  /** What the processes of a workload counted, those before the present one too; undefined while none reports. */
  ofWorkload(workload: WorkloadState): EngineSnapshot | undefined {
    return workload.snapshot && { ...workload.snapshot, pipelines: this.#pipelinesOf(workload) };
  }

  /** One snapshot for all. `takenAtMs` is the reader's. */
  join(workloads: readonly WorkloadState[], takenAtMs: number): EngineSnapshot {
    const front = workloads.find(isFront);
    const joined = new Map<string, PipelineSnapshot>();
    for (const workload of workloads) {
      if (workload === front) continue;
      for (const pipeline of this.#pipelinesOf(workload)) joined.set(pipeline.id, this.#withFront(pipeline, front));
    }
    for (const name of this.#past.keys()) {
      if (workloads.some((workload) => workload.name === name)) continue;
      for (const pipeline of this.#past.get(name)!.values()) {
        if (!joined.has(pipeline.id)) joined.set(pipeline.id, { ...this.#withFront(pipeline, front), retired: true });
      }
    }
    if (front?.role === 'entry') {
      for (const pipeline of this.#pipelinesOf(front)) if (!joined.has(pipeline.id)) joined.set(pipeline.id, pipeline);
    }
    const offered = { ...this.#offered };
    for (const signal of SIGNALS) offered[signal] += front?.snapshot?.offered[signal] ?? 0;
    const pipelines = [...joined.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    // Each rule runs in one process.
    const statements = workloads.flatMap(({ snapshot }) => snapshot?.statements ?? []);
    const filtered = workloads.flatMap(({ snapshot }) => snapshot?.filtered ?? []);
    const unowned = workloads.flatMap(({ snapshot }) => snapshot?.unowned ?? []);
    return {
      takenAtMs,
      offered,
      pipelines,
      ...(unowned.length > 0 && { unowned }),
      ...(statements.length > 0 && { statements }),
      ...(filtered.length > 0 && { filtered }),
    };
  }

  #withFront(pipeline: PipelineSnapshot, front: Front | undefined): PipelineSnapshot {
    if (front?.role === 'entry') {
      const hop = this.#pipelinesOf(front).find(({ id }) => id === pipeline.id);
      if (hop === undefined) return pipeline;
      const lastReceivedMs = hop.lastReceivedMs ?? pipeline.lastReceivedMs;
      return {
        ...pipeline,
        ledger: joinHops(hop.ledger, pipeline.ledger),
        ...(lastReceivedMs === undefined ? {} : { lastReceivedMs }),
      };
    }
    const handed = this.#handedOver(pipeline, front);
    if (handed === undefined) return pipeline;
    const refused = Math.max(0, handed.refused - (this.#refusedSince.get(pipeline.id) ?? 0));
    const { ledger } = pipeline;
    return { ...pipeline, ledger: { ...ledger, received: ledger.received - ledger.refused + refused, refused } };
  }

  /** Its pipelines with what processes before it counted. */
  #pipelinesOf({ name, snapshot }: WorkloadState): readonly PipelineSnapshot[] {
    const past = this.#past.get(name) ?? new Map<string, PipelineSnapshot>();
    const now = snapshot?.pipelines ?? [];
    const gone = [...past.values()].filter(({ id }) => !now.some((pipeline) => pipeline.id === id));
    return [
      ...now.map((pipeline) => {
        const before = past.get(pipeline.id);
        return before === undefined ? pipeline : { ...pipeline, ledger: followed(before.ledger, pipeline.ledger) };
      }),
      ...gone,
    ];
  }

  #handedOver(
    { id, signal }: Pick<PipelineSnapshot, 'id' | 'signal'>,
    front: WorkloadState | undefined,
  ): Since | undefined {
    if (front === undefined) return undefined;
    const rows = this.#pipelinesOf(front).filter((pipeline) =>
      front.role === 'router' ? pipeline.signal === signal : pipeline.id === id,
    );
    if (rows.length === 0) return undefined;
    const { delivered, refused } = addRows(rows.map(({ ledger }) => ledger));
    return { delivered, refused };
  }

  #keep(workload: string, pipeline: PipelineSnapshot, row: LedgerRow): void {
    const rows = this.#past.get(workload) ?? new Map<string, PipelineSnapshot>();
    const before = rows.get(pipeline.id);
    const exporters = pipeline.exporters.map((exporter) => ({ ...exporter, queueBytes: 0 }));
    const ledger = before === undefined ? row : followed(before.ledger, row);
    rows.set(pipeline.id, { ...pipeline, exporters, ledger });
    this.#past.set(workload, rows);
  }

  #keepOffered(workload: WorkloadState, last: EngineSnapshot | undefined): void {
    if (isFront(workload) && last !== undefined) {
      for (const signal of SIGNALS) this.#offered[signal] += last.offered[signal];
    }
  }
}

/** The rows of two processes, one after the other. */
function followed(before: LedgerRow, row: LedgerRow): LedgerRow {
  const foundAgain = Math.min(row.recovered, before.queued + before.unknown);
  const queued = Math.min(before.queued, foundAgain);
  const unknown = foundAgain - queued;
  return addRows([
    { ...before, queued: before.queued - queued, unknown: before.unknown - unknown },
    { ...row, recovered: row.recovered - foundAgain },
  ]);
}

function isFront(workload: WorkloadState): workload is Front {
  return workload.role === 'router' || workload.role === 'entry';
}
