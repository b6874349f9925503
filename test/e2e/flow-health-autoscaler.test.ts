import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/index.ts';
import { createGenerator, createSink, type Sink } from '../../src/load/index.ts';
import { type Autoscaler, type ScaledWorkload, startAutoscaler } from '../../src/operator/index.ts';
import { requirePeer } from '../../testbed/index.ts';
import {
  type ObservedGateway,
  type ObservedGatewayOptions,
  startObservedGateway,
} from '../testkit/observed-gateway.ts';

const peer = requirePeer('otelcol');
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';

const WORKLOAD = 'otlp-gateway';
const MIB = 1024 * 1024;
/** Half a minute of evidence after a minute of rest, and a few rounds. */
const WATCHED_MS = 80_000;

function pipeline(port: number) {
  return {
    apiVersion: 'telemetry.kyma-project.io/v1beta1',
    kind: 'TracePipeline',
    metadata: { name: 'shop' },
    spec: { output: { otlp: { protocol: 'grpc', endpoint: { value: `http://127.0.0.1:${port}` } } } },
  };
}

/** One gateway under load, and what the autoscaler made of it. */
class Scene {
  gateway!: ObservedGateway;
  autoscaler!: Autoscaler;
  readonly reasons: string[] = [];
  readonly #sink: Sink;
  readonly #end = new AbortController();
  #load: Promise<unknown> = Promise.resolve();

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  async start(
    requestRate: number,
    scaled: Partial<ScaledWorkload>,
    more: Partial<ObservedGatewayOptions> = {},
  ): Promise<void> {
    const manifests = [pipeline(this.#sink.address.port)];
    this.gateway = await startObservedGateway({ intervalMs: 5_000, manifests, ...more });
    this.autoscaler = startAutoscaler({
      clock: systemClock,
      flowHealth: this.gateway.health,
      workloads: () => [
        {
          name: WORKLOAD,
          minReplicas: 1,
          maxReplicas: 5,
          currentReplicas: 1,
          cpuCores: 2,
          softLimitBytes: 1024 * MIB,
          queueFactor: 5,
          ...scaled,
        },
      ],
    });
    this.autoscaler.onChange(({ reason }) => this.reasons.push(reason));
    const endpoint = { host: '127.0.0.1', port: this.gateway.replicas[0]!.http };
    const generator = createGenerator(
      { signal: 'traces', shape: 't100', seed: 1, endpoint, protocol: 'http/protobuf', requestRate },
      { clock: systemClock },
    );
    this.#load = generator.run({ signal: this.#end.signal });
  }

  get queueSize(): number {
    const [samples = []] = Object.values(this.gateway.health.samplesOf(WORKLOAD));
    return samples.at(-1)?.exporters['otlp_grpc/tracepipeline-shop']?.queueSize ?? 0;
  }

  async stop(): Promise<void> {
    this.#end.abort();
    await this.#load.catch(() => {});
    this.autoscaler?.stop();
    await this.gateway?.stop();
    await this.#sink.close();
  }
}

describe.skipIf(peer.status === 'missing')(`the autoscaler of a real gateway${skipNote}`, () => {
  const scenes: Scene[] = [];
  const scene = async (mode?: Parameters<Sink['setMode']>[0]) => {
    const sink = await createSink(
      { host: '127.0.0.1', port: 0, countOnly: true, ...(mode === undefined ? {} : { mode }) },
      { clock: systemClock },
    );
    const made = new Scene(sink);
    scenes.push(made);
    return made;
  };
  let slow: Scene;
  let dead: Scene;
  let busy: Scene;
  let limited: Scene;
  beforeAll(async () => {
    slow = await scene({ kind: 'slow', delayMs: 6_000 });
    dead = await scene({ kind: 'status', status: 503, share: 1 });
    busy = await scene();
    limited = await scene();
    await Promise.all([
      slow.start(40, {}),
      dead.start(10, {}),
      // As much as a container may use whose limit is 20m.
      busy.start(40, { cpuCores: 0.02 }),
      limited.start(
        10,
        {},
        {
          edit: (yaml) =>
            yaml.replace(/limit_mib: \d+/, 'limit_mib: 5').replace(/spike_limit_mib: \d+/, 'spike_limit_mib: 1'),
        },
      ),
    ]);
    await new Promise((resolve) => setTimeout(resolve, WATCHED_MS));
  });
  afterAll(() => Promise.all(scenes.map((each) => each.stop())));

  it('asks for no more replicas while a backend is slow and the queue grows', () => {
    expect(slow.queueSize).toBeGreaterThan(MIB);
    expect(slow.autoscaler.replicas()).toEqual({ [WORKLOAD]: 1 });
    expect(slow.reasons).toEqual([]);
  });

  it('asks for no more replicas while a backend is dead', () => {
    expect(dead.queueSize).toBeGreaterThan(0);
    expect(dead.autoscaler.replicas()).toEqual({ [WORKLOAD]: 1 });
    expect(dead.reasons).toEqual([]);
  });

  it('asks for more when the replica uses the CPU that it may use', () => {
    expect(busy.autoscaler.replicas()[WORKLOAD]).toBeGreaterThan(1);
    expect(busy.reasons[0]).toBe('replicas use most of their CPU');
  });

  it('asks for one more when the replica refuses senders at its memory limit', () => {
    expect(limited.autoscaler.replicas()).toEqual({ [WORKLOAD]: 2 });
    expect(limited.reasons).toEqual(['senders are refused at the memory limit']);
  });
});
