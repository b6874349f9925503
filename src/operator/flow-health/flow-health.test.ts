import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { listen } from '../../../test/testkit/free-port.ts';
import { waitFor } from '../../../test/testkit/wait-for.ts';
import type { KubeLog } from '../../kube/index.ts';
import { systemClock } from '../../lib/index.ts';
import { type FlowHealth, type MetricsEndpoint, type RoundFigures, startFlowHealth } from './flow-health.ts';
import type { FlowRole, ObservedPipeline } from './observed-pipeline.ts';

const EXPORTER = 'otlp_grpc/tracepipeline-shop';
const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

const silent = () => {};
const LOG: KubeLog = { info: silent, warn: silent, error: silent };

const PIPELINE: ObservedPipeline = {
  kind: 'TracePipeline',
  name: 'shop',
  signal: 'traces',
  parts: [{ workload: 'trace-gateway', role: 'gateway', exporters: [EXPORTER] }],
};

function metrics(sent: number, more = ''): string {
  return `otelcol_exporter_sent_spans{exporter="${EXPORTER}"} ${sent}\notelcol_process_uptime 9\n${more}`;
}

interface Pods {
  readonly port: number;
  readonly mostAtOnce: number;
  readonly requests: number;
}

/** One server in the place of many Pods: the path says which. */
async function startPods(answer: (pod: string) => string | undefined, delayMs = 0): Promise<Pods> {
  let atOnce = 0;
  let mostAtOnce = 0;
  let requests = 0;
  const server: Server = createServer((request, response) => {
    requests += 1;
    mostAtOnce = Math.max(mostAtOnce, ++atOnce);
    response.on('close', () => {
      atOnce -= 1;
    });
    const text = answer(request.url!.slice(1));
    setTimeout(() => response.writeHead(text === undefined ? 500 : 200).end(text), delayMs);
  });
  const port = await listen(server);
  stops.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return {
    port,
    get mostAtOnce() {
      return mostAtOnce;
    },
    get requests() {
      return requests;
    },
  };
}

function endpoint(port: number, pod: string, role: FlowRole = 'gateway'): MetricsEndpoint {
  return { pod, workload: 'trace-gateway', role, url: `http://127.0.0.1:${port}/${pod}` };
}

function start(endpoints: () => readonly MetricsEndpoint[], more: object = {}): FlowHealth {
  const health = startFlowHealth({
    clock: systemClock,
    random: () => 0.5,
    log: LOG,
    endpointsOf: endpoints,
    pipelines: () => [PIPELINE],
    intervalMs: 50,
    ...more,
  });
  stops.push(() => health.stop());
  return health;
}

