import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requirePeer } from '../../testbed/index.ts';
import { type BackendFailureCase, backendFailures } from '../testkit/backend-failures.ts';
import { faultsInBothThemes, launchBrowser, openPage, overflow } from '../testkit/browser.ts';
import { type FailingBackends, startFailingBackends } from '../testkit/failing-backends.ts';
import { listen } from '../testkit/free-port.ts';
import { parseMarkdown } from '../testkit/markdown.ts';
import { FOREIGN_SENDERS, MISTAKEN_SENDERS, type SenderMistake } from '../testkit/sender-mistakes.ts';
import { GRPC_METHOD, sendGrpc, sendHttp } from '../testkit/senders.ts';
import { type Home, runSluice } from '../testkit/sluice.ts';
import { missing, plain, read, remember, Stage } from '../testkit/stage.ts';
import { waitFor } from '../testkit/wait-for.ts';

/** What must be read nowhere: it is in the headers of every pipeline, and failing backends repeat it. */
const CANARY = 'hunter2canary';
const JSON_TYPE = { 'content-type': 'application/json' };
const chromium = requirePeer('chromium');

function spans(aheadMs = 0): string {
  const nanos = `${Date.now() + aheadMs}000000`;
  const one = (last: number) => ({
    traceId: '5b8efff798038103d269b633813fc60c',
    spanId: `eee19b7ec3c1b17${last}`,
    name: 'GET /',
    startTimeUnixNano: nanos,
    endTimeUnixNano: nanos,
  });
  return JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [one(1), one(2), one(3)] }] }] });
}

const LOGS = '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"x"}}]}]}]}';

function pipelineText(name: string, output: object): string {
  return JSON.stringify({
    apiVersion: 'telemetry.kyma-project.io/v1beta1',
    kind: 'TracePipeline',
    metadata: { name },
    spec: { output },
  });
}

let browser: Browser | undefined;
let page: Page;
beforeAll(async () => {
  if (chromium.status !== 'ready') return;
  browser = await launchBrowser(chromium.path);
});
afterAll(() => browser?.close());

async function openFor(stage: Stage): Promise<void> {
  if (browser !== undefined) page = (await openPage(browser, stage.origin)).page;
}

const withBrowser = it.skipIf(chromium.status === 'missing');

describe('a port that is taken', () => {
  const stage = new Stage();
  beforeAll(() => stage.start());
  afterAll(() => stage.stop());
  const second = async (home: Home, port: number) => {
    const fixed = ['up', '--otlp-http', '0', '--ui', '0', '--no-open', '--otlp-grpc', String(port)];
    const { code, stderr } = await runSluice(home, fixed);
    return { code, stderr: remember(stderr) };
  };

  it('by a foreign program is told with its owner and the ways out', async () => {
    const foreign = createServer();
    const port = await listen(foreign);
    const { code, stderr } = await second(stage.home, port);
    foreign.close();
    expect(code).toBe(4);
    const owner = process.platform === 'linux' ? [`pid ${process.pid}`, `kill ${process.pid}`] : [];
    const words = [`error[SL0601]: port ${port} is in use by another program`, 'sluice up --port-offset 100', ...owner];
    expect(missing('SL0601', stderr, words)).toEqual([]);
  });

  it('by an engine of the same person is told with how to look at it, end it, or start beside it', async () => {
    const { code, stderr } = await second(stage.home, stage.up.ports.grpc);
    expect(code).toBe(4);
    const words = [
      `error[SL0600]: an engine is already running (pid ${stage.up.process.pid}, built-in pipelines, up `,
      'sluice status',
      `sluice down --pid ${stage.up.process.pid}`,
      'sluice up --port-offset 100',
    ];
    expect(missing('SL0600', stderr, words)).toEqual([]);
  });
});

