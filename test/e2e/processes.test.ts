import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/index.ts';
import { createGenerator, createSink, type Sink, totalStats } from '../../src/load/index.ts';
import { SIGNALS, type Signal } from '../../src/pdata/index.ts';
import type { OverviewDocument, TraceListDocument } from '../../src/server/index.ts';
import { freePort } from '../testkit/free-port.ts';
import { createHome, type Home, type RunningUp, startUp } from '../testkit/sluice.ts';
import { waitFor } from '../testkit/wait-for.ts';

const KIND: Readonly<Record<Signal, string>> = {
  traces: 'TracePipeline',
  metrics: 'MetricPipeline',
  logs: 'LogPipeline',
};

describe.each(['per-signal', 'per-pipeline'])('sluice up --topology %s', (topology) => {
  let home: Home;
  let up: RunningUp | undefined;
  const sinks: Sink[] = [];

  afterEach(async () => {
    await up?.stop();
    up = undefined;
    await Promise.all(sinks.splice(0).map((sink) => sink.close()));
    home?.remove();
  });

  const openSink = async (port = 0) => {
    const sink = await createSink({ host: '127.0.0.1', port, mode: { kind: 'accept' } }, { clock: systemClock });
    sinks.push(sink);
    return sink;
  };
  const start = async (text: string, args: readonly string[] = []) => {
    home = createHome();
    const file = home.write('telemetry.yaml', text);
    up = await startUp(home, ['-f', file, '--topology', topology, ...args]);
    return file;
  };
  const api = async <T>(path: string) => (await (await fetch(`${up!.api}/api/v1/${path}`)).json()) as T;
  const processes = async () => (await api<OverviewDocument>('overview')).processes ?? [];
  const send = (signal: Signal, requestCount: number, requestRate = 0, retry = false) =>
    createGenerator(
      {
        signal,
        shape: signal === 'traces' ? 't10' : 'simple',
        seed: 5,
        endpoint: { host: '127.0.0.1', port: up!.ports.grpc },
        protocol: 'grpc',
        requestRate,
        requestCount,
        connections: 2,
        retry,
      },
      { clock: systemClock },
    ).run();

  it('delivers every signal to its backend, and shows it in the UI', { timeout: 60_000 }, async () => {
    const sink = await openSink();
    await start(SIGNALS.map((signal) => pipeline(KIND[signal], 'all', sink.address.port)).join('---\n'));
    const reports = await Promise.all(SIGNALS.map((signal) => send(signal, 20)));
    const sent = reports.reduce((sum, report) => sum + report.sent, 0);
    await waitFor('all to arrive', () => totalStats(sink.stats()).unique === sent);
    await waitFor('the ledger to say so', async () => {
      const rows = await up!.ledger();
      return rows.length === 3 && rows.every((row, i) => row.queued === 0 && row.delivered > 0 && i >= 0);
    });
    const rows = await up!.ledger();
    expect(rows.reduce((sum, row) => sum + row.delivered, 0)).toBe(sent);
    for (const row of rows) expect(row).toMatchObject({ received: row.delivered, unaccounted: 0, unknown: 0 });
    await waitFor(
      'the viewer to have it',
      async () => (await api<TraceListDocument>('explore/traces')).items.length > 0,
    );
    expect((await processes()).every(({ state }) => state === 'running')).toBe(true);
    const exit = await up!.stop();
    expect(exit.code).toBe(143);
    expect(up!.process.stdout().match(/balanced/g)).toHaveLength(3);
  });

  it('survives a process killed under load: no export fails, what it held is unknown', {
    timeout: 60_000,
  }, async () => {
    const sink = await openSink();
    await start(pipeline('TracePipeline', 'demo', sink.address.port));
    const victim = topology === 'per-signal' ? 'trace-gateway' : 'trace-dispatcher-demo';
    const load = send('traces', 400, 100);
    await waitFor('data to flow', async () => (await up!.ledger()).some(({ delivered }) => delivered > 0));
    const { pid } = (await processes()).find(({ workload }) => workload === victim)!;
    process.kill(pid!, 'SIGKILL');
    await waitFor('another process in its place', async () => {
      const now = (await processes()).find(({ workload }) => workload === victim)!;
      return now.state === 'running' && now.pid !== pid && now.restarts === 1;
    });
    const report = await load;
    expect(report).toMatchObject({ accepted: report.sent, failed: 0, refused: 0, rejected: 0 });
    await waitFor('the rest to arrive', async () => (await up!.ledger())[0]!.queued === 0);
    const [row] = await up!.ledger();
    expect(row!.unaccounted, JSON.stringify(row)).toBe(0);
    const { unique } = totalStats(sink.stats());
    // What the killed process had delivered after its last report is among the unknown.
    expect(unique).toBeGreaterThanOrEqual(row!.delivered);
    expect(unique).toBeLessThanOrEqual(row!.delivered + row!.unknown);
    expect(up!.process.stderr()).toContain('a process of the topology died and is started again');
  });

  it('comes back when the process in front is killed: no more is delivered than received', {
    timeout: 60_000,
  }, async () => {
    const sink = await openSink();
    await start(pipeline('TracePipeline', 'demo', sink.address.port));
    const victim = topology === 'per-signal' ? 'otlp-router' : 'otlp-entry';
    const load = send('traces', 200, 100, true);
    await waitFor('data to flow', async () => (await up!.ledger()).some(({ delivered }) => delivered > 0));
    process.kill((await processes()).find(({ workload }) => workload === victim)!.pid!, 'SIGKILL');
    const report = await load;
    expect(report).toMatchObject({ accepted: report.sent, failed: 0 });
    await waitFor('the queues to empty', async () => (await up!.ledger())[0]!.queued === 0);
    const [row] = await up!.ledger();
    expect(row).toMatchObject({ unaccounted: 0, created: 0, dropped: {} });
    expect(row!.delivered + row!.unknown, JSON.stringify(row)).toBe(row!.received);
  });

  it('takes up edits: pipelines come, change and go, and nothing is lost', { timeout: 60_000 }, async () => {
    const [one, two] = [await openSink(), await openSink()];
    const first = pipeline('TracePipeline', 'one', one.address.port);
    const file = await start(first);
    const load = send('traces', 400, 100);
    writeFileSync(file, `${first}---\n${pipeline('TracePipeline', 'two', two.address.port)}`);
    await waitFor('the second to deliver', () => totalStats(two.stats()).unique > 0, { timeoutMs: 15_000 });
    const names = async () => (await up!.ledger()).map(({ name }) => name).sort();
    expect(await names()).toEqual(['one', 'two']);
    writeFileSync(file, first.replace('32Mi', '16Mi'));
    await waitFor('the second to go', async () => !(await names()).includes('two'));
    if (topology === 'per-pipeline') {
      await waitFor('its process to end', async () =>
        (await processes()).every(({ workload }) => workload !== 'trace-dispatcher-two'),
      );
    }
    const report = await load;
    expect(report).toMatchObject({ accepted: report.sent, failed: 0 });
    await waitFor('all to arrive', () => totalStats(one.stats()).unique === report.sent);
    const row = async () => (await up!.ledger())[0]!;
    await waitFor(
      'the ledger to say so',
      async () => (await row()).delivered + (await row()).received === 2 * report.sent,
    );
    expect(await row()).toMatchObject({ received: report.sent, delivered: report.sent, dropped: {}, unaccounted: 0 });
  });

  it('leaves no process behind when it is killed itself', { timeout: 30_000 }, async () => {
    await start(pipeline('TracePipeline', 'demo', await freePort()));
    const pids = (await processes()).map(({ pid }) => pid!);
    expect(pids.length).toBeGreaterThan(1);
    process.kill(up!.process.pid, 'SIGKILL');
    await waitFor('its processes to end', () => pids.every((pid) => !isRunning(pid)));
  });

  it.runIf(process.platform === 'linux')(
    'keeps secrets out of command lines, environments and files',
    { timeout: 30_000 },
    async () => {
      const secret = 'c4nary-of-the-test';
      home = createHome();
      const file = home.write('telemetry.yaml', withSecret(await freePort()));
      const secrets = join(home.path, 'secrets.yaml');
      writeFileSync(secrets, secretManifest(secret), { mode: 0o600 });
      up = await startUp(home, ['-f', file, '--secrets', secrets, '--topology', topology, '--data', 'data']);
      const pids = [up.process.pid, ...(await processes()).map(({ pid }) => pid!)];
      for (const pid of pids) {
        for (const name of ['cmdline', 'environ']) {
          expect(readFileSync(`/proc/${pid}/${name}`, 'utf8'), name).not.toContain(secret);
        }
      }
      for (const path of filesBelow(home.path)) {
        if (path !== secrets) expect(readFileSync(path, 'latin1'), path).not.toContain(secret);
      }
      const shown = [await api('configuration'), await api('overview'), up.process.stdout(), up.process.stderr()];
      expect(JSON.stringify(shown)).not.toContain(secret);
      expect(up.process.stderr()).not.toContain('SL0612');
    },
  );
});

function pipeline(kind: string, name: string, port: number): string {
  return `apiVersion: telemetry.kyma-project.io/v1beta1
kind: ${kind}
metadata:
  name: ${name}
spec:
  output:
    otlp:
      endpoint:
        value: http://127.0.0.1:${port}
  delivery:
    buffer:
      maxSize: 32Mi
`;
}

function withSecret(port: number): string {
  return `apiVersion: telemetry.kyma-project.io/v1beta1
kind: TracePipeline
metadata:
  name: demo
spec:
  output:
    otlp:
      endpoint:
        value: http://127.0.0.1:${port}
      headers:
        - name: authorization
          valueFrom:
            secretKeyRef: { namespace: default, name: backend, key: token }
`;
}

function secretManifest(value: string): string {
  return `apiVersion: v1
kind: Secret
metadata: { name: backend }
stringData:
  token: ${value}
`;
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
