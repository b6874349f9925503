import { connect } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LedgerDocument, OverviewDocument, TraceDocument } from '../../src/server/index.ts';
import { requirePeer } from '../../testbed/index.ts';
import {
  accessibilityFaults,
  canvasColours,
  faultsInBothThemes,
  launchBrowser,
  openPage,
  overflow,
  THEMES,
  type WatchedPage,
} from '../testkit/browser.ts';
import { sendHttp } from '../testkit/senders.ts';
import { createHome, type Home, printedAddress, type RunningUp, startUp } from '../testkit/sluice.ts';

const chromium = requirePeer('chromium');

const BACKEND_THAT_REFUSES = `apiVersion: telemetry.kyma-project.io/v1beta1
kind: TracePipeline
metadata:
  name: audit
spec:
  output:
    otlp:
      endpoint:
        value: http://127.0.0.1:9
---
apiVersion: telemetry.kyma-project.io/v1beta1
kind: TracePipeline
metadata:
  name: console
spec:
  output:
    stdout: {}
`;

const NOW_NANOS = `${Date.now()}000000`;
const IDS = { traceId: '5b8efff798038103d269b633813fc60c', spanId: 'eee19b7ec3c1b174' };
const SPAN = JSON.stringify({
  resourceSpans: [
    { scopeSpans: [{ spans: [{ ...IDS, name: 'GET /', startTimeUnixNano: NOW_NANOS, endTimeUnixNano: NOW_NANOS }] }] },
  ],
});
const LOG = JSON.stringify({
  resourceLogs: [
    {
      scopeLogs: [
        {
          logRecords: [
            {
              ...IDS,
              timeUnixNano: NOW_NANOS,
              severityNumber: 17,
              body: { stringValue: 'payment refused by the bank' },
            },
          ],
        },
      ],
    },
  ],
});

async function expectAccessible(page: Page): Promise<void> {
  expect(await faultsInBothThemes(page)).toEqual([]);
}

