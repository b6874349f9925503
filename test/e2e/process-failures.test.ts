import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/index.ts';
import { createGenerator, createSink, type Sink, totalStats } from '../../src/load/index.ts';
import type { ConfigurationDocument, LedgerDocument, OverviewDocument } from '../../src/server/index.ts';
import { createHome, type Home, type RunningUp, startUp } from '../testkit/sluice.ts';
import { waitFor } from '../testkit/wait-for.ts';

describe('edits of pipelines whose processes fail', () => {
  let home: Home;
  let up: RunningUp;
  let sink: Sink;

  beforeEach(async () => {
    home = createHome();
    sink = await createSink({ host: '127.0.0.1', port: 0, mode: { kind: 'accept' } }, { clock: systemClock });
  });
  afterEach(async () => {
    await up?.process.stop({ graceMs: 20_000 });
    await sink.close();
    home.remove();
  });

  const start = async (...names: readonly string[]) => {
    const file = home.write('telemetry.yaml', pipelines(names));
    up = await startUp(home, ['-f', file, '--topology', 'per-pipeline', '--data', 'data', '--drain-timeout', '1s']);
    return (...saved: readonly string[]) => writeFileSync(file, pipelines(saved));
  };
  const pipelines = (names: readonly string[]) => names.map((name) => pipeline(name, sink.address.port)).join('---\n');
  const api = async <T>(path: string) => (await (await fetch(`${up.api}/api/v1/${path}`)).json()) as T;
  const configuration = () => api<ConfigurationDocument>('configuration');
  const overview = () => api<OverviewDocument>('overview');
  const processOf = async (name: string) =>
    (await overview()).processes!.find(({ workload }) => workload === `trace-dispatcher-${name}`);
  const send = (seed: number) =>
    createGenerator(
      {
        signal: 'traces',
        shape: 't10',
        seed,
        endpoint: { host: '127.0.0.1', port: up.ports.grpc },
        protocol: 'grpc',
        requestRate: 0,
        requestCount: 5,
        connections: 1,
        retry: false,
      },
      { clock: systemClock },
    ).run();

  it('do not blame a pipeline for a process that is killed meanwhile', { timeout: 60_000 }, async () => {
    const save = await start('one', 'two');
    for (const [round, names] of [['one'], ['one', 'two'], ['one'], ['one', 'two']].entries()) {
      const { pid } = (await processOf('one'))!;
      save(...names.map((name) => (name === 'one' ? `one # ${round}` : name)));
      await delay(18 + 2 * round);
      process.kill(pid!, 'SIGKILL');
      await waitFor('another process', async () => {
        const now = (await processOf('one'))!;
        return now.state === 'running' && now.pid !== pid;
      });
      await waitFor('the edit', async () => (await configuration()).pipelines.length === names.length);
      expect(await configuration()).toMatchObject({ state: 'running', issues: [] });
    }
  });

  it('go on while a process hangs, which is told; it takes them up when it goes on', { timeout: 60_000 }, async () => {
    const save = await start('one', 'two');
    const { pid } = (await processOf('one'))!;
    process.kill(pid!, 'SIGSTOP');
    save('one # edited', 'two', 'three');
    await waitFor('the third', async () => (await configuration()).pipelines.length === 3);
    await waitFor('the problem', async () =>
      (await overview()).problems.some(({ title }) => title === 'process trace-dispatcher-one hangs'),
    );
    await send(1);
    await waitFor('data to pass by it', () => totalStats(sink.stats()).unique > 0);
    save('one # edited again', 'two', 'four');
    await waitFor('the next edit', async () => (await configuration()).pipelines.some(({ name }) => name === 'four'), {
      timeoutMs: 3000,
    });
    process.kill(pid!, 'SIGCONT');
    await waitFor('no problem', async () => (await overview()).problems.length === 0);
    const delivered = async () => (await up.ledger()).find(({ name }) => name === 'one')!.delivered;
    await waitFor('what waited to arrive', async () => (await delivered()) === 50);
    expect((await processOf('one'))!.pid).toBe(pid);
  });

  it('bring a pipeline back whose process is about to end', { timeout: 60_000 }, async () => {
    const save = await start('one', 'two');
    await send(1);
    await waitFor('all to arrive', async () => (await up.ledger()).every(({ delivered }) => delivered === 50));
    process.kill((await processOf('two'))!.pid!, 'SIGSTOP');
    save('one');
    await waitFor('its process to end', async () => (await processOf('two'))?.state === 'stopped');
    save('one', 'two');
    await waitFor('it to run again', async () => (await processOf('two'))?.state === 'running');
    await send(2);
    await waitFor('all to arrive', async () => (await up.ledger()).every(({ delivered }) => delivered === 100));
  });

  it('that take a pipeline away, bring it back and take it away count it once', { timeout: 60_000 }, async () => {
    const save = await start('one', 'two');
    await send(1);
    await waitFor('all to arrive', async () => (await up.ledger()).every(({ delivered }) => delivered === 50));
    for (const names of [['one'], ['one', 'two'], ['one']]) {
      save(...names);
      await waitFor('the edit', async () => (await configuration()).pipelines.length === names.length);
    }
    await waitFor('its process to end', async () => (await processOf('two')) === undefined);
    await delay(700); // as long as another look at whether it is empty takes
    await up.stop();
    const { pipelines: rows } = JSON.parse(readFileSync(join(home.path, 'data/ledger.json'), 'utf8')) as LedgerDocument;
    expect(rows.map(({ name, received, delivered }) => [name, received, delivered])).toEqual([
      ['one', 50, 50],
      ['two', 50, 50],
    ]);
  });
});

function pipeline(name: string, port: number): string {
  return `apiVersion: telemetry.kyma-project.io/v1beta1
kind: TracePipeline
metadata:
  name: ${name.replace(/ #.*/, '')}
spec:
  output:
    otlp:
      endpoint:
        value: http://127.0.0.1:${port}
      headers:
        - name: x-edit
          value: ${JSON.stringify(name)}
`;
}
