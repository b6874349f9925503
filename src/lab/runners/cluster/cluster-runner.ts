import type { KubeClient } from '../../../kube/index.ts';
import { type Clock, CodedError, errorMessage, sleep } from '../../../lib/index.ts';
import type { Fault, Runner, RunPlan, RunResult } from '../../run.ts';
import { accountsOf } from '../accounts.ts';
import { modeOf } from '../faults.ts';
import { figuresOf } from '../figures.ts';
import { checkLedger } from '../ledger-check.ts';
import type { SinkProcess } from '../load-process.ts';
import { NAMED_SETTINGS, type NamedSettings } from '../named-settings.ts';
import { untilDelivered, warmUp } from '../preparation.ts';
import { RUN_SKIPPED } from '../run-skipped.ts';
import { acceptsAtEnd, loadTimes, openSinks } from '../runner.ts';
import { type Senders, startSenders } from '../senders.ts';
import { seriesOf } from '../series.ts';
import { lookAt, type Moment } from '../timeline.ts';
import { Gateways } from './gateways.ts';
import { CLAIMS, OF_SLUICE } from './kinds.ts';
import {
  addressForPods,
  endpointOf,
  hasDefaultStorageClass,
  namespaceOfSluice,
  PipelinesOfRun,
  refuseOthers,
  removePipelines,
} from './pipelines-of-run.ts';

/** A cluster that Sluice is installed in, of which this machine is a node. */
export interface ClusterRunnerOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
}

interface RunContext extends ClusterRunnerOptions {
  readonly plan: RunPlan;
  readonly settings: NamedSettings;
  readonly namespace: string;
  readonly signal: AbortSignal;
  say(line: string): void;
  /** Undone in the other order when the run is over, however it ends. */
  readonly cleanUp: (() => void | Promise<void>)[];
}

interface Prepared extends RunContext {
  readonly gateways: Gateways;
  readonly pipelines: PipelinesOfRun;
  readonly senders: Senders;
  readonly sinks: ReadonlyMap<string, SinkProcess>;
  /** Where senders send. */
  readonly host: string;
}

const GRPC_PORT = 4317;
const SAMPLE_MS = 1000;
/** What is watched after a fault is over. */
const AFTERWARDS_MS = 5000;
/** Of the queues on disk of a run: no run fills more. */
const DISK_QUEUE_BYTES = 64 * 2 ** 20;
const REMOVAL_LIMIT_MS = 120_000;
/** Of processes on this machine, which are not looked at here. */
const NOT_SEEN = /^(cpu|rss|queue_disk|processes$|objects$)/;
const FAULTS: readonly Fault['kind'][] = ['kill', 'restart', 'reload', 'backend'];
const SETTINGS: readonly string[] = ['sluice', 'durable'];

/**
 * Lets Sluice run the gateways of a cluster: what the operator makes of pipelines, behind the Service that applications send
 * to. Backends and senders are processes of this machine. A plan that cannot be carried out here is rejected with a CodedError
 * RUN_SKIPPED. Everything that a run made is removed at its end.
 */
export function createClusterRunner({ client, clock }: ClusterRunnerOptions): Runner {
  return {
    async run(plan, { signal, say }) {
      const settings = NAMED_SETTINGS[plan.settings];
      if (settings === undefined) throw new Error(`there are no settings \`${plan.settings}\``);
      await checkPlan(plan, client);
      const namespace = await namespaceOfSluice(client);
      const context: RunContext = { client, clock, plan, settings, namespace, signal, say, cleanUp: [] };
      try {
        return await carryOut(context);
      } finally {
        for (const undo of context.cleanUp.reverse()) {
          try {
            await undo();
          } catch (error) {
            say(`could not tidy up: ${errorMessage(error)}`);
          }
        }
      }
    },
  };
}

async function checkPlan(plan: RunPlan, client: KubeClient): Promise<void> {
  const skip = (why: string) => {
    throw new CodedError(RUN_SKIPPED, why);
  };
  if (!SETTINGS.includes(plan.settings)) skip(`in a cluster there are the settings ${SETTINGS.join(', ')}`);
  const fault = plan.faults.find(({ kind }) => !FAULTS.includes(kind));
  if (fault !== undefined) skip(`in a cluster there is no fault \`${fault.kind}\``);
  if (plan.coresEach !== undefined) skip('in a cluster CPU is not limited');
  if (plan.backlogBytes !== undefined) skip('in a cluster there is no backlog before the measurement');
  if (plan.settings === 'durable' && !(await hasDefaultStorageClass(client)))
    skip('the cluster has no default StorageClass for the queues on disk');
}

async function carryOut(context: RunContext): Promise<RunResult> {
  const { client, namespace, plan, settings, cleanUp, clock, signal } = context;
  await refuseOthers(client);
  const gateways = new Gateways({ client, namespace, clock, signal });
  await removePipelines(client);
  await gateways.until('gateways of an earlier run are gone', async () => (await gateways.names()).length === 0);
  const address = await addressForPods(client);
  const sinks = await openSinks(context, undefined, address);
  const senders = startSenders(plan, undefined);
  cleanUp.push(() => senders.kill());
  const pipelines = new PipelinesOfRun({
    ...{ client, namespace, plan, host: address },
    delivery: settings.delivery?.({ queueBytes: DISK_QUEUE_BYTES, ...plan }),
    portOf: (name) => sinks.get(name)!.port,
  });
  cleanUp.push(() => tidyUp(context, pipelines));
  await pipelines.apply();
  await gateways.until('Sluice has taken the pipelines', () => pipelines.areTaken(), 60_000);
  // A rollout that begins while replicas are young replaces them all at once.
  await gateways.whenReady({ available: plan.faults.some(({ kind }) => kind === 'restart' || kind === 'reload') });
  const host = await endpointOf(client, namespace);
  if (host === undefined)
    throw new Error(`the Service of the endpoint is not there; look at: kubectl get service -n ${namespace}`);
  await warmUp({ ...context, senders, sinks, units: [{ front: true, host, grpcPort: GRPC_PORT }] });
  return measure({ ...context, gateways, pipelines, senders, sinks, host });
}