describe.skipIf(chromium.status === 'missing')('the UI of sluice up', () => {
  let home: Home;
  let up: RunningUp;
  let browser: Browser;
  let origin: string;
  let watched: WatchedPage;
  let page: Page;

  beforeAll(async () => {
    if (chromium.status !== 'ready') return;
    home = createHome();
    up = await startUp(home);
    browser = await launchBrowser(chromium.path);
    origin = `http://localhost:${up.ports.ui}`;
    watched = await openPage(browser, origin);
    page = watched.page;
  });

  afterAll(async () => {
    await browser?.close();
    await up?.stop();
    home?.remove();
  });

  const api = async <T>(path: string): Promise<T> => (await (await fetch(`${up.api}/api/v1/${path}`)).json()) as T;
  const text = (selector: string) => page.locator(selector).innerText();

  describe('before any data', () => {
    it('says where to send it, with snippets for the ports of this server', async () => {
      await page.goto(origin);
      await page.getByRole('heading', { level: 1, name: 'Send your first telemetry' }).waitFor();
      expect(await page.title()).toBe('Overview · sluice');
      expect(await text('.health-chip')).toContain('Waiting for first data');
      expect(await text('.snippet pre')).toContain(`OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:${up.ports.http}`);
      await page.getByRole('tab', { name: 'Node.js' }).press('ArrowRight');
      expect(await page.getByRole('tab', { selected: true }).innerText()).toBe('Python');
      await page.getByRole('tab', { name: 'curl' }).click();
      expect(await text('.snippet pre')).toContain(`U=http://localhost:${up.ports.http}`);
      expect(page.url()).toContain('how=curl');
    });

    it('copies a snippet', async () => {
      await page.locator('.snippet').getByRole('button', { name: 'Copy' }).click();
      await page.getByRole('button', { name: 'Copied' }).waitFor();
      expect(await page.evaluate('navigator.clipboard.readText()')).toBe(await text('.snippet pre'));
    });

    it('stops at what a sender spoke instead of OTLP', async () => {
      expect(await page.locator('.tick-done').count()).toBe(1);
      const socket = connect(up.ports.http, '127.0.0.1').on('error', () => {});
      socket.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]));
      await page.locator('.first-data-end', { hasText: /spoke TLS, this port is plain text.* SL0503/ }).waitFor();
      socket.destroy();
      expect(await page.locator('.tick-done').allInnerTexts()).toEqual([
        expect.stringContaining('listening'),
        expect.stringContaining('a sender connected'),
      ]);
    });

    it('shows the sentence that a failed attempt got back', async () => {
      const answer = await sendHttp(up.ports.http, {
        path: '/v1/trace',
        body: SPAN,
        headers: { 'content-type': 'application/json' },
      });
      expect(answer.status).toBe(404);
      await page.getByText(/Last attempt: .* over HTTP, rejected$/).waitFor();
      await page.locator('.tick-done', { hasText: 'a sender connected' }).waitFor();
      const end = page.locator('.first-data-end', { hasText: 'did you mean /v1/traces?' });
      await end.waitFor();
      expect(await page.locator('.tick', { hasText: 'its data was accepted' }).innerText()).toMatch(/^✗/);
    });

    it('has no accessibility faults in either theme', () => expectAccessible(page));

    it('says what is missing when the page was opened without the token', async () => {
      await page.getByRole('button', { name: 'Generate sample data' }).click();
      await page.getByText(/needs the token of this server/).waitFor();
      expect((await api<OverviewDocument>('overview')).progress.received).toBe(false);
    });

    it('tells an empty list from a list that was filtered', async () => {
      await page.goto(`${origin}/explore/logs`);
      await page.getByText('No log records yet').waitFor();
      await page.getByRole('searchbox').fill('nothing like this');
      await page.getByText('No log records match').waitFor();
      await page.getByRole('link', { name: 'Clear the filter' }).click();
      await page.getByText('No log records yet').waitFor();
    });
  });

  describe('with sample data', () => {
    it('generates it from the address that was printed, which loses its token', async () => {
      watched = await openPage(browser, origin);
      page = watched.page;
      await page.goto(await printedAddress(up));
      const generated = page.waitForResponse('**/api/v1/local/sample');
      await page.getByRole('button', { name: 'Generate sample data' }).click();
      await page.getByRole('heading', { level: 1, name: /^All well\. All 3 pipelines deliver/ }).waitFor();
      expect((await generated).status()).toBe(200);
      expect(page.url()).toBe(`${origin}/`);
      expect(await page.evaluate('document.cookie')).toBe('');
    });

    it('shows the pipelines, and the ledger of the engine when one is unfolded', async () => {
      const { pipelines } = await api<LedgerDocument>('ledger');
      expect(await page.locator('.pipeline-row').count()).toBe(pipelines.length);
      await page.getByRole('button', { name: /viewer\s*TracePipeline/ }).click();
      const { received, delivered } = pipelines.find(({ kind }) => kind === 'TracePipeline') ?? {};
      expect(received).toBeGreaterThan(0);
      const sums = page.locator('.ledger-side tfoot td');
      await expect.poll(() => sums.allInnerTexts()).toEqual([String(received), String(delivered)]);
      expect(await text('.ledger-balance')).toContain('balanced: 0 unaccounted');
      expect(page.url()).toContain('pipeline=TracePipeline%2Fviewer');
      await expectAccessible(page);
    });

    it('shows a trace as a waterfall, parents before children, and every field of a span', async () => {
      await page.getByRole('link', { name: 'Explore' }).click();
      await page.locator('.trace-item').first().click();
      await page.locator('.span-row').first().waitFor();
      const traceId = /traces\/(\w{32})/.exec(page.url())?.[1];
      const trace = await api<TraceDocument>(`explore/traces/${traceId}`);
      expect(trace.spans.length).toBeGreaterThan(1);
      expect(await page.locator('.span-name').allInnerTexts()).toEqual(trace.spans.map(({ name }) => name));
      const span = trace.spans[1];
      await page.locator('.span-row').nth(1).click();
      const detail = page.getByRole('complementary', { name: 'Span' });
      expect(await detail.getByRole('heading').innerText()).toBe(span.name);
      for (const { key, type, value } of [...span.attributes, ...span.resource]) {
        const row = detail.getByRole('row', { name: `${key} ${value} ${type}`, exact: true });
        expect(await row.count(), key).toBeGreaterThan(0);
      }
      await expectAccessible(page);
    });

    it('brings the same screen back from a pasted link, also by the short address of a trace', async () => {
      const { page: other } = await openPage(browser, origin);
      await other.goto(page.url());
      await other.getByRole('complementary', { name: 'Span' }).waitFor();
      await other.goto(page.url().replace('/explore/traces/', '/traces/'));
      await other.locator('.span-row').first().waitFor();
      expect(other.url()).toBe(page.url());
      await other.context().close();
    });

    it('plots a metric on a canvas that is not blank, in both themes', async () => {
      await page.getByRole('link', { name: 'Metrics' }).click();
      await page.locator('.metric-item').first().click();
      await page.locator('.plot canvas').waitFor();
      for (const colorScheme of THEMES) {
        await page.emulateMedia({ colorScheme });
        await expect.poll(() => canvasColours(page, '.plot canvas')).toBeGreaterThan(10);
      }
      expect(await text('figcaption')).toMatch(/now .+ over \d+ points?/);
      expect(await page.locator('.metric .badge').count()).toBeGreaterThan(0);
      await expectAccessible(page);
    });

    it('lists logs with severity, unfolds one, and goes to its trace', async () => {
      for (const [path, body] of Object.entries({ '/v1/traces': SPAN, '/v1/logs': LOG })) {
        const answer = await sendHttp(up.ports.http, { path, body, headers: { 'content-type': 'application/json' } });
        expect(answer.status).toBe(200);
      }
      await page.getByRole('link', { name: 'Logs', exact: true }).click();
      await page.getByRole('searchbox', { name: 'Filter logs' }).fill('payment refused');
      const item = page.locator('.log-item', { hasText: 'payment refused by the bank' });
      await item.click();
      await page.locator('.log-detail').waitFor();
      expect(await item.locator('.severity').innerText()).toBe('✗ ERROR');
      await expectAccessible(page);
      await page.getByRole('link', { name: 'Show the trace' }).click();
      expect(await page.getByRole('complementary', { name: 'Span' }).getByRole('heading').innerText()).toBe('GET /');
      await page.getByRole('link', { name: 'Logs of this trace' }).click();
      await item.waitFor();
      expect(await page.locator('.log-item').count()).toBe(1);
    });

    it('filters by text, and keeps the filter in the address', async () => {
      await page.goto(`${origin}/explore/traces`);
      await page.locator('.trace-item').first().waitFor();
      const name = await page.locator('.trace-item .item-title').first().innerText();
      await page.getByRole('searchbox', { name: 'Filter traces' }).fill(name.toUpperCase());
      await page.waitForURL(/q=/);
      await expect
        .poll(async () => new Set(await page.locator('.trace-item .item-title').allInnerTexts()))
        .toEqual(new Set([name]));
      await page.reload();
      await page.locator('.trace-item').first().waitFor();
      expect(await page.getByRole('searchbox', { name: 'Filter traces' }).inputValue()).toBe(name.toUpperCase());
    });
  });

  describe('by keyboard alone', () => {
    it('walks from the overview into a span and back', async () => {
      await page.goto(origin);
      await page.locator('.pipeline-row').first().waitFor();
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.textContent.trim()')).toBe('Skip to content');
      await page.keyboard.press('g');
      await page.keyboard.press('e');
      await page.locator('.trace-item').first().waitFor();
      await page.keyboard.press('j');
      await page.keyboard.press('j');
      await page.keyboard.press('Enter');
      await page.locator('.span-row').first().waitFor();
      expect(await page.locator('.trace-item').nth(1).getAttribute('aria-current')).toBe('true');
      await page.locator('.span-row').first().focus();
      await page.keyboard.press('j');
      await page.keyboard.press('Enter');
      await page.getByRole('complementary', { name: 'Span' }).waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('complementary', { name: 'Span' }).waitFor({ state: 'detached' });
      await page.keyboard.press('Escape');
      await page.getByText('Select a trace').waitFor();
      await page.keyboard.press('/');
      await page.keyboard.type('zzz');
      await page.getByText('No traces match').waitFor();
      await page.keyboard.press('Escape');
      await page.keyboard.press('g');
      await page.keyboard.press('o');
      await page.locator('.pipeline-row').first().waitFor();
    });

    it('changes the theme, and keeps it', async () => {
      const background = () => page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor');
      const light = await background();
      await page.keyboard.press('t');
      await page.keyboard.press('t');
      await expect.poll(background).not.toBe(light);
      const dark = await background();
      await page.reload();
      await page.locator('.pipeline-row').first().waitFor();
      expect(await background()).toBe(dark);
      await page.keyboard.press('t');
      await expect.poll(background).toBe(light);
    });

    it('pauses what is shown, and resumes with the present', async () => {
      const asOf = () => text('.as-of');
      await page.keyboard.press('p');
      await page.getByText(/^paused at/).waitFor();
      const frozen = await asOf();
      await page.waitForTimeout(2200);
      expect(await asOf()).toBe(frozen);
      await page.keyboard.press('p');
      await expect.poll(asOf).not.toContain('paused');
    });

    it('lists the keys, and switches the single ones off', async () => {
      await page.keyboard.press('?');
      const dialog = page.getByRole('dialog', { name: 'Keyboard' });
      await dialog.waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
      await dialog.getByRole('checkbox', { name: 'Single-letter keys' }).uncheck();
      await dialog.getByRole('button', { name: 'Close' }).click();
      await dialog.waitFor({ state: 'hidden' });
      await page.keyboard.press('p');
      await page.waitForTimeout(200);
      expect(await page.getByRole('button', { name: /Pause/ }).getAttribute('aria-pressed')).toBe('false');
      await page.evaluate("localStorage.removeItem('sluice.singleKeys')");
    });
  });

  it('fits a screen of 360 pixels', async () => {
    const narrow = await openPage(browser, origin, { viewport: { width: 360, height: 740 } });
    const [trace] = (await api<{ items: { traceId: string }[] }>('explore/traces')).items;
    const [metric] = (await api<{ items: { name: string }[] }>('explore/metrics')).items;
    const screens = [
      '/',
      '/explore/traces',
      `/explore/traces/${trace.traceId}`,
      `/explore/metrics?metric=${metric.name}`,
      '/explore/logs',
    ];
    for (const screen of screens) {
      await narrow.page.goto(origin + screen);
      await narrow.page.locator('.pipeline-row, .item, .span-row, .plot canvas').first().waitFor({ state: 'attached' });
      expect(await overflow(narrow.page), screen).toBe(0);
      expect(await accessibilityFaults(narrow.page), screen).toEqual([]);
    }
    expect(narrow.faults).toEqual([]);
    await narrow.page.context().close();
  });

  it('asked nobody else for anything, and reported no errors', () => {
    expect(watched.faults).toEqual([]);
  });

  it('says when the engine is gone, and keeps what it showed', async () => {
    await page.goto(origin);
    await page.locator('.pipeline-row').first().waitFor();
    await up.stop();
    await page.getByText(/Engine not reachable since .*retrying/).waitFor();
    expect(await page.locator('.pipeline-row').count()).toBe(3);
    expect(await accessibilityFaults(page)).toEqual([]);
  });
});