describe('data that does not get in', () => {
  const stage = new Stage();
  beforeAll(async () => {
    await stage.start();
    await openFor(stage);
  });
  afterAll(() => stage.stop());

  const WAITING = [
    /Waiting for the first data/,
    /Nothing has connected so far\./,
    /An app in a container or on another host needs --host 0\.0\.0\.0 here/,
    /host\.docker\.internal/,
    /a proxy set in HTTP_PROXY may swallow it/,
    'sluice gen traces',
  ];

  it('because nothing has connected: status says where to send and what to look at', async () => {
    const { grpc, http } = stage.up.ports;
    expect(
      missing('terminal', stage.terminal(), [`localhost:${grpc} and localhost:${http}`, 'Waiting for data']),
    ).toEqual([]);
    const where = `OTLP localhost:${grpc} and http://localhost:${http}`;
    expect(missing('status', await stage.status(), [...WAITING, where])).toEqual([]);
  });

  withBrowser('because nothing has connected: the waiting page says the same', async () => {
    const { grpc, http } = stage.up.ports;
    const text = await stage.screen(page, '/', 'main', /Nothing has connected/);
    expect(missing('page', text, [...WAITING, `localhost:${grpc}`, `localhost:${http}`])).toEqual([]);
  });

  describe.each([
    { what: 'because it is something else than OTLP', rows: FOREIGN_SENDERS, code: 'SL0503' },
    { what: 'because it holds a mistake', rows: MISTAKEN_SENDERS, code: undefined },
  ])('$what', ({ rows, code }) => {
    it.each(rows)(
      '($name): the sender is told where its protocol has words',
      async ({ send, hears }: SenderMistake) => {
        const heard = remember(await send(stage.up.ports.http));
        if (hears === undefined) expect(heard).toBe('');
        else expect(heard).toMatch(hears);
      },
    );

    it('the terminal tells it', async () => {
      const lacks = () => rows.flatMap(({ name, says }) => missing(name, stage.terminal(), [says]));
      await waitFor('the terminal', () => lacks().length === 0).catch(() => {});
      expect(lacks()).toEqual([]);
      if (code !== undefined) expect(stage.terminal()).toContain(code);
    });

    it('status tells it', async () => {
      const text = await stage.status();
      expect(rows.flatMap(({ name, says }) => missing(name, text, [says]))).toEqual([]);
      if (code !== undefined) expect(text).toContain(code);
    });

    withBrowser('the UI tells it, and stops there on the way of the first item', async () => {
      const text = await stage.screen(page, '/', 'main', rows.at(-1)!.says);
      expect(rows.flatMap(({ name, says }) => missing(name, text, [says]))).toEqual([]);
      const end = await page.locator('.first-data-end').innerText();
      if (code !== undefined) expect(end).toContain(code);
      expect(rows.some(({ says }) => says.test(plain(end)))).toBe(true);
    });
  });

  withBrowser('is still on the overview once other data has arrived', async () => {
    const { status } = await sendHttp(stage.up.ports.http, { path: '/v1/traces', body: spans(), headers: JSON_TYPE });
    expect(status).toBe(200);
    const text = await stage.screen(page, '/', '.turned-away', /did you mean \/v1\/traces/);
    expect(MISTAKEN_SENDERS.flatMap(({ name, says }) => missing(name, text, [says]))).toEqual([]);
  });

  it('repeats no header, query or value of a sender, whatever is wrong with its request', async () => {
    const { http } = stage.up.ports;
    const headers = { ...JSON_TYPE, authorization: `Bearer ${CANARY}`, 'x-token': CANARY };
    const mistakes = ['traceId', 'kind', 'startTimeUnixNano', 'attributes', 'status', CANARY].map((key) =>
      JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [{ [key]: CANARY, name: CANARY }] }] }] }),
    );
    const unusual = `{"resourceSpans":[{"schemaUrl":"${CANARY}\\x"}]}`;
    const bodies = [
      ...mistakes,
      unusual,
      CANARY,
      `{"${CANARY}`,
      `{"resourceSpans":"${CANARY}"}`,
      `[{"name":"${CANARY}"`,
    ];
    const answers = await Promise.all([
      ...bodies.map((body) => sendHttp(http, { path: '/v1/traces', body, headers })),
      ...['/', '/v1/trace', '/v1/traces'].map((path) =>
        sendHttp(http, { method: 'GET', path: `${path}?key=${CANARY}`, body: '', headers }),
      ),
    ]);
    expect(answers.filter(({ status }) => status >= 400).length).toBeGreaterThan(8);
    expect(answers.map(({ body }) => body.toString()).join('\n')).not.toContain(CANARY);
    const { items } = (await (await fetch(`${stage.up.api}/api/v1/ingest/attempts`)).json()) as { items: object[] };
    expect(JSON.stringify(items) + (await stage.status()) + stage.terminal()).not.toContain(CANARY);
  });
});

