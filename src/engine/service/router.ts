import type { Account } from '../../flow/index.ts';
import type { ComponentId } from '../../otelcol/index.ts';
import type { Signal } from '../../pdata/index.ts';
import { ACCEPTED, type Batch, type Consumer, type Verdict } from '../batch.ts';
import type { Connector, EngineDeps } from '../component.ts';
import { DropLog } from '../exporter/drop-log.ts';
import { countReceived } from './entry.ts';
import { createFanout } from './fanout.ts';
import type { PipelineNode } from './pipeline-node.ts';

export interface RouterOptions {
  readonly id: ComponentId;
  readonly signal: Signal;
  readonly connector: Connector;
  /** Those it may choose. */
  readonly pipelines: readonly PipelineNode[];
  /** Of the connector as an output of the pipeline in front. */
  readonly account: Account;
  readonly deps: EngineDeps;
}

/**
 * Gives each batch to the pipelines the connector chooses. Passed on is delivered here, even if it is lost behind; but what one
 * of them refuses goes back to the sender, also where others took it: as with the Collector, a retry reaches those twice.
 */
export function createRouter({ id, signal, connector, pipelines, account, deps }: RouterOptions): Consumer {
  const { clock } = deps;
  const drops = new DropLog({ connector: id, signal }, deps);
  const entries = new Map(
    pipelines.map(({ id: pipeline, entry, accounts }): [string, Consumer] => [
      pipeline,
      {
        consume(batch) {
          countReceived(batch, accounts, clock);
          return entry.consume(batch);
        },
      },
    ]),
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
      const verdict = createFanout(chosen).consume(batch);
      if (!(verdict instanceof Promise)) return settle(batch, verdict);
      account.held += batch.itemCount;
      return verdict.then((decided) => {
        account.held -= batch.itemCount;
        return settle(batch, decided);
      });
    },
  };
}
