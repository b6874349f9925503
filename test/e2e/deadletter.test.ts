import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DeadLetterStore } from '../../src/engine/exporter/dead-letters/store.ts';
import { listLetterFiles } from '../../src/engine/index.ts';
import { RUN_SKIPPED } from '../../src/lab/index.ts';
import { createSmallDisk, type SmallDisk } from '../../src/lab/runners/small-disk.ts';
import { errorCode, MetricsRegistry, systemClock } from '../../src/lib/index.ts';
import { createSink, parseSinkMode, type Sink } from '../../src/load/index.ts';
import { componentId } from '../../src/otelcol/index.ts';
import { batchOf } from '../testkit/engine.ts';
import { freePort } from '../testkit/free-port.ts';
import { consoleExamples, matchesExample, parseMarkdown } from '../testkit/markdown.ts';
import { startProcess } from '../testkit/process.ts';
import { createHome, type Home, runSluice, SLUICE, startUp } from '../testkit/sluice.ts';
import { waitFor } from '../testkit/wait-for.ts';

const silent = { info: () => {}, warn: () => {}, error: () => {} };

let home: Home;
let root: string;
let sink: Sink | undefined;
beforeEach(() => {
  home = createHome();
  root = join(home.path, 'dead-letters');
});
afterEach(async () => {
  await sink?.close();
  sink = undefined;
  home.remove();
});

async function reject(exporter: string, names: readonly string[], { maxBytes = 2 ** 20, message = 'no' } = {}) {
  const [type, name] = exporter.split('/');
  const letters = new DeadLetterStore({
    directory: join(root, exporter.replace('/', '-')),
    maxBytes,
    deps: { clock: systemClock, metrics: new MetricsRegistry(), log: silent },
  });
  for (const one of names) {
    letters
      .of(componentId(type!, name))
      .add(batchOf([one]), { cause: 'rejected_by_backend', message, rejectedMs: Date.UTC(2026, 0, 2) });
  }
  await letters.close();
}

async function startSink(mode: 'accept' | '400' | '503' = 'accept'): Promise<string> {
  const port = await freePort();
  sink = await createSink({ host: '127.0.0.1', port, mode: parseSinkMode(mode)! }, { clock: systemClock });
  return `127.0.0.1:${port}`;
}

async function setMode(mode: string): Promise<void> {
  await sink!.setMode(parseSinkMode(mode)!);
}

const letters = (...args: readonly string[]) => runSluice(home, ['deadletter', ...args, '--directory', root]);
const received = (): number => sink!.stats().signals.traces.items;

describe('sluice deadletter list', () => {
  it('tells of each pipeline how many there are, since when and why', async () => {
    await reject('otlp_grpc/tracepipeline-checkout', ['a', 'b', 'c'], { message: 'the backend answered 400: bad' });
    await reject('otlp_http/backend', ['d']);
    const { code, stdout } = await letters('list');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^PIPELINE +LETTERS +ITEMS +BYTES +OLDEST +REASON$/m);
    expect(stdout).toMatch(/^tracepipeline\/checkout +3 +3 +111 B +2026-01-02 +the backend answered 400: bad$/m);
    expect(stdout).toMatch(/^otlp_http\/backend +1 +1 /m);
    const json = JSON.parse((await letters('list', '-o', 'json')).stdout) as Record<string, never>;
    expect(json).toMatchObject({
      kind: 'DeadLetterReport',
      summary: { letters: 4, items: 4, damagedBytes: 0 },
      items: [
        { pipeline: 'otlp_http/backend', letters: 1 },
        {
          pipeline: 'tracepipeline/checkout',
          letters: 3,
          oldest: '2026-01-02T00:00:00.000Z',
          reasons: [{ cause: 'rejected_by_backend', message: 'the backend answered 400: bad', letters: 3 }],
        },
      ],
    });
    expect((await letters('list', 'tp/checkout')).stdout).not.toContain('otlp_http');
  });

  it('looks where `sluice up` keeps them unless it is told where', async () => {
    const { code, stdout } = await runSluice(home, ['deadletter', 'list']);
    expect(code).toBe(0);
    expect(stdout).toContain('.local/state/sluice/dead-letters');
  });

  it('tells of what cannot be read, and reads the rest', async () => {
    await reject('otlp/x', ['a']);
    writeFileSync(join(root, 'otlp-x', '000000000009.letters'), 'nothing of the kind');
    const { stdout } = await letters('list');
    expect(stdout).toContain('! 19 B cannot be read: damaged');
    expect(stdout).toMatch(/^otlp\/x +1 /m);
  });

  it('says which folder is not there', async () => {
    const { code, stderr } = await runSluice(home, ['deadletter', 'list', '--directory', 'gone']);
    expect(code).toBe(2);
    expect(stderr).toContain('there is no such folder');
  });
});

