import type { Account, DropCause } from '../../flow/index.ts';
import { ACCEPTED, type Batch, type Verdict } from '../batch.ts';
import { cutBatch, mergeBatches } from '../batches.ts';

export interface OriginOptions {
  readonly account: Account;
  readonly batch: Batch;
  /** Grows with every request an exporter takes. */
  readonly order: number;
  /** When it came; wall clock, ms since the epoch. */
  readonly sinceMs: number;
  /** The sender waits for the outcome. */
  readonly resolve?: ((verdict: Verdict) => void) | undefined;
  /** The account holds the items already. */
  readonly booked?: boolean;
  /** The last item is settled, and what is kept of any is on disk. */
  readonly onSettled?: (() => void) | undefined;
}

/** Books the fate of the items of one request in its pipeline's account, and tells a sender that waits for it. */
export class Origin {
  readonly order: number;
  readonly sinceMs: number;
  readonly #account: Account;
  readonly #resolve: ((verdict: Verdict) => void) | undefined;
  readonly #mayRefuse: boolean;
  readonly #onSettled: (() => void) | undefined;
  #pending: number;
  /** How many parts of it are being written down as dead letters. */
  #keeping = 0;
  #verdict: Verdict = ACCEPTED;

  /** Takes the items over: from here on the account holds them. */
  constructor({ account, batch, order, sinceMs, resolve, booked = false, onSettled }: OriginOptions) {
    this.order = order;
    this.sinceMs = sinceMs;
    this.#account = account;
    this.#resolve = resolve;
    this.#mayRefuse = resolve !== undefined && !batch.acknowledged;
    this.#onSettled = onSettled;
    this.#pending = batch.itemCount;
    if (!booked) account.held += batch.itemCount;
  }

  delivered(itemCount: number, nowMs: number): void {
    this.#account.delivered += itemCount;
    if (itemCount > 0) this.#account.lastDeliveredMs = nowMs;
    this.#settle(itemCount);
  }

