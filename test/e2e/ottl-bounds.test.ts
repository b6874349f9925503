import { writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../testkit/free-port.ts';
import { startProcess } from '../testkit/process.ts';
import {
  createHome,
  type Home,
  printedAddress,
  type RunningUp,
  runSluice,
  SLUICE,
  startUp,
} from '../testkit/sluice.ts';
import { waitFor } from '../testkit/wait-for.ts';

/** Generous: each takes a second or two. */
const SECONDS_10 = 10_000;
/** For how long a sender waits at most while others try such rules: a second or two, on a machine with nothing else to do. */
const STALL_MS = 10_000;

function pipeline(statements: readonly string[]): string {
  return JSON.stringify({
    apiVersion: 'telemetry.kyma-project.io/v1beta1',
    kind: 'TracePipeline',
    metadata: { name: 'heavy' },
    spec: {
      transform: [{ statements }],
      output: { otlp: { endpoint: { value: 'http://127.0.0.1:1' } } },
    },
  });
}

const quoted = (text: string) => JSON.stringify(text);
const matching = (pattern: string) => `set(span.attributes["a"], true) where IsMatch(span.name, ${quoted(pattern)})`;

const HEAVY: Readonly<Record<string, readonly string[]>> = {
  'a statement of a megabyte': [`set(span.attributes["a"], ${quoted('x'.repeat(1_000_000))})`],
  'deep nesting': [`set(span.attributes["a"], ${'('.repeat(20_000)}1${')'.repeat(20_000)})`],
  'deep calls': [`set(span.attributes["a"], ${'Trim('.repeat(5_000)}"x"${')'.repeat(5_000)})`],
  'a pattern that is counted and counted again': [matching('((a{30}){30}){30}'), matching('a{1000}'.repeat(1_000))],
  'classes that do not end': [matching('[:'.repeat(4_000))],
  'ten thousand rules': Array.from({ length: 10_000 }, (_, i) => `set(span.attributes["a${i}"], ${i})`),
  'ten thousand rules with a mistake each': Array.from(
    { length: 10_000 },
    (_, i) => `sett(span.attributes["a${i}"], ${i})`,
  ),
  'patterns that backtracking never ends': [
    matching('^(a+)+$'),
    matching('(x+x+)+y'),
    matching('(.*)(.*)(.*)(.*)(.*)z'),
  ],
};

let home: Home | undefined;
let up: RunningUp | undefined;

afterEach(async () => {
  await up?.stop();
  up = undefined;
  home?.remove();
});

describe('sluice validate', () => {
  it.each(Object.entries(HEAVY))('%s: ends in time, with a clear word', { timeout: 60_000 }, async (_, statements) => {
    home = createHome();
    home.write('heavy.yaml', pipeline(statements));
    const started = performance.now();
    const { code, stdout, stderr } = await runSluice(home, ['validate', '-f', 'heavy.yaml']);
    expect(performance.now() - started).toBeLessThan(SECONDS_10);
    expect([0, 1]).toContain(code);
    expect(`${stdout}${stderr}`).not.toMatch(/RangeError|heap|bug/i);
    expect(stdout.length + stderr.length).toBeLessThan(5_000_000);
  });
});

describe('sluice engine', () => {
  const config = (statements: readonly string[], port: number) =>
    JSON.stringify({
      receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
      processors: { transform: { trace_statements: statements } },
      exporters: { debug: {} },
      service: { pipelines: { traces: { receivers: ['otlp'], processors: ['transform'], exporters: ['debug'] } } },
    });

  it('refuses what it cannot run, and starts with ten thousand rules, in time', { timeout: 60_000 }, async () => {
    home = createHome();
    const port = await freePort();
    const started = performance.now();
    home.write('refused.yaml', config(HEAVY['a pattern that is counted and counted again']!, port));
    const refused = await runSluice(home, ['engine', '--config', 'refused.yaml']);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr + refused.stdout).toContain('50000 instructions');
    home.write('many.yaml', config(HEAVY['ten thousand rules']!, port));
    const { path: cwd, env } = home;
    const engine = await startProcess(SLUICE, ['engine', '--config', 'many.yaml'], {
      cwd,
      env,
      ready: { ports: [port] },
    });
    await engine.stop();
    expect(performance.now() - started).toBeLessThan(2 * SECONDS_10);
  });
});

const SPAN = JSON.stringify({
  resourceSpans: [
    {
      scopeSpans: [{ spans: [{ traceId: '5b8efff798038103d269b633813fc60c', spanId: 'eee19b7ec3c1b174', name: 'a' }] }],
    },
  ],
});

describe('sluice up', () => {
  /** The longest that a sender waited while `work` went on. */
  async function longestWait(http: number, work: () => Promise<void>): Promise<number> {
    let isOver = false;
    let longest = 0;
    const send = async () => {
      while (!isOver) {
        const started = performance.now();
        const headers = { 'content-type': 'application/json' };
        const response = await fetch(`http://127.0.0.1:${http}/v1/traces`, { method: 'POST', headers, body: SPAN });
        const said = await response.text();
        expect([response.status, said]).toEqual([200, said]);
        longest = Math.max(longest, performance.now() - started);
      }
    };
    const sending = send();
    await work();
    isOver = true;
    await sending;
    return longest;
  }

  it('takes data while such files are edited, validated and tried', { timeout: 120_000 }, async () => {
    home = createHome();
    const file = home.write(
      'telemetry.yaml',
      pipeline(['set(span.attributes["a"], 1)']).replace('127.0.0.1:1', '127.0.0.1:9'),
    );
    up = await startUp(home, ['-f', file]);
    const token = new URL(await printedAddress(up)).searchParams.get('t');
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const post = (path: string, body: object) =>
      fetch(`${up!.api}/api/v1/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    const configuration = async () => (await fetch(`${up!.api}/api/v1/configuration`)).text();
    const waits: Record<string, number> = {};
    for (const [name, statements] of Object.entries(HEAVY)) {
      const text = pipeline(statements);
      waits[`validate ${name}`] = await longestWait(up.ports.http, async () => {
        expect((await post('validate', { text })).status).toBeLessThan(500);
      });
      waits[`preview ${name}`] = await longestWait(up.ports.http, async () => {
        expect((await post('preview', { text, input: { last: 10 } })).status).toBeLessThan(500);
      });
      waits[`reload ${name}`] = await longestWait(up.ports.http, async () => {
        const before = await configuration();
        writeFileSync(file, text);
        await waitFor('the file is read', async () => (await configuration()) !== before);
      });
    }
    for (const [name, waited] of Object.entries(waits))
      expect([name, Math.min(waited, STALL_MS)]).toEqual([name, waited]);
  });
});