describe('sluice deadletter show', () => {
  it('shows the oldest with its reason and what is in it', async () => {
    await reject('otlp/x', ['first', 'second'], { message: 'too old' });
    const { code, stdout } = await letters('show');
    expect(code).toBe(0);
    expect(stdout).toContain('rejected  2026-01-02T00:00:00.000Z, rejected_by_backend');
    expect(stdout).toContain('reason    too old');
    expect(stdout).toContain('"name": "first"');
    expect(stdout).not.toContain('second');
  });

  it('shows the one that was asked for, as a document for programs too', async () => {
    await reject('otlp/x', ['first', 'second']);
    const all = JSON.parse((await letters('show', '--count', '5', '-o', 'json')).stdout) as {
      items: { id: string; request: unknown }[];
    };
    expect(all.items).toHaveLength(2);
    const { stdout } = await letters('show', '--id', all.items[1]!.id);
    expect(stdout).toContain('"name": "second"');
    expect(JSON.stringify(all.items[1]!.request)).toContain('second');
  });

  it('shows the beginning of a long request unless all of it is wanted', async () => {
    await reject('otlp/x', ['placeholder']);
    const store = new DeadLetterStore({
      directory: join(root, 'long'),
      maxBytes: 2 ** 20,
      deps: { clock: systemClock, metrics: new MetricsRegistry(), log: silent },
    });
    const batch = batchOf(Array.from({ length: 300 }, (_, i) => `span ${i}`));
    store.of(componentId('otlp', 'long')).add(batch, { cause: 'too_large', message: 'no', rejectedMs: 0 });
    await store.close();
    const short = (await letters('show', 'otlp/long')).stdout;
    expect(short).toMatch(/… \d+ more lines; all of them: --full/);
    expect((await letters('show', 'otlp/long', '--full')).stdout).toContain('span 299');
  });

  it('says that there is none', async () => {
    const { code, stderr } = await runSluice(home, ['deadletter', 'show', 'checkout', '--directory', home.path]);
    expect(code).toBe(1);
    expect(stderr).toContain('SL0704');
    expect(stderr).toContain('there are no dead letters of `checkout`');
  });
});

