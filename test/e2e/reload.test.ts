import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/index.ts';
import { createGenerator, createSink, type Sink, totalStats } from '../../src/load/index.ts';
import type { ConfigurationDocument } from '../../src/server/index.ts';
import { freePort } from '../testkit/free-port.ts';
import { createHome, type Home, type RunningUp, startUp } from '../testkit/sluice.ts';
import { waitFor } from '../testkit/wait-for.ts';

const EDITS = 50;
/** A budget of the product, checked on the middle of all edits so that one slow moment of the machine fails nothing. */
const ACTIVE_WITHIN_MS = 300;

describe('fifty edits of a file under constant load, some invalid', () => {
  let home: Home | undefined;
  let up: RunningUp | undefined;
  const sinks: Sink[] = [];

  afterEach(async () => {
    await up?.stop();
    await Promise.all(sinks.splice(0).map((sink) => sink.close()));
    home?.remove();
  });

  const openSink = async (port = 0) => {
    const sink = await createSink({ host: '127.0.0.1', port, mode: { kind: 'accept' } }, { clock: systemClock });
    sinks.push(sink);
    return sink;
  };
  const configuration = async () =>
    (await (await fetch(`${up!.api}/api/v1/configuration`)).json()) as ConfigurationDocument;

  it('lose nothing: what was valid runs on, queues are kept, the ledger balances', { timeout: 180_000 }, async () => {
    home = createHome();
    const steady = await openSink();
    const laterPort = await freePort();
    const ports = { steady: steady.address.port, later: laterPort };
    const file = home.write('telemetry.yaml', version(0, ports));
    up = await startUp(home, ['-f', file]);

    const generator = createGenerator(
      {
        signal: 'traces',
        shape: 't10',
        seed: 11,
        endpoint: { host: '127.0.0.1', port: up.ports.grpc },
        protocol: 'grpc',
        requestRate: 100,
        requestCount: 100 * 30,
        connections: 2,
        retry: false,
      },
      { clock: systemClock },
    );
    const load = generator.run();
    const activeMs: number[] = [];
    for (let edit = 1; edit <= EDITS; edit++) {
      const { generation } = await configuration();
      const savedMs = performance.now();
      writeFileSync(file, version(edit, ports));
      await waitFor(`edit ${edit} to be taken up`, async () => (await configuration()).generation > generation);
      activeMs.push(performance.now() - savedMs);
      const { state } = await configuration();
      expect(state, `edit ${edit}`).toBe(isInvalid(edit) ? 'partly' : 'running');
      await delay(100);
    }
    const report = await load;
    expect(report).toMatchObject({ accepted: report.sent, failed: 0, refused: 0, rejected: 0 });
    activeMs.sort((a, b) => a - b);
    expect(activeMs[EDITS / 2], `${activeMs.map(Math.round)}`).toBeLessThan(ACTIVE_WITHIN_MS);

    // The backend that was away all the time comes back and gets everything: no edit cost its pipeline the queue.
    const later = await openSink(laterPort);
    await waitFor('the queues to be delivered', async () => (await up!.ledger()).every(({ queued }) => queued === 0), {
      timeoutMs: 60_000,
    });
    const rows = await up.ledger();
    for (const row of rows) expect(row, row.name).toMatchObject({ unaccounted: 0, dropped: {}, refused: 0 });
    for (const [name, sink] of [
      ['steady', steady],
      ['later', later],
    ] as const) {
      const row = rows.find((candidate) => candidate.name === name);
      expect(row, name).toMatchObject({ received: report.sent, delivered: report.sent });
      expect(totalStats(sink.stats()).unique, name).toBe(report.sent);
    }
  });
});

function isInvalid(edit: number): boolean {
  return edit % 5 === 3 || edit % 5 === 4;
}

/** The file after an edit: `steady` and `later` change their settings, others come and go, every fifth breaks something. */
function version(edit: number, ports: { readonly steady: number; readonly later: number }): string {
  const pipelines = [
    pipeline('steady', ports.steady, `headers: [{name: x-edit, value: "${edit}"}]`),
    pipeline('later', ports.later, edit % 2 === 0 ? 'compression: none' : 'compression: gzip'),
  ];
  if (edit % 3 === 1) pipelines.push(pipeline(`passing-${edit % 4}`, ports.steady, 'protocol: grpc', 'LogPipeline'));
  if (edit % 5 === 3) pipelines[0] = pipelines[0]!.replace('headers:', 'haeders:');
  const text = pipelines.join('---\n');
  return edit % 5 === 4 ? `${text}\n  oops: [` : text;
}

function pipeline(name: string, port: number, setting: string, kind = 'TracePipeline'): string {
  return `apiVersion: telemetry.kyma-project.io/v1beta1
kind: ${kind}
metadata:
  name: ${name}
spec:
  output:
    otlp:
      ${setting}
      endpoint:
        value: http://127.0.0.1:${port}
  delivery:
    buffer:
      maxSize: 48Mi
`;
}