describe('data that arrives', () => {
  const stage = new Stage();
  beforeAll(async () => {
    const output = { file: { path: join(stage.home.path, 'out.jsonl') } };
    await stage.start(['-f', stage.home.write('telemetry.yaml', pipelineText('archive', output))]);
    await openFor(stage);
  });
  afterAll(() => stage.stop());

  const UNCLAIMED = [
    /no pipeline takes logs/,
    'SL0621',
    /2 log records arrived, no LogPipeline runs\. Explore shows them for a while; they go nowhere else\./,
    'sluice init log',
  ];
  const CLOCK = [
    /the newest spans are 3 h in the future/,
    'SL0620',
    /Backends with time pickers will hide them, and some refuse them\. Set the clock of the sender\./,
    'sluice explain SL0620',
  ];

  it('while no pipeline takes its signal: the sender is told, over both protocols', async () => {
    const advice = /sluice: no LogPipeline is running; only the UI shows these logs\. Create one: sluice init log/;
    const answer = await sendHttp(stage.up.ports.http, { path: '/v1/logs', body: LOGS, headers: JSON_TYPE });
    expect([answer.status, JSON.parse(remember(answer.body.toString()))]).toEqual([
      200,
      { partialSuccess: { errorMessage: expect.stringMatching(advice) } },
    ]);
    // resource_logs { scope_logs { log_records {} } }
    const message = Uint8Array.of(0x0a, 4, 0x12, 2, 0x12, 0);
    const { grpcStatus, body } = await sendGrpc(stage.up.ports.grpc, { path: GRPC_METHOD.logs, message });
    expect([grpcStatus, body.toString('latin1')]).toEqual([0, expect.stringMatching(advice)]);
  });

  it('from a sender whose clock is wrong is taken', async () => {
    const body = spans(3 * 3_600_000 + 60_000);
    expect((await sendHttp(stage.up.ports.http, { path: '/v1/traces', body, headers: JSON_TYPE })).status).toBe(200);
  });

  it('is told about at the terminal and in status', async () => {
    const words = [...UNCLAIMED, ...CLOCK];
    await waitFor('the terminal', () => missing('', stage.terminal(), words).length === 0).catch(() => {});
    expect(missing('terminal', stage.terminal(), words)).toEqual([]);
    expect(missing('status', await stage.status(), words)).toEqual([]);
  });

  withBrowser('is told about in the UI', async () => {
    const text = await stage.screen(page, '/', '.problems', /3 h in the future/);
    expect(missing('page', text, [...UNCLAIMED, ...CLOCK])).toEqual([]);
  });
});

describe('data that rules keep back', () => {
  const stage = new Stage();
  const DROPS = 'IsMatch(span.name, "^GET ")';
  beforeAll(async () => {
    const path = join(stage.home.path, 'out.jsonl');
    const output = { file: { path, rotation: {} } };
    const rule = (key: string, rules: readonly string[]) =>
      `  ${key}:\n${rules.map((one) => `    - ${one}\n`).join('')}`;
    const manifest = (kind: string, name: string, spec: string) =>
      `apiVersion: telemetry.kyma-project.io/v1beta1\nkind: ${kind}\nmetadata:\n  name: ${name}\nspec:\n${spec}  output: ${JSON.stringify(output)}\n`;
    const text = [
      manifest('TracePipeline', 'shop', rule('filter', [`conditions: ['span.name == "x"', '${DROPS}']`])),
      manifest(
        'LogPipeline',
        'audit',
        rule('transform', [`statements: ['set(log.attributes["user"], ParseJSON(log.body)["user"])']`]),
      ),
      manifest('MetricPipeline', 'nodes', '  input:\n    otlp: {enabled: false}\n    runtime: {enabled: true}\n'),
    ];
    await stage.start(['-f', stage.home.write('telemetry.yaml', text.join('---\n'))]);
    await openFor(stage);
    for (const [path, body] of [
      ['/v1/traces', spans()],
      ['/v1/logs', LOGS],
    ] as const) {
      expect((await sendHttp(stage.up.ports.http, { path, body, headers: JSON_TYPE })).status).toBe(200);
    }
  });
  afterAll(() => stage.stop());

  const FILTERED = [
    /tracepipeline\/shop filters everything that arrives/,
    'SL0624',
    `All 3 spans that arrived were filtered; the rule that matched most is filter[0].conditions[1] (telemetry.yaml:7): ${DROPS}`,
    'sluice explain SL0624',
  ];
  const FAILED = [
    /logpipeline\/audit: transform\[0\]\.statements\[0\] \(telemetry\.yaml:16\) failed once/,
    'SL0623',
    /In: set\(log\.attributes\["user"\], ParseJSON\(log\.body\)\["user"\]\)/,
    'What it fails for passes as if the rule were not there; nothing is lost.',
    'sluice explain SL0623',
  ];

  it('is told at the terminal and by status: which rule, and where it stands', async () => {
    const words = [...FILTERED, ...FAILED];
    await waitFor('the terminal', () => missing('', stage.terminal(), words).length === 0).catch(() => {});
    expect(missing('terminal', stage.terminal(), words)).toEqual([]);
    expect(stage.terminal()).not.toContain('OTTL statement failed');
    expect(missing('status', await stage.status(), words)).toEqual([]);
  });

  it('because its input needs a cluster is told when the file is read, and by validate', async () => {
    const words = [
      'SL0613',
      'input runtime reads a cluster; this machine has none',
      'SL0307',
      'MetricPipeline nodes has no input, so it gets no data and does not run',
    ];
    expect(missing('terminal', stage.terminal(), words)).toEqual([]);
    const file = join(stage.home.path, 'telemetry.yaml');
    const { stdout, stderr } = await runSluice(stage.home, ['validate', '-f', file]);
    expect(missing('validate', remember(stdout + stderr), words)).toEqual([]);
  });

  withBrowser('is told in the UI, with a link to the line, and in the table of rules', async () => {
    const text = await stage.screen(page, '/', '.problems', /filters everything/);
    expect(missing('page', text, [...FILTERED, ...FAILED])).toEqual([]);
    const rules = await stage.screen(page, '/pipelines/TracePipeline/shop', '[aria-label="Rules"]', /conditions\[1\]/);
    expect(
      missing('rules', rules, ['2 rules', /filter\[0\]\.conditions\[0\]\s+never/, /conditions\[1\]\s+3\s+0/]),
    ).toEqual([]);
    expect(await faultsInBothThemes(page)).toEqual([]);
    await page.setViewportSize({ width: 360, height: 740 });
    expect(await overflow(page)).toBe(0);
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.getByRole('link', { name: 'filter[0].conditions[1]' }).click();
    await page.locator('.yaml').waitFor();
    expect(page.url()).toMatch(/tab=yaml&line=7$/);
  });

  withBrowser('is told in the graph, at the filter', async () => {
    const path = '/graph?node=processor%2Ftracepipeline-shop%2Ffilter';
    const text = await stage.screen(page, path, '.node-panel', /filtered/);
    expect(missing('graph', text, [/filtered\s+3, now/, DROPS])).toEqual([]);
  });
});