describe.skipIf(chromium.status === 'missing')('the UI with a backend that refuses', () => {
  let home: Home;
  let up: RunningUp;
  let browser: Browser;

  beforeAll(async () => {
    if (chromium.status !== 'ready') return;
    home = createHome();
    up = await startUp(home, ['-f', home.write('telemetry.yaml', BACKEND_THAT_REFUSES)]);
    browser = await launchBrowser(chromium.path);
  });

  afterAll(async () => {
    await browser?.close();
    await up?.stop();
    home?.remove();
  });

  it('names the pipeline, the cause and the code, offers commands, and says that the others are well', async () => {
    const origin = `http://localhost:${up.ports.ui}`;
    const { page, faults } = await openPage(browser, origin);
    await sendHttp(up.ports.http, { path: '/v1/traces', body: SPAN, headers: { 'content-type': 'application/json' } });
    await page.goto(origin);
    const problem = page.locator('.problem');
    await problem.waitFor();
    expect(await problem.getByRole('heading').innerText()).toMatch(
      /tracepipeline\/audit cannot deliver since .*SL0501/,
    );
    expect(await problem.innerText()).toContain('refuses connections');
    expect(await problem.innerText()).toContain('The other pipeline is not affected.');
    expect(await problem.locator('.command code').first().innerText()).toMatch(/sluice sink --port 9$/);
    expect(await page.locator('.pipeline-row').allInnerTexts()).toEqual([
      expect.stringMatching(/audit[\s\S]*SL0501/),
      expect.stringMatching(/console[\s\S]*FlowHealthy/),
    ]);
    expect(await page.title()).toBe('✗ Overview · sluice');
    await expectAccessible(page);
    expect(faults).toEqual([]);
  });
});
