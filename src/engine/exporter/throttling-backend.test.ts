import { describe, expect, it } from 'vitest';
import { configOf, startTestEngine } from '../../../test/testkit/engine.ts';
import { waitFor } from '../../../test/testkit/wait-for.ts';
import { systemClock } from '../../lib/index.ts';
import { createOtlpServer, defaultGrpcAccept, defaultHttpAccept, GRPC_CODE, type GrpcCode } from '../../otlp/index.ts';

const DELAY_MS = 1000;

/** Tells the first request to come later and takes every other; when each came. */
async function startBackend(code: GrpcCode) {
  const arrivedMs: number[] = [];
  const server = createOtlpServer(
    { accepts: { grpc: defaultGrpcAccept, http: defaultHttpAccept }, clock: systemClock },
    () => {
      arrivedMs.push(performance.now());
      if (arrivedMs.length > 1) return { status: 'ok' };
      return { status: 'error', code, message: 'too much', retryAfterMs: DELAY_MS };
    },
  );
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return { port, arrivedMs, close: () => server.shutdown({ graceMs: 0 }) };
}

describe('a backend that says when to come again', () => {
  it.each([
    ['otlp_grpc', 'RESOURCE_EXHAUSTED with RetryInfo', GRPC_CODE.resourceExhausted],
    ['otlp_grpc', 'UNAVAILABLE with RetryInfo', GRPC_CODE.unavailable],
    ['otlp_http', '429 with Retry-After', GRPC_CODE.resourceExhausted],
    ['otlp_http', '503 with Retry-After', GRPC_CODE.unavailable],
  ])('%s: is left alone by everything until then (%s)', async (type, _answer, code) => {
    const backend = await startBackend(code);
    const address = `127.0.0.1:${backend.port}`;
    const engine = await startTestEngine(
      configOf({
        exporters: {
          [type]: {
            endpoint: type === 'otlp_grpc' ? address : `http://${address}`,
            tls: { insecure: true },
            sending_queue: { num_consumers: 5 },
            retry_on_failure: { initial_interval: '10ms', max_interval: '10ms' },
          },
        },
        pipelines: { traces: { exporters: [type] } },
      }),
    );
    await engine.send(['first']);
    await waitFor('the first answer', () => engine.engine.snapshot().pipelines[0]?.exporters[0]?.state === 'failing');
    for (let i = 0; i < 20; i++) await engine.send([`later ${i}`]);
    await waitFor('everything is there', () => backend.arrivedMs.length === 22);
    expect(backend.arrivedMs[1]! - backend.arrivedMs[0]!).toBeGreaterThanOrEqual(DELAY_MS * 0.95);
    const metrics = engine.deps.metrics.renderPrometheus();
    expect(metrics).toMatch(new RegExp(`sluice_exporter_concurrency\\{data_type="traces",exporter="${type}"\\} [345]`));
    await engine.stop();
    await backend.close();
  });
});