/** Waits, so that the next run finds nothing of this one; even when this one was aborted. */
async function tidyUp({ client, namespace, clock }: RunContext, pipelines: PipelinesOfRun): Promise<void> {
  const gateways = new Gateways({ client, namespace, clock, signal: new AbortController().signal });
  try {
    await pipelines.remove(await gateways.names());
    const isGone = async () => {
      const { items: claims } = await client.list(CLAIMS, { namespace, labelSelector: OF_SLUICE });
      return claims.length === 0 && (await gateways.names()).length === 0 && (await gateways.pods()).length === 0;
    };
    await gateways.until('the gateways are gone', isGone, REMOVAL_LIMIT_MS);
  } finally {
    await pipelines.restore();
  }
}

async function measure(prepared: Prepared): Promise<RunResult> {
  const { plan, settings, gateways, senders, sinks, host, clock, signal } = prepared;
  await Promise.all(plan.backends.map(({ name, mode }) => sinks.get(name)!.setMode(modeOf(mode, name))));
  const before = (await gateways.sample()).metrics;
  await senders.start([{ host, grpcPort: GRPC_PORT }], { phase: 'measurement' });
  const fromMs = Date.now();
  const moments = await watchWithFaults(prepared);
  const untilMs = Date.now();
  const sent = await senders.stop();
  const accepting = plan.backends.filter(({ name, mode }) => acceptsAtEnd(name, mode, plan));
  await untilDelivered({ sent, backends: accepting, limitMs: settings.batchMs + 10_000 }, { sinks, clock, signal });
  const { metrics } = await gateways.sample();
  const accounts = await accountsOf(plan, { sent, sinks, settings, before, metrics });
  const stats = await Promise.all(
    plan.backends.map(async (backend) => (await sinks.get(backend.name)!.stats()).signals[backend.signal]),
  );
  const { figures, censored } = figuresOf({
    plan,
    moments,
    sent,
    accounts,
    duplicates: stats.reduce((sum, { duplicates }) => sum + duplicates, 0),
    loads: await loadTimes({ plan, watched: { senders, sinks } }),
    probes: await senders.probes(),
    fromMs,
    untilMs,
    rssPeakMiB: 0,
    processes: 0,
    objects: 0,
  });
  const ledger = checkLedger(accounts, {
    refusesSenders: settings.refusesSenders,
    processesEnded: gateways.ends > 0,
    survivesKill: settings.survivesKill === true,
    blindToPartialSuccess: plan.runner === 'otelcol',
  });
  return { figures: seen(figures), censored, series: seen(seriesOf(moments, plan)), ledger };
}

/** Looks once a second, as long as is planned and until every fault is over and what follows it has been seen. */
async function watchWithFaults(prepared: Prepared): Promise<readonly Moment[]> {
  const { plan, gateways, senders, sinks, clock, signal, say } = prepared;
  const startMs = performance.now();
  const elapsedMs = () => performance.now() - startMs;
  const look = () => lookAt({ deployment: gateways, senders, sinks, backends: plan.backends }, startMs);
  const moments = [await look()];
  const due = [...plan.faults].sort((a, b) => a.afterMs - b.afterMs);
  const underWay = new Set<Promise<void>>();
  let failure: unknown;
  let endMs = plan.durationMs;
  for (let nextMs = SAMPLE_MS; nextMs <= endMs || underWay.size > 0; nextMs += SAMPLE_MS) {
    while (due[0] !== undefined && due[0].afterMs < nextMs) {
      const fault = due.shift()!;
      await sleep(clock, Math.max(0, fault.afterMs - elapsedMs()), signal);
      say(`${Math.round(elapsedMs() / 1000)} s: ${fault.kind} ${fault.target}`);
      const done = inject(fault, prepared)
        .catch((error: unknown) => {
          failure ??= error;
        })
        .finally(() => {
          underWay.delete(done);
          endMs = Math.max(endMs, elapsedMs() + AFTERWARDS_MS);
          say(`${Math.round(elapsedMs() / 1000)} s: ${fault.kind} is over`);
        });
      underWay.add(done);
    }
    await sleep(clock, Math.max(0, nextMs - elapsedMs()), signal);
    moments.push(await look());
    if (failure !== undefined) throw failure;
  }
  return moments;
}

async function inject(fault: Fault, { gateways, pipelines, sinks }: Prepared): Promise<void> {
  switch (fault.kind) {
    case 'backend':
      return sinks.get(fault.target)!.setMode(modeOf(fault.mode ?? '', fault.target));
    case 'kill':
      return gateways.kill(fault.target);
    case 'restart':
      return gateways.restart();
    case 'reload':
      return gateways.change(() => pipelines.change());
    default:
      throw new Error(`in a cluster there is no fault \`${fault.kind}\``);
  }
}

function seen<T>(values: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !NOT_SEEN.test(name)));
}
