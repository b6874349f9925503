import { type LedgerRow, lostItems, sumRows } from '../../flow/index.ts';
import { sleep } from '../../lib/index.ts';
import type { LedgerDocument } from '../../server/index.ts';
import { apiClient } from '../api-client.ts';
import type { CliContext } from '../context.ts';

/** What became of generated items in one pipeline of the local engine. */
export interface Delivery {
  readonly pipeline: string;
  /** What was in the queue at the start; it is delivered or lost with the rest. */
  readonly queuedBefore: number;
  readonly received: number;
  readonly delivered: number;
  readonly filtered: number;
  readonly queued: number;
  readonly lost: number;
}

const POLL_MS = 200;
const DRAIN_TIMEOUT_MS = 10_000;

/**
 * Reads the engine's ledger now; `after()` waits until nothing is queued and answers with the difference. Other senders' items are
 * in it too.
 */
export async function watchDelivery(api: string, context: CliContext): Promise<{ after(): Promise<Delivery[]> }> {
  const client = apiClient(context, api);
  const read = () => client.get<LedgerDocument>('/api/v1/ledger');
  const before = await read();
  return {
    async after() {
      const deadline = context.clock.monotonicMs() + DRAIN_TIMEOUT_MS;
      let now = await read();
      while (now.pipelines.some((row) => row.queued > 0) && context.clock.monotonicMs() < deadline) {
        if (context.interrupt.aborted) break;
        await sleep(context.clock, POLL_MS);
        now = await read();
      }
      return now.pipelines.map((row) => difference(row, before)).filter((delivery) => delivery.received > 0);
    },
  };
}

function difference(row: LedgerDocument['pipelines'][number], before: LedgerDocument): Delivery {
  const old = before.pipelines.find((known) => known.kind === row.kind && known.name === row.name) ?? EMPTY_ROW;
  return {
    pipeline: `${row.kind.toLowerCase()}/${row.name}`,
    queuedBefore: old.queued,
    received: row.received - old.received,
    delivered: row.delivered - old.delivered,
    filtered: row.filtered - old.filtered,
    queued: row.queued,
    lost: lostItems(row) - lostItems(old),
  };
}

const EMPTY_ROW: LedgerRow = sumRows([]);
