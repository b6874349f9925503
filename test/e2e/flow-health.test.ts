import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requirePeer } from '../../testbed/index.ts';
import { plainInput } from '../differential/inputs.ts';
import { type FailingBackends, startFailingBackends } from '../testkit/failing-backends.ts';
import { type ObservedGateway, startObservedGateway } from '../testkit/observed-gateway.ts';
import { sendHttp } from '../testkit/senders.ts';
import { waitFor } from '../testkit/wait-for.ts';

const peer = requirePeer('otelcol');
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';

const CANARY = 'canary-4f1d2b';
const WITHIN_MS = 60_000;

function pipeline(name: string, otlp: object, kind = 'TracePipeline', delivery?: object) {
  return {
    apiVersion: 'telemetry.kyma-project.io/v1beta1',
    kind,
    metadata: { name },
    spec: { output: { otlp }, ...(delivery === undefined ? {} : { delivery }) },
  };
}

const grpc = (port: number, more: object = {}) => ({
  protocol: 'grpc',
  endpoint: { value: `http://127.0.0.1:${port}` },
  ...more,
});
const http = (port: number, more: object = {}) => ({
  protocol: 'http',
  endpoint: { value: `http://127.0.0.1:${port}` },
  ...more,
});
const withToken = {
  headers: [
    {
      name: 'authorization',
      prefix: 'Bearer',
      valueFrom: { secretKeyRef: { name: 'token', namespace: 'obs', key: 't' } },
    },
  ],
};
const TOKEN = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'token', namespace: 'obs' },
  stringData: { t: CANARY },
};