describe('sluice deadletter replay', () => {
  it('sends everything again, and takes out what was taken', async () => {
    await reject('otlp/x', ['a', 'b', 'c'], { maxBytes: 1500 });
    await reject('otlp/y', ['d']);
    const endpoint = await startSink();
    const { code, stdout } = await letters('replay', '--otlp-endpoint', endpoint);
    expect(stdout).toMatch(new RegExp(`^sent to ${endpoint}: 4 letters, 4 items`));
    expect(code).toBe(0);
    expect(received()).toBe(4);
    expect((await letters('list')).stdout).toContain('no dead letters');
    expect((await letters('replay', '--otlp-endpoint', endpoint)).stdout).toContain('0 letters');
    expect(received()).toBe(4);
    expect(readdirSync(join(root, 'otlp-x')).filter((name) => name.endsWith('.letters'))).toHaveLength(1);
  });

  it('sends over HTTP, only what is wanted, and nothing when it is to say so only', async () => {
    await reject('otlp/x', ['a', 'b']);
    await reject('otlp/y', ['c']);
    const endpoint = await startSink();
    const dry = await letters('replay', 'otlp/x', '--dry-run', '--otlp-endpoint', endpoint);
    expect(dry).toMatchObject({ code: 0, stdout: expect.stringContaining('would send to') });
    expect(dry.stdout).toContain('2 letters, 2 items');
    expect(received()).toBe(0);
    const one = ['replay', 'otlp/x', '--count', '1', '--otlp-endpoint', endpoint, '--otlp-http', '-o', 'json'];
    const sent = await letters(...one);
    expect(JSON.parse(sent.stdout)).toMatchObject({
      kind: 'ReplayReport',
      summary: { letters: 1, items: 1, rejected: 0, dryRun: false },
    });
    expect(received()).toBe(1);
    expect((await letters('list')).stdout).toMatch(/otlp\/x +1 .*\n|otlp\/y +1 /);
  });

  it('goes to the local engine unless it is told where, whatever the environment says to other programs', async () => {
    await reject('otlp/x', ['a']);
    const elsewhere = { OTEL_EXPORTER_OTLP_ENDPOINT: await startSink(), OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' };
    const args = ['deadletter', 'replay', '--dry-run', '--directory', root];
    const replay = await startProcess(SLUICE, args, { cwd: home.path, env: { ...home.env, ...elsewhere } });
    await replay.exited;
    expect(replay.stdout()).toContain('would send to localhost:4317');
  });

  it('keeps what is rejected again, and says so with its exit code', async () => {
    await reject('otlp/x', ['a', 'b']);
    const endpoint = await startSink('400');
    const { code, stdout } = await letters('replay', '--otlp-endpoint', endpoint);
    expect(code).toBe(1);
    expect(stdout).toContain('rejected again, and kept: 2 letters');
    expect((await letters('list')).stdout).toMatch(/otlp\/x +2 /);
  });

  it('keeps everything when nobody takes it', async () => {
    await reject('otlp/x', ['a', 'b']);
    const nobody = `127.0.0.1:${await freePort()}`;
    const { code, stderr } = await letters('replay', '--otlp-endpoint', nobody, '--timeout', '1s');
    expect(code).toBe(3);
    expect(stderr).toContain('does not take the letters');
    expect((await letters('list')).stdout).toMatch(/otlp\/x +2 /);
    expect(readdirSync(join(root, 'otlp-x'))).not.toContain('replay.lock');
  });

  it('waits for an endpoint that is overloaded', async () => {
    await reject('otlp/x', ['a']);
    const endpoint = await startSink('503');
    const running = letters('replay', '--otlp-endpoint', endpoint);
    await waitFor('a refused try', () => sink!.stats().signals.traces.refused > 0);
    await setMode('accept');
    expect((await running).code).toBe(0);
    expect(received()).toBe(1);
  });

  it('is done by one at a time in each folder', async () => {
    await reject('otlp/x', ['a']);
    const endpoint = await startSink('503');
    const running = letters('replay', '--otlp-endpoint', endpoint);
    await waitFor('a refused try', () => sink!.stats().signals.traces.refused > 0);
    const second = await letters('replay', '--otlp-endpoint', endpoint);
    expect(second.code).toBe(4);
    expect(second.stderr).toContain('again already');
    await setMode('accept');
    expect((await running).code).toBe(0);
    expect(received()).toBe(1);
  });
});

describe('docs/dead-letters.md', () => {
  it('shows what the commands print', async () => {
    const folder = join(home.path, '.local/state/sluice/dead-letters');
    const message = 'the backend answered 400: no span may be older than a day';
    const store = new DeadLetterStore({
      directory: join(folder, 'otlp_grpc-tracepipeline-checkout'),
      maxBytes: 2 ** 20,
      deps: { clock: systemClock, metrics: new MetricsRegistry(), log: silent },
    });
    const rejectedMs = Date.UTC(2026, 0, 2, 10);
    const checkout = store.of(componentId('otlp_grpc', 'tracepipeline-checkout'));
    for (const names of [['pay'], ['charge', 'ship']])
      checkout.add(batchOf(names), { cause: 'rejected_by_backend', message, rejectedMs });
    await store.close();
    mkdirSync(join(home.path, 'bin'));
    symlinkSync(SLUICE, join(home.path, 'bin/sluice'));
    const path = join(import.meta.dirname, '../../docs/dead-letters.md');
    const { blocks } = parseMarkdown('docs/dead-letters.md', readFileSync(path, 'utf8'));
    const examples = blocks.filter(({ text }) => text.startsWith('$ ')).flatMap(consoleExamples);
    expect(examples).toHaveLength(3);
    for (const { command, expected, line } of examples) {
      const shell = await startProcess('sh', ['-c', command], { cwd: home.path, env: home.env });
      await shell.exited;
      const printed = shell
        .stdout()
        .replaceAll(home.path, '')
        .replace(/ in \/.*$/m, ' in …');
      expect(matchesExample(printed, expected), `line ${line}:\n${printed}`).toBe(true);
    }
  });
});

describe('an engine whose backend rejects', () => {
  it('keeps what was rejected while it runs, and takes it again when the backend would', async () => {
    const [otlp, backend] = [await freePort(), await startSink('400')];
    mkdirSync(join(home.path, 'queue'));
    const config = home.write(
      'engine.yaml',
      `
receivers: {otlp: {protocols: {grpc: {endpoint: "127.0.0.1:${otlp}"}}}}
exporters:
  otlp_grpc/tracepipeline-shop:
    endpoint: ${backend}
    tls: {insecure: true}
    sending_queue: {enabled: true, sizer: bytes, queue_size: 10000000, storage: sluice_queue/tracepipeline-shop}
    retry_on_failure: {enabled: true, max_elapsed_time: 0}
extensions:
  sluice_queue/tracepipeline-shop:
    dead_letters: {directory: ${join(root, 'shop')}, max_bytes: 1000000}
service:
  extensions: [sluice_queue/tracepipeline-shop]
  telemetry: {metrics: {level: none}}
  pipelines: {traces: {receivers: [otlp], exporters: [otlp_grpc/tracepipeline-shop]}}
`,
    );
    const engine = await startProcess(SLUICE, ['engine', '--config', config], { cwd: home.path, env: home.env });
    try {
      const sending = ['gen', 'traces', '--traces', '5', '--retry', '--otlp-endpoint', `127.0.0.1:${otlp}`];
      await waitFor('data is taken', async () => (await runSluice(home, sending)).code === 0);
      await waitFor('letters on disk', async () => /shop +\d+ /.test((await letters('list')).stdout));
      const count = () => letters('list', '-o', 'json').then(({ stdout }) => itemsOf(stdout));
      await waitFor('all of them', async () => (await count()) >= 5);
      const rejected = await count();
      await setMode('accept');
      const replay = await letters('replay', '--otlp-endpoint', `127.0.0.1:${otlp}`);
      expect(replay.code).toBe(0);
      await waitFor('what was rejected is delivered', () => received() === rejected);
      expect((await letters('list')).stdout).toContain('no dead letters');
      // The file that the engine writes to stays, and what it writes next is there.
      expect(await listLetterFiles(join(root, 'shop'))).toHaveLength(1);
      await setMode('400');
      await runSluice(home, sending);
      await waitFor('new letters', async () => (await count()) >= 5);
    } finally {
      await engine.stop();
    }
  }, 60_000);
});

describe('a disk that is full', () => {
  it('costs the letters of that time, counted, and no others', async ({ skip }) => {
    const disk = smallDisk(join(home.path, 'disk'));
    if (typeof disk === 'string') return skip(disk);
    try {
      const metrics = new MetricsRegistry();
      const lost = () =>
        Number(/^sluice_dead_letters_lost_total\{.*"disk"\} (\d+)$/m.exec(metrics.renderPrometheus())?.[1]);
      const written = () =>
        Number(/^sluice_dead_letters_written_total\{.*\} (\d+)$/m.exec(metrics.renderPrometheus())?.[1] ?? 0);
      const store = new DeadLetterStore({
        directory: disk.folder,
        maxBytes: 2 ** 24,
        deps: { clock: systemClock, metrics, log: silent },
      });
      const batch = batchOf(Array.from({ length: 100 }, (_, i) => `span ${i}`));
      const add = () =>
        store.of(componentId('otlp', 'x')).add(batch, { cause: 'rejected_by_backend', message: 'no', rejectedMs: 0 });
      add();
      await waitFor('the first', () => written() === 1);
      disk.fill();
      for (let i = 0; i < 5; i++) add();
      await waitFor('the loss', () => lost() + written() === 6);
      expect(lost()).toBeGreaterThan(0);
      disk.free();
      add();
      await waitFor('the next', () => lost() + written() === 7);
      const kept = written();
      await store.close();
      const { stdout } = await runSluice(home, ['deadletter', 'list', '--directory', disk.folder, '-o', 'json']);
      expect(JSON.parse(stdout)).toMatchObject({ summary: { letters: kept, damagedBytes: 0 } });
      expect(kept).toBeGreaterThanOrEqual(2);
    } finally {
      disk.remove();
    }
  });
});

/** Or why there is none here. */
function smallDisk(folder: string): SmallDisk | string {
  try {
    return createSmallDisk(folder, 2 ** 20);
  } catch (error) {
    if (errorCode(error) !== RUN_SKIPPED) throw error;
    return (error as Error).message;
  }
}

describe('a pipeline with AtLeastOnce', () => {
  it('has its dead letters in the folder of sluice up, and they go to its backend again', async () => {
    const backend = await startSink('400');
    const file = home.write(
      'shop.yaml',
      `
apiVersion: telemetry.kyma-project.io/v1beta1
kind: TracePipeline
metadata: {name: shop}
spec:
  output: {otlp: {endpoint: {value: "http://${backend}"}}}
  delivery: {guarantee: AtLeastOnce}
`,
    );
    const up = await startUp(home, ['-f', file]);
    try {
      const target = `127.0.0.1:${up.ports.grpc}`;
      const sent = await runSluice(home, ['gen', 'traces', '--traces', '3', '--otlp-endpoint', target]);
      expect(sent.code).toBe(0);
      const list = () => runSluice(home, ['deadletter', 'list', 'tp/shop']).then(({ stdout }) => stdout);
      await waitFor('the letters', async () => /^tracepipeline\/shop +\d+ +9 /m.test(await list()));
      await setMode('accept');
      const replay = await runSluice(home, ['deadletter', 'replay', 'shop', '--otlp-endpoint', backend]);
      expect(replay).toMatchObject({ code: 0, stdout: expect.stringContaining(', 9 items,') });
      expect(received()).toBe(9);
      expect(await list()).toContain('no dead letters');
    } finally {
      await up.stop();
    }
  }, 60_000);
});

function itemsOf(text: string): number {
  return (JSON.parse(text) as { summary: { items: number } }).summary.items;
}
