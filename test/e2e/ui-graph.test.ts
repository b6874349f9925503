import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GraphDocument } from '../../src/server/index.ts';
import { requirePeer } from '../../testbed/index.ts';
import {
  accessibilityFaults,
  faultsInBothThemes,
  launchBrowser,
  openPage,
  overflow,
  type WatchedPage,
} from '../testkit/browser.ts';
import { sendHttp } from '../testkit/senders.ts';
import { createHome, type Home, type RunningUp, startUp } from '../testkit/sluice.ts';

const chromium = requirePeer('chromium');

const NANOS = `${Date.now()}000000`;
const spans = JSON.stringify({
  resourceSpans: [
    {
      scopeSpans: [
        {
          spans: [
            {
              traceId: '5b8efff798038103d269b633813fc60c',
              spanId: 'eee19b7ec3c1b174',
              name: 'GET /',
              startTimeUnixNano: NANOS,
              endTimeUnixNano: NANOS,
            },
          ],
        },
      ],
    },
  ],
});

function resource(kind: string, name: string, output: string): string {
  return `apiVersion: telemetry.kyma-project.io/v1beta1
kind: ${kind}
metadata:
  name: ${name}
spec:
  output:
    ${output}
`;
}

const REFUSES = 'otlp: {endpoint: {value: "http://127.0.0.1:9"}}';
const FILE = [
  resource('TracePipeline', 'audit', REFUSES),
  resource('TracePipeline', 'console', 'stdout: {}'),
  resource('LogPipeline', 'archive', 'stdout: {}'),
].join('---\n');

const node = (page: Page, id: string) => page.locator(`[data-node="${id}"]`);
const focused = (page: Page) => page.evaluate<string>('document.activeElement.dataset.node ?? ""');

