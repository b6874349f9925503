import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { requirePeer } from '../../../testbed/index.ts';
import { type Answer, type Capture, startCapture } from '../../testkit/capture.ts';
import { waitFor } from '../../testkit/wait-for.ts';
import {
  type AgentProcess,
  asJson,
  attributesOf,
  createFolder,
  folderIn,
  pipelineOf,
  plainValue,
  removeFolder,
  renderAgent,
  startAgent,
} from './agent-process.ts';

const peer = requirePeer('otelcol');
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';

const TIME = '2026-11-22T10:00:00.123456789Z';
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

interface LogRecord {
  readonly body: unknown;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly resource: Readonly<Record<string, unknown>>;
  readonly scope: unknown;
  readonly record: Readonly<Record<string, unknown>>;
}

function recordsOf(backend: Capture): readonly LogRecord[] {
  const list = (value: unknown) => (value ?? []) as readonly Readonly<Record<string, never>>[];
  return asJson('logs', backend.accepted()).flatMap((request) =>
    list(request['resourceLogs']).flatMap((group) =>
      list(group['scopeLogs']).flatMap((scoped) =>
        list(scoped['logRecords']).map((record) => ({
          body: plainValue(record['body']),
          attributes: attributesOf(record['attributes']),
          resource: attributesOf((group['resource'] as { attributes?: unknown } | undefined)?.attributes),
          scope: (scoped['scope'] as { name?: unknown } | undefined)?.name,
          record,
        })),
      ),
    ),
  );
}

const UID = '7b1f2c3d-0000-4000-8000-000000000001';

/** Writes lines as containerd does, into the file of a container of this node. */
function write(root: string, place: { namespace: string; pod?: string; container?: string }, lines: string[]): void {
  const { namespace, pod = 'web-5d4f-x1', container = 'app' } = place;
  const folder = folderIn(root, 'pods', `${namespace}_${pod}_${UID}`, container);
  writeFileSync(join(folder, '0.log'), lines.map((line) => `${line}\n`).join(''));
}

const out = (text: string, tag = 'F') => `${TIME} stdout ${tag} ${text}`;

async function backend(): Promise<Capture> {
  const capture = await startCapture();
  ends.push(() => capture.stop());
  return capture;
}

function tempFolder(): string {
  const folder = createFolder();
  ends.push(() => removeFolder(folder));
  return folder;
}

async function run(folder: string, manifests: readonly object[]): Promise<AgentProcess> {
  const change = (yaml: string) =>
    yaml
      .replaceAll('initial_interval: "5s"', 'initial_interval: "200ms"')
      .replaceAll('max_interval: "30s"', 'max_interval: "1s"')
      .replaceAll('/var/log/pods', folderIn(folder, 'pods'))
      .replaceAll('/var/lib/telemetry-log-agent', join(folder, 'offsets'));
  const agent = await startAgent(renderAgent(manifests), { folder, change });
  ends.push(() => agent.stop());
  return agent;
}

/** What becomes of these lines of one container; `done` comes last and is left out. */
async function read(lines: string[], runtime: object = {}): Promise<readonly LogRecord[]> {
  const capture = await backend();
  const folder = tempFolder();
  write(folder, { namespace: 'shop' }, [...lines, out('done')]);
  await run(folder, [pipelineOf('LogPipeline', 'apps', { runtime: { enabled: true, ...runtime } }, capture.grpcPort)]);
  await waitFor('the records', () => recordsOf(capture).some(({ body }) => body === 'done'));
  return recordsOf(capture).filter(({ body }) => body !== 'done');
}

const json = (fields: object) => out(JSON.stringify(fields));

