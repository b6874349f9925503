import { afterEach, describe, expect, it } from 'vitest';
import { requirePeer } from '../../testbed/index.ts';
import { startOtelcol, startSluiceEngine } from '../testkit/collector-process.ts';
import { freePort } from '../testkit/free-port.ts';
import { startWriteReceiver, type WriteReceiver } from '../testkit/remote-write-receiver.ts';
import { sendHttp } from '../testkit/senders.ts';
import { becomesTrue } from '../testkit/wait-for.ts';
import { EXEMPLAR_INPUT, LE_INPUT, REMOTE_WRITE_INPUTS, ZERO_THRESHOLD_INPUT } from './remote-write-inputs.ts';

const peer = requirePeer('otelcol');
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';

const V2 = { protobuf_message: 'io.prometheus.write.v2.Request' };
const START = {
  otelcol: (config: string) =>
    startOtelcol(config, { featureGates: ['exporter.prometheusremotewritexporter.enableSendingRW2'] }),
  sluice: startSluiceEngine,
};
type PeerName = keyof typeof START;

const receivers: WriteReceiver[] = [];
afterEach(async () => {
  await Promise.all(receivers.splice(0).map((receiver) => receiver.stop()));
});

/** What a receiver gets of the inputs, sent one after another. */
async function run(name: PeerName, settings: object, inputs: readonly Uint8Array[]): Promise<WriteReceiver> {
  const receiver = await startWriteReceiver();
  receivers.push(receiver);
  const port = await freePort();
  const config = {
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
    exporters: { prometheusremotewrite: { endpoint: receiver.url, tls: { insecure: true }, ...settings } },
    service: {
      telemetry: { metrics: { level: 'none' } },
      pipelines: { metrics: { receivers: ['otlp'], exporters: ['prometheusremotewrite'] } },
    },
  };
  const running = await START[name](JSON.stringify(config));
  try {
    for (const body of inputs) {
      const headers = { 'content-type': 'application/x-protobuf' };
      expect((await sendHttp(port, { path: '/v1/metrics', body, headers })).status).toBe(200);
    }
    await becomesTrue(() => receiver.requests.length >= inputs.length, { timeoutMs: 5000 });
  } finally {
    await running.stop();
  }
  return receiver;
}

async function compare(settings: object, inputs: readonly Uint8Array[]): Promise<void> {
  const [theirs, ours] = await Promise.all([run('otelcol', settings, inputs), run('sluice', settings, inputs)]);
  expect(theirs.lines().length).toBeGreaterThan(0);
  expect(ours.lines()).toEqual(theirs.lines());
}

const inputs = Object.entries(REMOTE_WRITE_INPUTS);

describe.skipIf(peer.status === 'missing')(`remote write as the Collector does it${skipNote}`, () => {
  it.each(inputs)('version 1.0: %s', (_, input) => compare({}, [input]));

  it.each(inputs)('version 2.0: %s', (_, input) => compare(V2, [input]));

  it('exemplars go with version 1.0', () => compare({}, [EXEMPLAR_INPUT]));

  it('known difference: exemplars and the width of the zero bucket go with version 2.0, too', async () => {
    const lines = (await run('sluice', V2, [EXEMPLAR_INPUT, ZERO_THRESHOLD_INPUT])).lines();
    expect(lines.filter((line) => line.includes('exemplar')).length).toBe(6);
    expect(lines.filter((line) => line.includes('zero 0.5:1')).length).toBe(1);
    await compare({}, [ZERO_THRESHOLD_INPUT]);
  });

  it.each([
    ['no suffixes', { add_metric_suffixes: false }],
    ['a namespace', { namespace: 'own' }],
    ['a namespace and no suffixes', { namespace: 'own', add_metric_suffixes: false }],
    ['external labels', { external_labels: { 'the.region': 'eu', job: 'never' } }],
    ['no target_info', { target_info: { enabled: false } }],
    ['no scope', { disable_scope_info: true }],
    ['labels of the resource', { resource_to_telemetry_conversion: { enabled: true } }],
    [
      'labels of the resource but those of the service',
      { resource_to_telemetry_conversion: { enabled: true, exclude_service_attributes: true } },
    ],
    ['metadata', { send_metadata: true }],
    ['small requests', { max_batch_size_bytes: 400, max_batch_request_parallelism: 1 }],
  ])('with %s', (_, settings) =>
    compare(
      settings,
      inputs.map(([, input]) => input),
    ),
  );

  it('known difference: with an attribute `le` the Collector writes a label twice, which no receiver takes', async () => {
    const [theirs, ours] = await Promise.all([run('otelcol', {}, [LE_INPUT]), run('sluice', {}, [LE_INPUT])]);
    const buckets = ({ requests }: WriteReceiver) =>
      requests.flatMap(({ lines }) =>
        lines.filter((line) => line.includes('h_bucket')).map((line) => line.match(/le="[^"]*"/g)?.length),
      );
    expect([buckets(theirs), buckets(ours)]).toEqual([[2], [1]]);
  });

  it.each([{}, V2])('sends the headers of the protocol: %j', async (settings) => {
    const input = [REMOTE_WRITE_INPUTS['summaries']!];
    const [theirs, ours] = await Promise.all([run('otelcol', settings, input), run('sluice', settings, input)]);
    const shown = ({ requests }: WriteReceiver) =>
      requests.map(({ headers }) => [
        headers['content-type'],
        headers['content-encoding'],
        headers['x-prometheus-remote-write-version'],
      ]);
    expect(shown(ours)).toEqual(shown(theirs));
  });
});