/** A request of spans in every 200 ms, until it is told to stop. */
function keepSending(port: number, spans = 3): () => Promise<void> {
  let isOver = false;
  const { bytes } = plainInput('traces', 'flow', { resources: 1, scopes: 1, items: spans });
  const run = async () => {
    while (!isOver) {
      await sendHttp(port, { path: '/v1/traces', body: bytes, headers: { 'content-type': 'application/x-protobuf' } });
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  };
  const running = run();
  return async () => {
    isOver = true;
    await running;
  };
}

describe.skipIf(peer.status === 'missing')(`flow health of a real gateway${skipNote}`, () => {
  let backends: FailingBackends;
  beforeAll(async () => {
    backends = await startFailingBackends(CANARY);
  });
  afterAll(() => backends?.stop());

  describe('with a backend for every way of failing, a minute after the first item', () => {
    let gateway: ObservedGateway;
    let stopSending: () => Promise<void>;
    beforeAll(async () => {
      gateway = await startObservedGateway({
        secrets: [TOKEN],
        manifests: [
          pipeline('well', grpc(backends.plain.grpcPort)),
          pipeline('well.eu', http(backends.plain.httpPort)),
          pipeline('refused', grpc(backends.closed)),
          pipeline('refused.eu', http(backends.closed)),
          pipeline('dns', { protocol: 'grpc', endpoint: { value: 'http://no-such-host.invalid:4317' } }),
          pipeline('tls', { protocol: 'grpc', endpoint: { value: `https://127.0.0.1:${backends.plain.grpcPort}` } }),
          pipeline('certificate', {
            protocol: 'http',
            endpoint: { value: `https://localhost:${backends.secure.httpPort}` },
          }),
          pipeline('mute', grpc(backends.mute)),
          pipeline('unavailable', http(backends.unavailable.httpPort, withToken)),
          pipeline('denied', http(backends.denying.httpPort, withToken)),
          pipeline('rejected', grpc(backends.rejecting.grpcPort)),
          pipeline('web', http(backends.web)),
          pipeline('idle', grpc(backends.plain.grpcPort), 'MetricPipeline'),
        ],
      });
      await waitFor('the first judgement', () => gateway.verdictOf('well') !== undefined);
      expect(gateway.verdictOf('well')?.reason).toBe('NoDataYet');
      stopSending = keepSending(gateway.replicas[0]!.http);
      await new Promise((resolve) => setTimeout(resolve, WITHIN_MS));
    });
    afterAll(async () => {
      await stopSending?.();
      await gateway?.stop();
    });

    it.each(['well', 'well.eu'])('%s is healthy although its neighbours are dead', (name) => {
      expect(gateway.verdictOf(name)).toEqual({
        reason: 'FlowHealthy',
        status: 'True',
        message: 'Data reaches the backend.',
      });
    });

    it('a pipeline that nobody sends to has no data yet', () => {
      expect(gateway.verdictOf('idle')).toMatchObject({ reason: 'NoDataYet', status: 'Unknown' });
    });

    it.each([
      ['refused', 'refuses connections', 'SL0501'],
      ['refused.eu', 'refuses connections', 'SL0501'],
      ['dns', 'cannot be found by name', 'SL0502'],
      ['tls', 'does not agree on TLS', 'SL0504'],
      ['certificate', 'shows a certificate that is not trusted', 'SL0505'],
      ['mute', 'does not answer in time', 'SL0508'],
      ['unavailable', 'is not available', 'SL0508'],
    ])('%s is named, with nothing lost yet', (name, phrase, code) => {
      const verdict = gateway.verdictOf(name);
      expect(verdict).toMatchObject({ reason: 'GatewayBufferFillingUp', status: 'False' });
      expect(verdict?.message).toContain(`The backend ${phrase}. Nothing is lost yet`);
      expect(verdict?.message).toContain(code);
    });

    it.each([
      ['denied', 'does not accept the credentials', 'SL0506'],
      ['rejected', 'rejects the data', 'SL0507'],
      ['web', 'does not take OTLP by the configured protocol and path', 'SL0503'],
    ])('%s loses everything at once, and is named', (name, phrase, code) => {
      const verdict = gateway.verdictOf(name);
      expect(verdict).toMatchObject({ reason: 'GatewayAllTelemetryDataDropped', status: 'False' });
      expect(verdict?.message).toContain(`The backend ${phrase}.`);
      expect(verdict?.message).toContain(code);
    });

    it('says every verdict once: nothing flaps', () => {
      const told = new Map<string, number>();
      for (const { name } of gateway.changes) told.set(name, (told.get(name) ?? 0) + 1);
      for (const [name, count] of told) expect([name, count <= 4]).toEqual([name, true]);
    });

    it('shows nothing of a Secret, nor addresses', () => {
      const everything = JSON.stringify([gateway.changes, gateway.logged]);
      expect(everything).not.toContain(CANARY);
      expect(everything).not.toContain('127.0.0.1');
    });
  });

  it('says that all is dropped when the queue of a dead backend is full, of that pipeline alone', async () => {
    const gateway = await startObservedGateway({
      intervalMs: 2_000,
      manifests: [
        pipeline('well', grpc(backends.plain.grpcPort)),
        pipeline('dead', grpc(backends.closed), 'TracePipeline', { buffer: { maxSize: '1Mi' } }),
      ],
    });
    const stopSending = keepSending(gateway.replicas[0]!.http, 2_000);
    try {
      await waitFor('the loss', () => gateway.verdictOf('dead')?.reason === 'GatewayAllTelemetryDataDropped', {
        timeoutMs: 60_000,
      });
      expect(gateway.verdictOf('well')?.reason).toBe('FlowHealthy');
      await waitFor('the cause', () => gateway.verdictOf('dead')!.message.includes('refuses connections'));
    } finally {
      await stopSending();
      await gateway.stop();
    }
  });

  it('says that the gateway refuses data at its memory limit', async () => {
    const gateway = await startObservedGateway({
      intervalMs: 2_000,
      manifests: [pipeline('well', grpc(backends.plain.grpcPort))],
      // Less than the program itself takes.
      edit: (yaml) =>
        yaml.replace(/limit_mib: \d+/, 'limit_mib: 5').replace(/spike_limit_mib: \d+/, 'spike_limit_mib: 1'),
    });
    const stopSending = keepSending(gateway.replicas[0]!.http);
    try {
      await waitFor('the refusal', () => gateway.verdictOf('well')?.reason === 'GatewayThrottling', {
        timeoutMs: 30_000,
      });
      expect(gateway.verdictOf('well')?.message).toContain('memory limit');
    } finally {
      await stopSending();
      await gateway.stop();
    }
  });

  it('does not know when the gateway does not answer', async () => {
    const gateway = await startObservedGateway({
      intervalMs: 1_000,
      manifests: [pipeline('well', grpc(backends.plain.grpcPort))],
    });
    try {
      const stopSending = keepSending(gateway.replicas[0]!.http);
      await waitFor('data', () => gateway.verdictOf('well')?.reason === 'FlowHealthy');
      await stopSending();
      await gateway.replicas[0]!.process.stop({ graceMs: 0 });
      await waitFor('the silence', () => gateway.verdictOf('well')?.reason === 'GatewayProbingFailed', {
        timeoutMs: 90_000,
      });
    } finally {
      await gateway.stop();
    }
  });
});