describe('data that a backend does not take', () => {
  const stage = new Stage();
  let backends: FailingBackends;
  let rows: readonly BackendFailureCase[];
  let online: ReturnType<typeof runSluice>;

  beforeAll(async () => {
    backends = await startFailingBackends(CANARY);
    rows = backendFailures(backends);
    const headers = [
      { name: 'authorization', value: `Bearer ${CANARY}` },
      { name: 'x-token', value: CANARY },
    ];
    const texts = rows.map(({ name, otlp }) => pipelineText(name, { otlp: { ...otlp, headers } }));
    const file = stage.home.write('telemetry.yaml', texts.join('\n---\n'));
    online = runSluice(stage.home, ['validate', '--online', '-f', file, '-o', 'json']);
    await stage.start(['-f', file, '--max-memory', '4GB']);
    await openFor(stage);
    const body = spans();
    const answer = await sendHttp(stage.up.ports.http, { path: '/v1/traces', body, headers: JSON_TYPE });
    expect([answer.status, answer.body.toString()]).toEqual([200, '{"partialSuccess":{}}']);
    const failing = async () => (await stage.overview()).problems.filter(({ code }) => code?.startsWith('SL05'));
    await waitFor('all backends to fail', async () => (await failing()).length >= rows.length, {
      timeoutMs: 20_000,
      pollMs: 200,
    });
  }, 40_000);
  afterAll(async () => {
    await stage.stop();
    await backends?.stop();
  });

  const wordsOf = ({ name, code, phrase, seen, next }: BackendFailureCase) => [
    `tracepipeline/${name}`,
    code,
    phrase,
    seen,
    next,
    `sluice explain ${code}`,
  ];
  /** The lines about one pipeline: a line with a mark, and what is indented below it. */
  const blockOf = (text: string, name: string) =>
    [...text.matchAll(new RegExp(`^[!✗] tracepipeline/${name} .*(?:\\n {4}.*)*`, 'gm'))].join('\n');

  it('is told at the terminal, each with its code and what helps', async () => {
    const lacks = () => rows.flatMap((row) => missing(row.name, blockOf(stage.terminal(), row.name), wordsOf(row)));
    await waitFor('the terminal', () => lacks().length === 0, { pollMs: 200 }).catch(() => {});
    expect(lacks()).toEqual([]);
  });

  it('is told by status', async () => {
    const text = await stage.status();
    expect(rows.flatMap((row) => missing(row.name, blockOf(text, row.name), wordsOf(row)))).toEqual([]);
  });

  withBrowser('is told in the list of problems', async () => {
    await stage.screen(page, '/', '.problems');
    const articles = await page.locator('.problem').allInnerTexts();
    const articleOf = (name: string) => articles.filter((text) => text.includes(`tracepipeline/${name} `)).join('\n');
    expect(rows.flatMap((row) => missing(row.name, articleOf(row.name), wordsOf(row)))).toEqual([]);
  });

  withBrowser(
    'is told on the page of its pipeline',
    async () => {
      const lacks: string[] = [];
      for (const row of rows) {
        const text = await stage.screen(page, `/pipelines/TracePipeline/${row.name}`, 'main', new RegExp(row.phrase));
        lacks.push(...missing(row.name, text, wordsOf(row)));
      }
      expect(lacks).toEqual([]);
    },
    30_000,
  );

  withBrowser(
    'is told in the graph, at its backend',
    async () => {
      const lacks: string[] = [];
      for (const row of rows) {
        const path = `/graph?node=backend%2Ftracepipeline-${row.name}`;
        const text = await stage.screen(page, path, '.node-panel', new RegExp(row.phrase));
        lacks.push(...missing(row.name, text, wordsOf(row).slice(1)));
      }
      expect(lacks).toEqual([]);
    },
    30_000,
  );

  it('is told by validate --online before there is data', async () => {
    const { stdout, stderr } = await online;
    const { items } = JSON.parse(stdout) as { items: readonly { code: string; severity: string; message: string }[] };
    const lacks = rows.flatMap((row) => {
      const own = items.filter(({ code, message }) => code.startsWith('SL05') && message.includes(`\`${row.name}\``));
      if (row.online === 'nothing') return own.map(({ message }) => `${row.name}: is told ${message}`);
      const seen = row.name.startsWith('timeout') ? /in time|no answer within 10 s/ : row.seen;
      return missing(row.name, own.map((issue) => JSON.stringify(issue).replaceAll('\\"', '"')).join('\n'), [
        row.code,
        row.phrase,
        seen,
        `"severity":"${row.online}"`,
        '"help":"',
      ]);
    });
    expect(lacks).toEqual([]);
    remember(items.map(({ message }) => message).join('\n'));
    expect(stdout + stderr).not.toContain(CANARY);
  }, 20_000);

  it('shows no header anywhere, although backends repeat what they were sent', async () => {
    expect(backends.denying.requests.some(({ headers }) => headers['authorization'] === `Bearer ${CANARY}`)).toBe(true);
    expect(await stage.everything()).not.toContain(CANARY);
    expect(read.join('\n')).not.toContain(CANARY);
    if (browser === undefined) return;
    for (const path of ['/', '/pipelines/TracePipeline/credentials-http?tab=yaml', '/graph']) {
      await stage.screen(page, path);
      expect(await page.content()).not.toContain(CANARY);
    }
  });
});

