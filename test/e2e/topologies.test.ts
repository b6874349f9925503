import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SIGNALS, type Signal } from '../../src/pdata/index.ts';
import { TOPOLOGY_TYPES } from '../../src/topology/index.ts';
import { requirePeer } from '../../testbed/index.ts';
import { itemLines } from '../differential/canonical.ts';
import { richInput } from '../differential/inputs.ts';
import { type Capture, startCapture } from '../testkit/capture.ts';
import { type Deployment, deploy } from '../testkit/deployment.ts';
import { decodeRequest } from '../testkit/otlp-proto.ts';
import { sendHttp } from '../testkit/senders.ts';
import { waitFor } from '../testkit/wait-for.ts';

const KIND: Readonly<Record<Signal, string>> = {
  traces: 'TracePipeline',
  metrics: 'MetricPipeline',
  logs: 'LogPipeline',
};
const otelcol = requirePeer('otelcol');

/** Two pipelines a signal, each to a path of its own at the backend. */
function manifests(backend: Capture): object[] {
  return SIGNALS.flatMap((signal) =>
    ['first', 'second'].map((name) => ({
      apiVersion: 'telemetry.kyma-project.io/v1beta1',
      kind: KIND[signal],
      metadata: { name },
      spec: {
        output: {
          otlp: {
            protocol: 'http',
            compression: 'none',
            endpoint: { value: `http://127.0.0.1:${backend.httpPort}/${name}` },
          },
        },
      },
    })),
  );
}

/** What the backend got under a path, as sorted lines an item. */
function arrived(backend: Capture, name: string, signal: Signal): string[] {
  return backend
    .accepted()
    .filter((request) => request.signal === signal && request.path.startsWith(`/${name}/`))
    .flatMap(({ body }) => itemLines(signal, decodeRequest(signal, body)))
    .sort();
}

describe.each(TOPOLOGY_TYPES.flatMap((type) => (['otelcol', 'sluice'] as const).map((by) => ({ type, by }))))(
  'topology $type run by $by',
  ({ type, by }) => {
    const missing = by === 'otelcol' && otelcol.status === 'missing' ? otelcol.reason : undefined;
    let backend: Capture;
    let deployment: Deployment | undefined;

    beforeAll(async () => {
      if (missing !== undefined) return;
      backend = await startCapture();
      deployment = await deploy(manifests(backend), { topology: type, distribution: by });
    }, 60_000);
    afterAll(async () => {
      await deployment?.stop();
      await backend?.stop();
    });

    it.for(SIGNALS)('gives the backends of two pipelines exactly what was sent: %s', async (signal, { skip }) => {
      if (missing !== undefined) return skip(missing);
      const { bytes } = richInput(signal);
      const sent = itemLines(signal, decodeRequest(signal, bytes)).sort();
      const headers = { 'content-type': 'application/x-protobuf' };
      const answer = await sendHttp(deployment!.front.http, { path: `/v1/${signal}`, body: bytes, headers });
      expect(answer.status).toBe(200);
      for (const name of ['first', 'second']) {
        await waitFor(`${name} to arrive`, () => arrived(backend, name, signal).length >= sent.length);
        expect(arrived(backend, name, signal)).toEqual(sent);
      }
    });
  },
);
