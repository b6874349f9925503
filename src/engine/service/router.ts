import type { Account } from '../../flow/index.ts';
import type { ComponentId, PipelineId } from '../../otelcol/index.ts';
import type { Signal } from '../../pdata/index.ts';
import { ACCEPTED, type Batch, type Consumer, type Verdict } from '../batch.ts';
import type { Connector, EngineDeps } from '../component.ts';
import { DropLog } from '../exporter/drop-log.ts';
import { countReceived } from './entry.ts';
import { type Branch, fanOut } from './fanout.ts';
import type { PipelineNode } from './pipeline-node.ts';
import type { Retries } from './retries.ts';

export interface RouterOptions {
  readonly id: ComponentId;
  /** The pipeline it is an output of. */
  readonly from: PipelineId;
  readonly signal: Signal;
  readonly connector: Connector;
  /** Those it may choose. */
  readonly pipelines: readonly PipelineNode[];
  /** Of the connector as an output of the pipeline in front. */
  readonly account: Account;
  readonly deps: EngineDeps;
  readonly retries: Retries;
}

/**
 * Gives each batch to the pipelines the connector chooses. Passed on is delivered here, even if it is lost behind; but what one
 * of them refuses goes back to the sender, also where others took it. A retry passes by those (fanout.ts).
 */
export function createRouter(options: RouterOptions): Consumer {
  const { id, from, signal, connector, pipelines, account, deps, retries } = options;
  const { clock } = deps;
  const drops = new DropLog({ connector: id, signal }, deps);
  const entries = new Map(
    pipelines.map(({ id: pipeline, entry, accounts }): [string, Branch] => {
      const consume = (batch: Batch) => {
        countReceived(batch, accounts, clock);
        return entry.consume(batch);
      };
      // Whoever is passed by was not counted as having received.
      return [pipeline, { name: `${from} ${id} ${pipeline}`, consumer: { consume }, accounts: [] }];
    }),
  );
  const settle = ({ itemCount, acknowledged }: Batch, verdict: Verdict): Verdict => {
    if (verdict.status === 'refused' && !acknowledged) account.refused += itemCount;
    else {
      account.delivered += itemCount;
      account.lastDeliveredMs = clock.nowMs();
    }
    return verdict;
  };
  return {
    borrows: pipelines.every(({ entry }) => entry.borrows === true),
    consume(batch) {
      const chosen = connector.route(batch).map((pipeline) => entries.get(pipeline)!);
      if (chosen.length === 0) {
        account.drop('no_route', batch.itemCount);
        drops.add('no_route', batch.itemCount, 'no route takes them');
        return ACCEPTED;
      }
      const verdict = fanOut(batch, chosen, retries);
      if (!(verdict instanceof Promise)) return settle(batch, verdict);
      account.held += batch.itemCount;
      return verdict.then((decided) => {
        account.held -= batch.itemCount;
        return settle(batch, decided);
      });
    },
  };
}