describe('docs/troubleshooting.md', () => {
  /** Numbers are of the run, codes are not. */
  const comparable = (text: string) =>
    plain(text)
      .replace(/SL\d{4}|\d+/g, (number) => (number.startsWith('SL') ? number : '0'))
      .toLowerCase();

  it('quotes what people get to read', () => {
    const path = join(import.meta.dirname, '../../docs/troubleshooting.md');
    const { blocks } = parseMarkdown('docs/troubleshooting.md', readFileSync(path, 'utf8'));
    const quotes = blocks
      .filter(({ language }) => language === 'text')
      .flatMap(({ text, line }) => text.split('\n').map((quote, i) => ({ quote: quote.trim(), line: line + i })))
      .filter(({ quote }) => quote !== '' && !quote.startsWith('$ '));
    const all = comparable(read.join('\n'));
    const wrong = quotes.filter(({ quote }) => {
      const parts = comparable(quote)
        .split('…')
        .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
      return !new RegExp(parts.join('.{0,400}?')).test(all);
    });
    expect(quotes.length).toBeGreaterThan(20);
    expect(wrong).toEqual([]);
  });

  it('has every code of the tree', () => {
    const text = readFileSync(join(import.meta.dirname, '../../docs/troubleshooting.md'), 'utf8');
    const codes = [
      'SL0600',
      'SL0601',
      'SL0620',
      'SL0621',
      'SL0623',
      'SL0624',
      'SL0307',
      'SL0613',
      ...[1, 2, 3, 4, 5, 6, 7, 8].map((n) => `SL050${n}`),
    ];
    expect(codes.filter((code) => !text.includes(code))).toEqual([]);
  });
});