  /**
   * The items will not be delivered. Their sender hears of it if it still can; else they are lost here. `keeping`: until they
   * are written down elsewhere.
   */
  failed(itemCount: number, cause: DropCause, refusal: Verdict, keeping?: Promise<void>): void {
    if (keeping !== undefined) {
      this.#keeping++;
      void keeping.then(() => {
        this.#keeping--;
        this.#end();
      });
    }
    if (this.#mayRefuse) this.#account.refused += itemCount;
    else this.#account.drop(cause, itemCount);
    this.#verdict = refusal;
    this.#settle(itemCount);
  }

  /** The backend took the request but not these items; whoever waits is told that the request was taken. */
  rejected(itemCount: number, cause: DropCause): void {
    this.#account.drop(cause, itemCount);
    this.#settle(itemCount);
  }

  /** Gives what is not settled back to the caller, who books it; a sender that waits hears `verdict`. Returns how many items. */
  withdraw(verdict: Verdict): number {
    const items = this.#pending;
    this.#account.held -= items;
    this.#pending = 0;
    this.#resolve?.(verdict);
    return items;
  }

  #settle(itemCount: number): void {
    this.#account.held -= itemCount;
    this.#pending -= itemCount;
    if (this.#pending > 0) return;
    this.#resolve?.(this.#verdict);
    this.#end();
  }

  #end(): void {
    if (this.#pending === 0 && this.#keeping === 0) this.#onSettled?.();
  }
}

/** How many items of a request belong to whom. */
export interface Share {
  readonly origin: Origin;
  readonly itemCount: number;
}

/** A request on its way to a backend. Shares stand in the order of the items in it. */
export interface Consignment {
  readonly batch: Batch;
  readonly shares: readonly Share[];
  /** Room it takes in the queue until it is settled; changes with the settings of the queue, as does the next. */
  queueSize: number;
  /** Bytes it holds in memory until it is settled. */
  heldBytes: number;
  /** Somebody else has settled it: whoever comes across it passes it over. */
  withdrawn?: boolean;
  /** It failed before although others were taken, so that it goes without company and says nothing of the backend. */
  readonly alone?: boolean;
}

/** In the order in which the first items of each were taken over. */
export function byAge(a: Consignment, b: Consignment): number {
  return a.shares[0]!.origin.order - b.shares[0]!.origin.order;
}

/** One request for the items of many; the caller has merged their batches in the same order. */
export function mergeConsignments(parts: readonly Consignment[], batch: Batch): Consignment {
  let queueSize = 0;
  let heldBytes = 0;
  for (const part of parts) {
    queueSize += part.queueSize;
    heldBytes += part.heldBytes;
  }
  return { batch, shares: parts.flatMap((part) => part.shares), queueSize, heldBytes };
}

/** Divides a request whose batch was split into `batches`, in order; room and bytes are divided without remainder. */
export function splitConsignment(whole: Consignment, batches: readonly Batch[]): Consignment[] {
  const shares = [...whole.shares];
  let queueLeft = whole.queueSize;
  let bytesLeft = whole.heldBytes;
  return batches.map((batch, i) => {
    const last = i === batches.length - 1;
    const part = batch.itemCount / whole.batch.itemCount;
    const queueSize = last ? queueLeft : Math.min(queueLeft, Math.floor(whole.queueSize * part));
    const heldBytes = last ? bytesLeft : Math.min(bytesLeft, Math.floor(whole.heldBytes * part));
    queueLeft -= queueSize;
    bytesLeft -= heldBytes;
    return { batch, shares: takeShares(shares, batch.itemCount), queueSize, heldBytes };
  });
}

/** Whether any of its items came at or before `untilMs`. */
export function isOlder({ shares }: Consignment, untilMs: number): boolean {
  return shares.some(({ origin }) => origin.sinceMs <= untilMs);
}

/** Divides a request into what came at or before `untilMs` and what came later, which is one request again, in its order. */
export function divideByAge(
  whole: Consignment,
  untilMs: number,
): { readonly old: readonly Consignment[]; readonly young?: Consignment } {
  const runs: { readonly isOld: boolean; itemCount: number }[] = [];
  for (const { origin, itemCount } of whole.shares) {
    const isOld = origin.sinceMs <= untilMs;
    const last = runs.at(-1);
    if (last?.isOld === isOld) last.itemCount += itemCount;
    else runs.push({ isOld, itemCount });
  }
  const batches = cutBatch(
    whole.batch,
    runs.map(({ itemCount }) => itemCount),
  );
  const parts = splitConsignment(whole, batches);
  const old = parts.filter((_, i) => runs[i]!.isOld);
  const young = parts.filter((_, i) => !runs[i]!.isOld);
  if (young.length === 0) return { old };
  return { old, young: mergeConsignments(young, mergeBatches(young.map(({ batch }) => batch))) };
}

function takeShares(shares: Share[], itemCount: number): Share[] {
  const taken: Share[] = [];
  let wanted = itemCount;
  while (wanted > 0 && shares.length > 0) {
    const share = shares[0]!;
    const n = Math.min(wanted, share.itemCount);
    taken.push({ origin: share.origin, itemCount: n });
    if (n === share.itemCount) shares.shift();
    else shares[0] = { origin: share.origin, itemCount: share.itemCount - n };
    wanted -= n;
  }
  return taken;
}

/** Divides `count` among the shares in proportion to their size; a partial success does not say whose items it means. */
export function apportion(shares: readonly Share[], count: number): number[] {
  const total = shares.reduce((sum, share) => sum + share.itemCount, 0);
  const parts = shares.map((share) => Math.floor((count * share.itemCount) / total));
  let rest = count - parts.reduce((sum, n) => sum + n, 0);
  for (let i = 0; rest > 0; i = (i + 1) % parts.length) {
    if (parts[i]! < shares[i]!.itemCount) {
      parts[i]!++;
      rest--;
    }
  }
  return parts;
}
