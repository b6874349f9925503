import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/index.ts';
import { createGenerator, createSink, type Sink, totalStats } from '../../src/load/index.ts';
import type { ConfigurationDocument, PipelineDocument } from '../../src/server/index.ts';
import { freePort } from '../testkit/free-port.ts';
import { createHome, type Home, type RunningUp, startUp } from '../testkit/sluice.ts';
import { waitFor } from '../testkit/wait-for.ts';

const EDITS = 50;
/** A budget of the product, checked on the middle of all edits so that one slow moment of the machine fails nothing. */
const ACTIVE_WITHIN_MS = 300;

describe('fifty edits of rules under constant load, some of them no OTTL', () => {
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
  const read = async <T>(path: string) => (await (await fetch(`${up!.api}/api/v1/${path}`)).json()) as T;
  const configuration = () => read<ConfigurationDocument>('configuration');
  const rules = async () => (await read<PipelineDocument>('pipelines/tracepipeline/steady')).status.rules?.items ?? [];

  it('lose nothing: the newest valid rules run, queues are kept, the ledger balances', {
    timeout: 180_000,
  }, async () => {
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
        requestCount: 100 * 25,
        connections: 2,
        retry: false,
      },
      { clock: systemClock },
    );
    const load = generator.run();
    const activeMs: number[] = [];
    let valid = 0;
    for (let edit = 1; edit <= EDITS; edit++) {
      const { generation } = await configuration();
      const savedMs = performance.now();
      writeFileSync(file, version(edit, ports));
      await waitFor(`edit ${edit} to be taken up`, async () => (await configuration()).generation > generation);
      activeMs.push(performance.now() - savedMs);
      const { state, issues } = await configuration();
      expect(state, `edit ${edit}`).toBe(isInvalid(edit) ? 'partly' : 'running');
      if (isInvalid(edit))
        expect(
          issues.some(({ code }) => /^SL020\d$/.test(code)),
          `edit ${edit}`,
        ).toBe(true);
      else valid = edit;
      expect((await rules())[0]?.text, `edit ${edit}`).toBe(`set(span.attributes["edit"], ${valid})`);
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
    for (const row of await up.ledger())
      expect(row, row.name).toMatchObject({ unaccounted: 0, dropped: {}, refused: 0 });
    for (const [name, sink] of [
      ['steady', steady],
      ['later', later],
    ] as const) {
      const row = (await up.ledger()).find((candidate) => candidate.name === name);
      expect(row, name).toMatchObject({ received: report.sent, delivered: report.sent, filtered: 0 });
      expect(totalStats(sink.stats()).unique, name).toBe(report.sent);
    }
    // What drops everything takes effect, too, and is named.
    writeFileSync(file, version(EDITS, ports).replaceAll('span.name == "no such name"', 'span.name != nil'));
    await waitFor('the filter', async () => (await rules()).some(({ text }) => text === 'span.name != nil'));
  });
});

function isInvalid(edit: number): boolean {
  return edit % 5 === 3 || edit % 5 === 4;
}

/** The file after an edit: every pipeline has other rules than before; two of five edits are wrong in those of `steady`. */
function version(edit: number, ports: { readonly steady: number; readonly later: number }): string {
  const wrong = edit % 5 === 3 ? 'sett(span.name, "x")' : 'set(span.name, ';
  const statement = isInvalid(edit) ? wrong : `set(span.attributes["edit"], ${edit})`;
  const more = edit % 2 === 0 ? `, 'set(resource.attributes["even"], true)'` : '';
  return [
    pipeline('steady', ports.steady, `['${statement}'${more}]`),
    pipeline('later', ports.later, `['set(span.attributes["later"], ${edit})'${more}]`),
  ].join('---\n');
}

function pipeline(name: string, port: number, statements: string): string {
  return `apiVersion: telemetry.kyma-project.io/v1beta1
kind: TracePipeline
metadata:
  name: ${name}
spec:
  transform:
    - statements: ${statements}
  filter:
    - conditions: ['span.name == "no such name"']
  output:
    otlp:
      endpoint:
        value: http://127.0.0.1:${port}
  delivery:
    buffer:
      maxSize: 48Mi
`;
}