describe.skipIf(peer.status === 'missing')(`the log agent, run by the real Collector${skipNote}`, () => {
  it('reads plain lines with their time, their stream, and where they come from', async () => {
    const [first, second] = await read([out('hello'), `${TIME} stderr F trouble { not json`]);
    expect(first).toMatchObject({
      body: 'hello',
      attributes: { 'log.iostream': 'stdout' },
      scope: 'io.kyma-project.telemetry/runtime',
      resource: {
        'k8s.namespace.name': 'shop',
        'k8s.pod.name': 'web-5d4f-x1',
        'k8s.pod.uid': UID,
        'k8s.container.name': 'app',
        'k8s.container.restart_count': '0',
        'service.name': 'web-5d4f-x1',
      },
      record: { timeUnixNano: '1795341600123456789' },
    });
    expect(first?.attributes).not.toHaveProperty('logtag');
    expect(second).toMatchObject({ body: 'trouble { not json', attributes: { 'log.iostream': 'stderr' } });
  });

  it('puts lines together that the container runtime split', async () => {
    const records = await read([out('one ', 'P'), out('two ', 'P'), out('three'), out('four')]);
    expect(records.map(({ body }) => body)).toEqual(['one two three', 'four']);
  });

  it('puts JSON together that was split, whatever stands behind it', async () => {
    const [record] = await read([out('{"message":"a ', 'P'), out('b"} ')]);
    expect(record).toMatchObject({ body: 'a b' });
  });

  it('makes attributes of the fields of JSON, its message the body, and keeps the line', async () => {
    const line = { message: 'order paid', order: 17, nested: { a: [1, 'b'] }, stream: 'mine', 'log.original': 'mine' };
    const [record] = await read([json(line)]);
    expect(record).toMatchObject({ body: 'order paid' });
    expect(record?.attributes).toMatchObject({
      order: 17,
      nested: { a: [1, 'b'] },
      stream: 'mine',
      'log.iostream': 'stdout',
      'log.original': JSON.stringify(line),
    });
    expect(record?.attributes).not.toHaveProperty('message');
    expect(record?.attributes).not.toHaveProperty(['kyma.json']);
  });

  it('does not keep the line when it shall not, and takes msg for the message', async () => {
    const [record] = await read([json({ msg: 'order paid', a: 'b' })], { keepOriginalBody: false });
    expect(record).toMatchObject({ body: 'order paid', attributes: { a: 'b' } });
    expect(record?.attributes).not.toHaveProperty(['log.original']);
    expect(record?.attributes).not.toHaveProperty('msg');
  });

  it('leaves what only looks like JSON as it is, whatever shall be kept', async () => {
    for (const keepOriginalBody of [true, false]) {
      const [broken, list] = await read([out('{not json}'), out('["a"]')], { keepOriginalBody });
      expect(broken).toMatchObject({ body: '{not json}' });
      expect(broken?.attributes).not.toHaveProperty(['log.original']);
      expect(list).toMatchObject({ body: '["a"]' });
    }
  });

  it('has no body where JSON has no message', async () => {
    const [record] = await read([json({ a: 'b' }), out('{}')]);
    expect(record?.body).toBeUndefined();
    expect(record?.attributes).toMatchObject({ a: 'b', 'log.original': '{"a":"b"}' });
  });

  it.each([
    [{ level: 'WARNING' }, 13, 'WARNING'],
    [{ 'log.level': 'error' }, 17, 'error'],
    [{ level: 'info', 'log.level': 'debug' }, 5, 'debug'],
    [{ level: 'verbose' }, undefined, 'verbose'],
    [{ level: 30 }, undefined, '30'],
    [{ level: 9 }, 9, '9'],
  ])('takes the severity of %j', async (fields, number, text) => {
    const [record] = await read([json({ message: 'm', ...fields })]);
    expect(record?.record['severityNumber'] || undefined).toBe(number);
    expect(record?.record['severityText']).toBe(text);
    expect(record?.attributes).not.toHaveProperty('level');
    expect(record?.attributes).not.toHaveProperty(['log.level']);
  });

  it('keeps a level that is no word as an attribute', async () => {
    const [record] = await read([json({ message: 'm', level: { name: 'info' } })]);
    expect(record?.attributes).toMatchObject({ level: { name: 'info' } });
  });

  it.each([
    [{ trace_id: TRACE, span_id: SPAN, trace_flags: '01' }, SPAN],
    [{ traceparent: `00-${TRACE}-${SPAN}-01` }, SPAN],
    [{ trace_id: TRACE }, undefined],
  ])('takes the trace of %j', async (fields, span) => {
    const [record] = await read([json({ message: 'm', other: 1, ...fields })]);
    expect(record?.record['traceId']).toBe(TRACE);
    expect(record?.record['spanId'] || undefined).toBe(span);
    expect(Object.keys(record?.attributes ?? {}).sort()).toEqual([
      'log.file.path',
      'log.iostream',
      'log.original',
      'other',
    ]);
  });

  it.each([
    { trace_id: 'unknown' },
    { span_id: SPAN },
    { trace_id: 17 },
    { traceparent: 'not-a-parent' },
    { traceparent: [`00-${TRACE}-${SPAN}-01`] },
  ])('keeps %j, which names no trace', async (fields) => {
    const [record] = await read([json({ message: 'm', ...fields })]);
    expect(record?.record['traceId'] || undefined).toBeUndefined();
    expect(record?.attributes).toMatchObject(fields);
  });

  it('keeps the order of lines, whatever they are', async () => {
    const lines = Array.from({ length: 300 }, (_, index) =>
      index % 3 === 0 ? out(`${index}`) : json({ msg: `${index}` }),
    );
    const records = await read(lines);
    expect(records.map(({ body }) => body)).toEqual(lines.map((_, index) => `${index}`));
  });

  it('keeps what of a trace is no identifier', async () => {
    const [record] = await read([
      json({ message: 'm', trace_id: TRACE, span_id: 'none', trace_flags: 1, traceparent: 'x' }),
    ]);
    expect(record?.record['traceId']).toBe(TRACE);
    expect(record?.attributes).toMatchObject({ span_id: 'none', trace_flags: 1, traceparent: 'x' });
  });

  it('opens only the files that a pipeline takes, and never its own', async () => {
    const [some, rest] = [await backend(), await backend()];
    const folder = tempFolder();
    write(folder, { namespace: 'shop' }, [out('shop app')]);
    write(folder, { namespace: 'shop', container: 'istio-proxy' }, [out('shop proxy')]);
    write(folder, { namespace: 'shop-two' }, [out('another namespace')]);
    write(folder, { namespace: 'kyma-system', pod: 'telemetry-log-agent-abcde', container: 'collector' }, [out('own')]);
    write(folder, { namespace: 'kyma-system', pod: 'other-1' }, [out('system')]);
    const all = { runtime: { namespaces: {}, containers: { exclude: ['istio-proxy'] } } };
    const one = { runtime: { namespaces: { include: ['shop'] }, containers: { include: ['app', 'other'] } } };
    const { collector } = await run(folder, [
      pipelineOf('LogPipeline', 'one', one, some.grpcPort),
      pipelineOf('LogPipeline', 'all', all, rest.grpcPort),
    ]);
    const bodies = (capture: Capture) => recordsOf(capture).map(({ body }) => body);
    await waitFor('the records', () => bodies(some).length >= 1 && bodies(rest).length >= 3);
    expect(bodies(some)).toEqual(['shop app']);
    expect([...bodies(rest)].sort()).toEqual(['another namespace', 'shop app', 'system']);
    const opened = collector
      .stderr()
      .split('\n')
      .filter((line) => line.includes('Started watching file'));
    expect(opened).toHaveLength(4);
    expect(opened.join('')).not.toMatch(/istio-proxy|telemetry-log-agent-abcde/);
  });

  it('stops reading for a pipeline whose queue is full, and for no other; nothing is lost', async () => {
    const [dead, alive] = [await backend(), await backend()];
    const down: Answer = { kind: 'error', grpc: 14, http: 503, message: 'away' };
    dead.script(Array.from({ length: 10_000 }, () => down));
    const folder = tempFolder();
    const lines = Array.from({ length: 4000 }, (_, index) => `${index} ${'x'.repeat(1000)}`);
    write(
      folder,
      { namespace: 'shop' },
      lines.map((line) => out(line)),
    );
    const small = { delivery: { buffer: { maxSize: '1Mi' } } };
    await run(folder, [
      pipelineOf('LogPipeline', 'dead', {}, dead.grpcPort, small),
      pipelineOf('LogPipeline', 'alive', {}, alive.grpcPort, small),
    ]);
    const bodies = (capture: Capture) => recordsOf(capture).map(({ body }) => body);
    await waitFor('all lines at the one that lives', () => bodies(alive).length === lines.length);
    expect(bodies(dead)).toEqual([]);
    dead.script([]);
    await waitFor('all lines at the other', () => bodies(dead).length >= lines.length, {
      timeoutMs: 60_000,
      pollMs: 200,
    });
    expect(new Set(bodies(dead))).toEqual(new Set(lines));
    expect(bodies(dead)).toHaveLength(lines.length);
  });

  it('loses no line when it is killed, with AtLeastOnce, and reads on when its queue has room', async () => {
    const capture = await backend();
    const down: Answer = { kind: 'error', grpc: 14, http: 503, message: 'away' };
    capture.script(Array.from({ length: 10_000 }, () => down));
    const folder = tempFolder();
    const lines = Array.from({ length: 4000 }, (_, index) => `${index} ${'x'.repeat(1000)}`);
    const keep = { delivery: { guarantee: 'AtLeastOnce', buffer: { maxSize: '2Mi' } } };
    const manifest = pipelineOf('LogPipeline', 'audit', {}, capture.grpcPort, keep);
    write(
      folder,
      { namespace: 'shop' },
      lines.map((line) => out(line)),
    );
    expect(renderAgent([manifest]).featureGates).toEqual(['stanza.synchronousLogEmitter']);
    for (let kill = 0; kill < 3; kill++) {
      const seen = capture.requests.length;
      const { collector } = await run(folder, [manifest]);
      await waitFor('something is sent', () => capture.requests.length > seen);
      collector.kill('SIGKILL');
      await collector.exited;
    }
    capture.script([]);
    await run(folder, [manifest]);
    const bodies = () => new Set(recordsOf(capture).map(({ body }) => body));
    await waitFor('all lines', () => bodies().size === lines.length, { timeoutMs: 60_000, pollMs: 200 });
    expect(bodies()).toEqual(new Set(lines));
  });

  it('goes on where it stopped, for each pipeline by itself', async () => {
    const capture = await backend();
    const folder = tempFolder();
    const manifest = pipelineOf('LogPipeline', 'apps', {}, capture.grpcPort);
    write(folder, { namespace: 'shop' }, [out('first')]);
    const before = await run(folder, [manifest]);
    await waitFor('the records', () => recordsOf(capture).length === 1);
    await before.stop();
    const file = join(folder, 'pods', `shop_web-5d4f-x1_${UID}`, 'app', '0.log');
    appendFileSync(file, `${out('second')}\n`);
    await run(folder, [manifest]);
    await waitFor('the records', () => recordsOf(capture).length === 2);
    expect(recordsOf(capture).map(({ body }) => body)).toEqual(['first', 'second']);
  });
});
