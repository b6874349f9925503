import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/cli/exit-code.ts';
import { systemClock } from '../../src/lib/index.ts';
import { createGenerator, createSink, runOfSeed, type Sink, totalStats } from '../../src/load/index.ts';
import { freePort } from '../testkit/free-port.ts';
import { createHome, type Home, type RunningUp, runSluice, startUp } from '../testkit/sluice.ts';
import { waitFor } from '../testkit/wait-for.ts';

const REQUESTS = 200;
const ITEMS = REQUESTS * 10;
const TOPOLOGIES = ['shared', 'per-signal', 'per-pipeline'] as const;

describe('AtLeastOnce with sluice up', () => {
  let home: Home;
  let up: RunningUp | undefined;
  let backend: Sink;

  beforeEach(async () => {
    home = createHome();
    backend = await createSink(
      { host: '127.0.0.1', port: await freePort(), arrivalsOf: { itemsPerRequest: 10 } },
      { clock: systemClock },
    );
  });
  afterEach(async () => {
    await up?.process.stop({ graceMs: 20_000 });
    up = undefined;
    await backend.close();
    home.remove();
  });

  const pipeline = (name: string, delivery: object) =>
    JSON.stringify({
      apiVersion: 'telemetry.kyma-project.io/v1beta1',
      kind: 'TracePipeline',
      metadata: { name },
      spec: { output: { otlp: { endpoint: { value: `http://127.0.0.1:${backend.address.port}` } } }, delivery },
    });
  const KEPT = { guarantee: 'AtLeastOnce' };
  const start = async (topology: string, ...pipelines: readonly string[]) => {
    const file = home.write('telemetry.yaml', pipelines.join('\n---\n'));
    up = await startUp(home, ['-f', file, '--topology', topology, '--drain-timeout', '1s']);
    return up;
  };
  /** Every process at once, as when the machine loses its power but for what the disk has. */
  const kill = async ({ process: { pid, exited } }: RunningUp) => {
    process.kill(-pid, 'SIGKILL');
    await exited;
  };
  /** How many items were acknowledged. */
  const send = async ({ ports }: RunningUp, seed: number) => {
    const generator = createGenerator(
      {
        signal: 'traces',
        shape: 't10',
        seed,
        endpoint: { host: '127.0.0.1', port: ports.grpc },
        protocol: 'grpc',
        requestRate: 0,
        requestCount: REQUESTS,
        connections: 4,
        retry: false,
      },
      { clock: systemClock },
    );
    return (await generator.run()).accepted;
  };
  const arrived = () => totalStats(backend.stats()).unique;

  it.each(TOPOLOGIES)(
    'delivers what was acknowledged before all was killed: %s',
    { timeout: 120_000 },
    async (topology) => {
      await backend.setMode({ kind: 'drop' });
      expect(await send(await start(topology, pipeline('kept', KEPT)), 1)).toBe(ITEMS);
      await kill(up!);
      const again = await start(topology, pipeline('kept', KEPT));
      // Between entry and dispatcher both may have what the entry had not heard of yet.
      const isWhole = (count = 0) => (topology === 'per-pipeline' ? count >= ITEMS : count === ITEMS);
      await waitFor('what was found on disk is told', async () => {
        const [row] = await again.ledger();
        return isWhole(row?.recovered) && isWhole(row?.queued);
      });
      await backend.setMode({ kind: 'accept' });
      await waitFor('everything to arrive', () => arrived() === ITEMS, { timeoutMs: 60_000 });
      await waitFor('the accounts to say so', async () => {
        const [row] = await again.ledger();
        return isWhole(row?.delivered) && row?.queued === 0;
      });
      expect(await again.ledger()).toMatchObject([{ received: 0, unaccounted: 0, unknown: 0, dropped: {} }]);
    },
  );

  it('finds the queue again when the topology changes while it is stopped', { timeout: 120_000 }, async () => {
    await backend.setMode({ kind: 'drop' });
    expect(await send(await start('shared', pipeline('kept', KEPT)), 2)).toBe(ITEMS);
    await up!.stop();
    await start('per-signal', pipeline('kept', KEPT));
    await backend.setMode({ kind: 'accept' });
    await waitFor('everything to arrive', () => arrived() === ITEMS, { timeoutMs: 60_000 });
  });

  it('names the queue of a pipeline that was renamed, and delivers it when the name is back', {
    timeout: 120_000,
  }, async () => {
    await backend.setMode({ kind: 'drop' });
    expect(await send(await start('shared', pipeline('kept', KEPT)), 3)).toBe(ITEMS);
    await up!.stop();
    await backend.setMode({ kind: 'accept' });
    const renamed = await start('shared', pipeline('renamed', KEPT));
    expect(renamed.process.stderr()).toContain(`! ${ITEMS} spans (`);
    expect(renamed.process.stderr()).toContain(
      'of otlp_grpc-tracepipeline-kept wait on disk, and no pipeline sends them',
    );
    expect(arrived()).toBe(0);
    await renamed.stop();
    const back = await start('shared', pipeline('kept', KEPT));
    await waitFor('everything to arrive', () => arrived() === ITEMS, { timeoutMs: 60_000 });
    await waitFor('the queue to be empty', async () => (await back.ledger())[0]?.queued === 0);
    await back.stop();
    const last = await start('shared', pipeline('renamed', KEPT));
    expect(last.process.stderr()).not.toContain('wait on disk');
  });

  it('delivers what a pipeline holds that is deleted while it runs', { timeout: 120_000 }, async () => {
    await backend.setMode({ kind: 'drop' });
    const running = await start('shared', pipeline('kept', KEPT), pipeline('other', {}));
    expect(await send(running, 4)).toBe(ITEMS);
    home.write('telemetry.yaml', pipeline('other', {}));
    await waitFor('the edit', async () => {
      const { pipelines } = (await (await fetch(`${running.api}/api/v1/configuration`)).json()) as {
        pipelines: unknown[];
      };
      return pipelines.length === 1;
    });
    await backend.setMode({ kind: 'accept' });
    await waitFor('everything to arrive', () => arrived() === ITEMS, { timeoutMs: 60_000 });
  });

  it.each(['Memory', 'Disk'])(
    'drops the oldest of a full buffer, in %s, and refuses nobody',
    { timeout: 60_000 },
    async (storage) => {
      await backend.setMode({ kind: 'drop' });
      const buffer = { storage, maxSize: '1Mi', onFull: 'DropOldest' };
      const running = await start('shared', pipeline('latest', { buffer }));
      for (const seed of [1, 2, 3]) expect(await send(running, seed)).toBe(ITEMS);
      await backend.setMode({ kind: 'accept' });
      await waitFor('the rest to arrive', async () => (await running.ledger())[0]?.queued === 0, { timeoutMs: 30_000 });
      const [row] = await running.ledger();
      expect(row).toMatchObject({ received: 3 * ITEMS, refused: 0, unaccounted: 0 });
      expect(Object.keys(row!.dropped)).toEqual(['queue_full']);
      expect(row!.delivered + row!.dropped.queue_full!).toBe(3 * ITEMS);
      const requestsOf = (seed: number) => backend.arrivals().get(runOfSeed(seed)) ?? [];
      const countOf = (seed: number) => requestsOf(seed).filter((at) => at !== undefined).length;
      // What is being sent is nobody's to drop, however old it is.
      expect(countOf(1) + countOf(2)).toBeLessThan(2 * countOf(3));
      // Nor can the newest stay when everything before it is being sent.
      expect(requestsOf(3).slice(-REQUESTS / 10)).toContainEqual(expect.any(Number));
    },
  );

  it.each(['Memory', 'Disk'])('drops what waits longer than it may, in %s', { timeout: 60_000 }, async (storage) => {
    await backend.setMode({ kind: 'drop' });
    const running = await start('shared', pipeline('brief', { buffer: { storage, maxAge: '1s' } }));
    expect(await send(running, 1)).toBe(ITEMS);
    await waitFor('it to expire', async () => (await running.ledger())[0]?.dropped.expired === ITEMS, {
      timeoutMs: 30_000,
    });
    expect(await running.ledger()).toMatchObject([{ queued: 0, unaccounted: 0 }]);
  });

  it('refuses a second engine on the same queues, and lets one have others', { timeout: 60_000 }, async () => {
    await start('shared', pipeline('kept', KEPT));
    const file = join(home.path, 'telemetry.yaml');
    const ports = ['--otlp-grpc', '0', '--otlp-http', '0', '--ui', '0', '--no-open', '--for', '1ms'];
    const second = await runSluice(home, ['up', '-f', file, ...ports]);
    expect(second.code).toBe(EXIT.cannotStart);
    expect(second.stderr).toContain('error[SL0603]: the queues on disk in');
    expect(second.stderr).toMatch(/ are in use by another engine \(pid \d+\)\n/);
    expect((await runSluice(home, ['up', '-f', file, ...ports, '--data', 'others'])).code).toBe(0);
    expect(readdirSync(join(home.path, 'others/queues'))).toEqual(['otlp_grpc-tracepipeline-kept']);
    await up!.stop();
    expect((await runSluice(home, ['up', '-f', file, ...ports])).code).toBe(0);
  });
});
