import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/index.ts';
import {
  createGenerator,
  createSink,
  parseSinkMode,
  type Sink,
  type SinkMode,
  totalStats,
} from '../../src/load/index.ts';
import { createHome, type Home, type RunningUp, startUp } from '../testkit/sluice.ts';
import { becomesTrue } from '../testkit/wait-for.ts';

const ITEMS = 1_000_000;
const SPANS_PER_REQUEST = 100;

describe('a million spans to a backend that fails three times in ten', () => {
  let home: Home | undefined;
  let up: RunningUp | undefined;
  let sink: Sink | undefined;

  afterEach(async () => {
    await up?.stop();
    await sink?.close();
    home?.remove();
  });

  it('are all accounted for, and the backend has exactly what counts as delivered', { timeout: 180_000 }, async () => {
    home = createHome();
    const mode = parseSinkMode('503:0.3') as SinkMode;
    sink = await createSink({ host: '127.0.0.1', port: 0, mode }, { clock: systemClock });
    const file = home.write('telemetry.yaml', pipeline(sink.address.port));
    up = await startUp(home, ['-f', file]);

    const generator = createGenerator(
      {
        signal: 'traces',
        shape: 't100',
        seed: 7,
        endpoint: { host: '127.0.0.1', port: up.ports.grpc },
        protocol: 'grpc',
        requestRate: 0,
        requestCount: ITEMS / SPANS_PER_REQUEST,
        retry: true,
      },
      { clock: systemClock },
    );
    const report = await generator.run();
    expect(report).toMatchObject({ sent: ITEMS, accepted: ITEMS, failed: 0 });

    const settled = await becomesTrue(async () => (await up!.ledger())[0]!.queued === 0, { timeoutMs: 120_000 });
    const [row] = await up.ledger();
    expect(settled, JSON.stringify(row)).toBe(true);
    expect(row).toMatchObject({
      kind: 'TracePipeline',
      name: 'flaky',
      received: ITEMS,
      unaccounted: 0,
      refused: 0,
      queued: 0,
    });
    expect(totalStats(sink.stats()).unique).toBe(row!.delivered);
    expect(row!.delivered).toBeGreaterThan(0);
  });
});

function pipeline(port: number): string {
  return `apiVersion: telemetry.kyma-project.io/v1beta1
kind: TracePipeline
metadata:
  name: flaky
spec:
  output:
    otlp:
      compression: none
      endpoint:
        value: http://127.0.0.1:${port}
  delivery:
    buffer:
      maxSize: 64Mi
`;
}
