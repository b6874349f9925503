import type { Account } from '../../flow/index.ts';
import { ACCEPTED, type Batch, type Consumer, type Verdict } from '../batch.ts';
import type { Attempt, Retries } from './retries.ts';

/** One way on from a fan-out. */
export interface Branch {
  /** The way to it, the same in every configuration that has it. */
  readonly name: string;
  readonly consumer: Consumer;
  /** Those in which what reaches the fan-out was counted as received for this branch. */
  readonly accounts: readonly Account[];
}

/**
 * Gives every branch the same batch. Each branch answers for itself and none is asked twice: a refusal by one does not keep
 * the batch from the others. The sender hears of every refusal, as with the Collector. Source: internal/fanoutconsumer at 0.149.
 *
 * Unlike with the Collector, a sender that tries again reaches only those that refused it (retries.ts).
 */
export function createFanout(branches: readonly Branch[], retries: Retries): Consumer {
  if (branches.length === 1) return branches[0]!.consumer;
  return {
    borrows: branches.every(({ consumer }) => consumer.borrows === true),
    consume: (batch) => fanOut(batch, branches, retries),
  };
}

/** The same for branches that are chosen for one batch. */
export function fanOut(batch: Batch, branches: readonly Branch[], retries: Retries): Verdict | Promise<Verdict> {
  if (retries.isRetry && !batch.acknowledged) {
    const left = branches.filter(({ name }) => !retries.hasTaken(name));
    if (left.length < branches.length) return onlyTo(left, { batch, branches, retries });
  }
  return giveAll(batch, branches, retries);
}

function giveAll(batch: Batch, branches: readonly Branch[], retries: Retries): Verdict | Promise<Verdict> {
  let verdict = ACCEPTED;
  let waiting: Promise<Verdict>[] | undefined;
  let answers: (Verdict | Promise<Verdict>)[] | undefined;
  for (let i = 0; i < branches.length; i++) {
    const answer = branches[i]!.consumer.consume(batch);
    if (answer === ACCEPTED && answers === undefined) continue;
    answers ??= new Array<Verdict | Promise<Verdict>>(i).fill(ACCEPTED);
    answers.push(answer);
    if (answer instanceof Promise) {
      waiting ??= [];
      waiting.push(answer);
    } else verdict = combine(verdict, answer);
  }
  if (answers === undefined) return verdict;
  const attempt = branches.length > 1 ? retries.attempt(batch) : undefined;
  if (waiting === undefined) {
    if (attempt !== undefined) noteTaken(attempt, branches, answers as Verdict[]);
    return verdict;
  }
  if (attempt !== undefined) retries.later(attempt);
  return Promise.all(answers).then((settled) => {
    if (attempt !== undefined) noteTaken(attempt, branches, settled);
    return settled.reduce(combine, ACCEPTED);
  });
}

/** The others have taken it before: for them it was never received a second time. */
function onlyTo(
  left: readonly Branch[],
  {
    batch,
    branches,
    retries,
  }: { readonly batch: Batch; readonly branches: readonly Branch[]; readonly retries: Retries },
): Verdict | Promise<Verdict> {
  for (const branch of branches) {
    if (left.includes(branch)) continue;
    for (const account of branch.accounts) {
      const received = Math.min(batch.itemCount, retries.receivedItems);
      account.received -= received;
      // What stages made on the way here was booked as created a moment ago.
      account.created -= batch.itemCount - received;
    }
    retries.skip(batch.itemCount);
  }
  return giveAll(batch, left, retries);
}

/** Those that took what others refused; where nobody refused, whoever gave it to all of them knows. */
function noteTaken(attempt: Attempt, branches: readonly Branch[], answers: readonly Verdict[]): void {
  if (answers.every(({ status }) => status === 'accepted')) return;
  answers.forEach(({ status }, i) => {
    if (status === 'accepted') attempt.taken.push(branches[i]!.name);
  });
}

/** A refusal for good outweighs one that passes: trying again would not help. */
function combine(a: Verdict, b: Verdict): Verdict {
  if (a.status === 'accepted') return b;
  if (b.status === 'accepted') return a;
  if (a.retryable !== b.retryable) return a.retryable ? b : a;
  return b.afterMs > a.afterMs ? b : a;
}
