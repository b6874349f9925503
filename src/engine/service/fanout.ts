import { ACCEPTED, type Batch, type Consumer, type Verdict } from '../batch.ts';

/**
 * Gives every branch the same batch. Each branch answers for itself and none is asked twice: a refusal by one does not keep
 * the batch from the others. The sender hears of every refusal, as with the Collector. Source: internal/fanoutconsumer at 0.149.
 */
export function createFanout(branches: readonly Consumer[]): Consumer {
  if (branches.length === 1) return branches[0]!;
  return {
    borrows: branches.every((branch) => branch.borrows === true),
    consume(batch: Batch): Verdict | Promise<Verdict> {
      let verdict = ACCEPTED;
      let waiting: Promise<Verdict>[] | undefined;
      for (const branch of branches) {
        const answer = branch.consume(batch);
        if (answer instanceof Promise) {
          waiting ??= [];
          waiting.push(answer);
        } else verdict = combine(verdict, answer);
      }
      if (waiting === undefined) return verdict;
      return Promise.all(waiting).then((answers) => answers.reduce(combine, verdict));
    },
  };
}

/** A refusal for good outweighs one that passes: trying again would not help. */
function combine(a: Verdict, b: Verdict): Verdict {
  if (a.status === 'accepted') return b;
  if (b.status === 'accepted') return a;
  if (a.retryable !== b.retryable) return a.retryable ? b : a;
  return b.afterMs > a.afterMs ? b : a;
}