describe('flow health', () => {
  it('tells a listener of a verdict once, and keeps what Pods said for the autoscaler', async () => {
    let sent = 0;
    const { port } = await startPods(() => metrics(sent++));
    const told: string[] = [];
    const health = start(() => [endpoint(port, 'a')]);
    health.onChange(({ kind, name }) => told.push(health.verdictOf(kind, name)!.reason));
    await waitFor('samples', () => (health.samplesOf('trace-gateway')['a']?.length ?? 0) > 5);
    expect(told).toEqual(['NoDataYet', 'FlowHealthy']);
    const times = health.samplesOf('trace-gateway')['a']!.map(({ atMs }) => atMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(health.samplesOf('metric-gateway')).toEqual({});
  });

  it('says nothing while Pods only start', async () => {
    const pods = await startPods(() => undefined);
    let rounds = 0;
    const health = start(() => [endpoint(pods.port, 'a')]);
    health.onRound(() => {
      rounds += 1;
    });
    await waitFor('rounds', () => rounds > 3);
    expect(pods.requests).toBeGreaterThan(3);
    expect(health.verdictOf('TracePipeline', 'shop')).toBeUndefined();
  });

  it('judges by the others when one Pod hangs, answers too much or nonsense, or is not there', async () => {
    const answers: Readonly<Record<string, string>> = {
      good: metrics(1),
      huge: '# '.padEnd(5 * 1024 * 1024, 'x'),
      nonsense: '<html>',
    };
    const { port } = await startPods((pod) => answers[pod]);
    const rounds: RoundFigures[] = [];
    const health = start(() =>
      ['good', 'huge', 'nonsense', 'failing'].map((pod) => endpoint(port, pod)).concat(endpoint(1, 'refusing')),
    );
    health.onRound((round) => rounds.push(round));
    await waitFor('a round', () => rounds.length > 0);
    expect(rounds[0]).toMatchObject({ podCount: 5, silentCount: 4 });
    expect(health.verdictOf('TracePipeline', 'shop')?.reason).toBe('FlowHealthy');
  });

  it('forgets a pipeline that is gone', async () => {
    const { port } = await startPods(() => metrics(1));
    let pipelines = [PIPELINE];
    const health = start(() => [endpoint(port, 'a')], { pipelines: () => pipelines });
    await waitFor('a verdict', () => health.verdictOf('TracePipeline', 'shop') !== undefined);
    pipelines = [];
    await waitFor('no verdict', () => health.verdictOf('TracePipeline', 'shop') === undefined);
  });

  it('asks the backend of a pipeline in trouble, not every round, and not the others', async () => {
    const { port } = await startPods(() => metrics(0, `otelcol_exporter_queue_size{exporter="${EXPORTER}"} 5\n`));
    const asked: string[] = [];
    const rendered = { workload: 'trace-gateway' } as never;
    const backend = { rendered, exporter: EXPORTER as never, signal: 'traces' as const };
    const well = { ...PIPELINE, name: 'well', parts: [{ ...PIPELINE.parts[0]!, exporters: ['other'] }], backend };
    let rounds = 0;
    const health = start(() => [endpoint(port, 'a')], {
      pipelines: () => [{ ...PIPELINE, backend }, well],
      askBackend: async () => {
        asked.push('shop');
        return { kind: 'refused', message: 'nothing listens' };
      },
    });
    health.onRound(() => {
      rounds += 1;
    });
    await waitFor('rounds', () => rounds > 10);
    expect(asked).toEqual(['shop']);
  });

  it('goes on when a backend cannot be asked at all', async () => {
    const { port } = await startPods(() => metrics(0, `otelcol_exporter_queue_size{exporter="${EXPORTER}"} 5\n`));
    const errors: string[] = [];
    let rounds = 0;
    const backend = { rendered: {} as never, exporter: EXPORTER as never, signal: 'traces' as const };
    const health = start(() => [endpoint(port, 'a')], {
      pipelines: () => [{ ...PIPELINE, backend }],
      log: { ...LOG, error: (message: string) => errors.push(message) },
      askBackend: async () => Promise.reject(new Error('secret://token')),
    });
    health.onRound(() => {
      rounds += 1;
    });
    await waitFor('rounds', () => rounds > 3);
    expect(errors).toEqual(['a backend could not be asked']);
  });

  it('ends a round under way when it is stopped', async () => {
    const { port } = await startPods(() => metrics(1), 3_000);
    const health = start(() => [endpoint(port, 'a')]);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const before = performance.now();
    await health.stop();
    expect(performance.now() - before).toBeLessThan(1_000);
  });

  it('asks who answers in every round, however many others hang', { timeout: 60_000 }, async () => {
    const hanging = await startPods(() => '', 60_000);
    const answering = await startPods(() => metrics(1));
    const rounds: RoundFigures[] = [];
    const nodes = Array.from({ length: 200 }, (_, i) => endpoint(hanging.port, `node-${i}`, 'metric-agent'));
    const health = start(() => [...nodes, endpoint(answering.port, 'a')]);
    health.onRound((round) => rounds.push(round));
    await waitFor('two rounds', () => rounds.length >= 2, { timeoutMs: 50_000 });
    for (const { silentCount, tookMs } of rounds.slice(0, 2)) {
      expect(silentCount).toBe(200);
      expect(tookMs).toBeLessThan(14_000);
    }
    expect(answering.requests).toBeGreaterThanOrEqual(2);
    // Others each time: whoever is silent is asked again when its turn comes.
    expect(hanging.requests).toBeGreaterThanOrEqual(80);
  });

  it('asks 500 nodes within a round, 20 at once at most', { timeout: 60_000 }, async () => {
    const text = metrics(7) + agentText();
    const pods = await startPods(() => text, 20);
    const rounds: RoundFigures[] = [];
    const nodes = Array.from({ length: 500 }, (_, i) => endpoint(pods.port, `node-${i}`, 'metric-agent'));
    const health = start(() => nodes, { intervalMs: 3_000 });
    health.onRound((round) => rounds.push(round));
    await waitFor('two rounds', () => rounds.length >= 2, { timeoutMs: 50_000 });
    for (const { podCount, silentCount, tookMs } of rounds) {
      expect({ podCount, silentCount }).toEqual({ podCount: 500, silentCount: 0 });
      expect(tookMs).toBeLessThan(10_000);
    }
    expect(pods.mostAtOnce).toBeLessThanOrEqual(20);
    expect(health.samplesOf('trace-gateway')).toEqual({});
  });
});

/** About what an agent says: some 300 series, most of which nobody wants. */
function agentText(): string {
  const lines = Array.from(
    { length: 300 },
    (_, i) => `otelcol_processor_batch_batch_send_size_bucket{processor="batch/p${i}",le="${i}"} ${i}`,
  );
  return `${lines.join('\n')}\n`;
}