describe.skipIf(chromium.status === 'missing')('the graph', () => {
  let home: Home;
  let up: RunningUp;
  let browser: Browser;
  let origin: string;
  let watched: WatchedPage;
  let page: Page;

  beforeAll(async () => {
    if (chromium.status !== 'ready') return;
    home = createHome();
    up = await startUp(home, ['-f', home.write('telemetry.yaml', FILE)]);
    browser = await launchBrowser(chromium.path);
    origin = `http://localhost:${up.ports.ui}`;
    watched = await openPage(browser, origin);
    page = watched.page;
    const headers = { 'content-type': 'application/json' };
    for (let i = 0; i < 5; i++) await sendHttp(up.ports.http, { path: '/v1/traces', body: spans, headers });
  });

  afterAll(async () => {
    await browser?.close();
    await up?.stop();
    home?.remove();
  });

  it('draws every node and edge of the topology, and says how each backend is', async () => {
    await page.goto(`${origin}/graph`);
    await node(page, 'backend/tracepipeline-audit').waitFor();
    const graph = (await (await fetch(`${up.api}/api/v1/graph`)).json()) as GraphDocument;
    expect(await page.locator('.node').count()).toBe(graph.nodes.length);
    expect(await page.locator('.edge').count()).toBe(graph.edges.length);
    await expect
      .poll(() => node(page, 'backend/tracepipeline-audit').innerText(), { timeout: 15_000 })
      .toContain('refuses connections · SL0501');
    await expect.poll(() => node(page, 'backend/tracepipeline-console').innerText()).toContain('ok');
    expect(await node(page, 'queue/tracepipeline-audit').innerText()).toMatch(/[1-9]\d* %/);
    expect(await page.getByRole('figure').getAttribute('aria-label')).toContain('failing: tracepipeline/audit');
    expect(await page.title()).toBe('✗ Graph · sluice');
    expect(await faultsInBothThemes(page)).toEqual([]);
  });

  it('moves nothing while figures change', async () => {
    const places = () =>
      page
        .locator('.node')
        .evaluateAll((nodes) => nodes.map((one) => (one as { style?: { cssText: string } }).style?.cssText));
    const before = await places();
    await sendHttp(up.ports.http, { path: '/v1/traces', body: spans, headers: { 'content-type': 'application/json' } });
    await page.waitForTimeout(1500);
    expect(await places()).toEqual(before);
  });

  it('is walked by keyboard: one stop, arrows along the edges, Enter opens, Escape closes', async () => {
    await page.locator('.picture .node[tabindex="0"]').focus();
    expect(await page.locator('.picture .node[tabindex="0"]').count()).toBe(1);
    expect(await focused(page)).toBe('source/otlp');
    await page.keyboard.press('ArrowRight');
    expect(await focused(page)).toBe('input/otlp-gateway');
    await page.keyboard.press('ArrowRight');
    expect(await focused(page)).toMatch(/^(processor|backend)\//);
    await node(page, 'queue/tracepipeline-audit').focus();
    await page.keyboard.press('ArrowRight');
    expect(await focused(page)).toBe('backend/tracepipeline-audit');
    await page.keyboard.press('ArrowDown');
    expect(await focused(page)).toBe('backend/tracepipeline-console');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    const panel = page.getByRole('complementary', { name: 'Node' });
    await panel.waitFor();
    expect(await panel.innerText()).toMatch(/SL0501[\s\S]*telemetry\.yaml:7[\s\S]*sluice sink --port 9/);
    expect(page.url()).toContain('node=backend%2Ftracepipeline-audit');
    expect(await faultsInBothThemes(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
  });

  it('shows one pipeline alone, and finds by name', async () => {
    await node(page, 'queue/tracepipeline-audit').focus();
    await page.keyboard.press('i');
    await node(page, 'backend/tracepipeline-console').waitFor({ state: 'detached' });
    expect(page.url()).toContain('pipeline=TracePipeline%2Faudit');
    await page.keyboard.press('i');
    await node(page, 'backend/tracepipeline-console').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('archive');
    await node(page, 'backend/tracepipeline-console').waitFor({ state: 'detached' });
    expect(await node(page, 'backend/logpipeline-archive').count()).toBe(1);
    await page.keyboard.press('Escape');
    await page.getByRole('searchbox').fill('nothing like this');
    await page.getByText('Nothing matches').waitFor();
    await page.getByRole('link', { name: 'Show everything' }).click();
    await node(page, 'backend/tracepipeline-console').waitFor();
  });

  it('has the same numbers as a table that sorts', async () => {
    await page.locator('h1').click();
    await page.keyboard.press('.');
    const rows = page.locator('.edges tbody tr');
    await rows.first().waitFor();
    const graph = (await (await fetch(`${up.api}/api/v1/graph`)).json()) as GraphDocument;
    expect(await rows.count()).toBe(graph.edges.length);
    await page.getByRole('button', { name: 'Queue' }).click();
    expect(await page.locator('th[aria-sort="descending"]').innerText()).toContain('Queue');
    expect(await rows.first().innerText()).toContain('tracepipeline/audit');
    expect(await faultsInBothThemes(page)).toEqual([]);
    await page.keyboard.press('.');
    await page.locator('.picture').waitFor();
  });

  it('freezes when it is paused', async () => {
    const asOf = () => page.locator('.graph-head .as-of').innerText();
    await page.keyboard.press('p');
    await page.getByText(/paused at/).waitFor();
    const frozen = await asOf();
    await page.waitForTimeout(2200);
    expect(await asOf()).toBe(frozen);
    await page.keyboard.press('p');
    await expect.poll(asOf).not.toContain('paused');
  });

  it('scrolls inside of a narrow screen', async () => {
    const narrow = await openPage(browser, origin, { viewport: { width: 360, height: 740 } });
    for (const screen of ['/graph?node=backend%2Ftracepipeline-audit', '/graph?view=table']) {
      await narrow.page.goto(origin + screen);
      await narrow.page.locator('.node, .edges').first().waitFor();
      expect(await overflow(narrow.page), screen).toBe(0);
      expect(await accessibilityFaults(narrow.page), screen).toEqual([]);
    }
    await narrow.page.context().close();
    expect(narrow.faults).toEqual([]);
  });

  it('asked nobody else for anything, and reported no errors', () => {
    expect(watched.faults).toEqual([]);
  });
});

describe.skipIf(chromium.status === 'missing')('the graph of fifty pipelines', () => {
  it('keeps the size of its nodes and scrolls; what a second sends stays small', async () => {
    if (chromium.status !== 'ready') return;
    const home = createHome();
    const names = Array.from({ length: 50 }, (_, index) => `p${String(index).padStart(2, '0')}`);
    // Refused if all of it were queues of the default size: what is printed needs none.
    const file = names.map((name) => resource('TracePipeline', name, 'stdout: {}')).join('---\n');
    const up = await startUp(home, ['-f', home.write('telemetry.yaml', file)]);
    const browser = await launchBrowser(chromium.path);
    const origin = `http://localhost:${up.ports.ui}`;
    const { page, faults } = await openPage(browser, origin);
    await page.goto(`${origin}/graph`);
    await node(page, 'backend/tracepipeline-p49').waitFor({ state: 'attached' });
    const box = await node(page, 'backend/tracepipeline-p00').boundingBox();
    expect(box?.height).toBe(44);
    expect(await overflow(page)).toBe(0);
    const stream = await fetch(`${up.api}/api/v1/stream?topics=graph`);
    let text = '';
    for await (const chunk of stream.body as ReadableStream<Uint8Array>) {
      text += Buffer.from(chunk).toString();
      if (/event: figures\ndata: .*\n\n/.test(text)) break;
    }
    expect(/event: figures\ndata: (.*)\n\n/.exec(text)?.[1].length).toBeLessThan(25_000);
    expect(faults).toEqual([]);
    await browser.close();
    await up.stop();
    home.remove();
  });
});

describe.skipIf(chromium.status === 'missing').each(['per-signal', 'per-pipeline'])(
  'the graph of several processes, %s',
  (topology) => {
    it('fits a window 1280 wide, names every lane, and calls the viewer the UI', async () => {
      if (chromium.status !== 'ready') return;
      const home = createHome();
      const up = await startUp(home, ['-f', home.write('telemetry.yaml', FILE), '--topology', topology]);
      const browser = await launchBrowser(chromium.path);
      const { page, faults } = await openPage(browser, `http://localhost:${up.ports.ui}`);
      try {
        await page.goto(`http://localhost:${up.ports.ui}/graph`);
        await node(page, 'backend/tracepipeline-audit').waitFor();
        const tooWide = () =>
          page.locator('.picture-scroll').evaluate((frame) => {
            const { scrollWidth, clientWidth } = frame as unknown as { scrollWidth: number; clientWidth: number };
            return scrollWidth - clientWidth;
          });
        expect(await tooWide()).toBe(0);
        expect(await page.locator('.lane-title').allTextContents()).toEqual([
          expect.stringContaining('audit'),
          expect.stringContaining('console'),
          // No MetricPipeline of the user's: what senders give is seen in the UI alone.
          expect.stringContaining('viewer (built in)'),
          expect.stringContaining('archive'),
        ]);
        expect(await node(page, 'backend/metricpipeline-_viewer').innerText()).toContain('the UI');
        expect(await node(page, 'hop/tracepipeline-audit').count()).toBe(topology === 'per-pipeline' ? 1 : 0);
        if (topology === 'per-pipeline') {
          await expect.poll(() => node(page, 'hop/tracepipeline-audit').innerText()).toMatch(/queue 8 MiB\s*\d+ %/);
        }
        expect(await faultsInBothThemes(page)).toEqual([]);
        await page.setViewportSize({ width: 1920, height: 900 });
        await expect.poll(tooWide).toBe(0);
        await node(page, 'backend/tracepipeline-audit').click();
        await page.getByRole('complementary', { name: 'Node' }).waitFor();
        expect(await tooWide()).toBe(0);
        expect(faults).toEqual([]);
      } finally {
        await browser.close();
        await up.stop();
        home.remove();
      }
    });
  },
);
