import { writeFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PipelineDocument } from '../../src/server/index.ts';
import { requirePeer } from '../../testbed/index.ts';
import {
  accessibilityFaults,
  faultsInBothThemes,
  launchBrowser,
  openPage,
  overflow,
  type WatchedPage,
} from '../testkit/browser.ts';
import { createHome, type Home, printedAddress, type RunningUp, runSluice, startUp } from '../testkit/sluice.ts';

const chromium = requirePeer('chromium');
const CANARY = 'canary-5d1e-header';

const AUDIT = `apiVersion: telemetry.kyma-project.io/v1beta1
kind: TracePipeline
metadata:
  name: audit
spec:
  output:
    otlp:
      endpoint:
        value: http://127.0.0.1:9
      headers:
        - name: Authorization
          value: ${CANARY}
`;
const CONSOLE = `apiVersion: telemetry.kyma-project.io/v1beta1
kind: TracePipeline
metadata:
  name: console
spec:
  output:
    stdout: {}
`;
const GOOD = `${AUDIT}---\n${CONSOLE}`;
/** Lines move in the same edit: what is found must still belong to the pipeline. */
const BROKEN = `${'# a comment\n'.repeat(30)}${GOOD.replace('stdout: {}', 'stdot: {}')}`;

describe.skipIf(chromium.status === 'missing')('the pipelines', () => {
  let home: Home;
  let up: RunningUp;
  let browser: Browser;
  let origin: string;
  let file: string;
  let watched: WatchedPage;
  let page: Page;

  beforeAll(async () => {
    if (chromium.status !== 'ready') return;
    home = createHome();
    file = home.write('telemetry.yaml', GOOD);
    up = await startUp(home, ['-f', file]);
    browser = await launchBrowser(chromium.path);
    origin = `http://localhost:${up.ports.ui}`;
    watched = await openPage(browser, origin);
    page = watched.page;
    await page.goto(await printedAddress(up));
  });

  afterAll(async () => {
    await browser?.close();
    await up?.stop();
    home?.remove();
  });

  const tab = (name: string) =>
    page.getByRole('navigation', { name: 'Views of the pipeline' }).getByRole('link', { name });

  it('are listed with their place in the files, and reached by keyboard', async () => {
    await page.keyboard.press('g');
    await page.keyboard.press('p');
    const items = page.locator('.pipeline-list .item');
    await expect
      .poll(() => items.allInnerTexts())
      .toEqual([
        expect.stringMatching(/audit[\s\S]*no data yet[\s\S]*telemetry\.yaml:1/),
        expect.stringMatching(/console[\s\S]*telemetry\.yaml:14/),
      ]);
    expect(await faultsInBothThemes(page)).toEqual([]);
    await page.keyboard.press('/');
    await page.keyboard.type('zzz');
    await page.getByText('No pipelines match').waitFor();
    await page.getByRole('link', { name: 'Clear the filter' }).click();
    await expect.poll(() => items.count()).toBe(2);
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: /console/ }).waitFor();
    expect(await page.title()).toContain('console · Pipelines · sluice');
    expect(await page.getByText(/this version runs/).count()).toBe(1);
    await page.getByText('What NoDataYet means').click();
    await page.getByText(/nothing has arrived since it started/).waitFor();
    await page.getByText('sluice explain NoDataYet').waitFor();
    expect(await faultsInBothThemes(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await items.first().waitFor();
  });

  it('show what was written and what is rendered of it, each leading to the other', async () => {
    await page.goto(`${origin}/pipelines/TracePipeline/audit?tab=rendered`);
    const resource = page.getByRole('region', { name: 'Resource' });
    const rendered = page.getByRole('region', { name: 'Collector configuration' });
    await resource.getByRole('link', { name: /line 7 renders exporters\/otlp_grpc\/tracepipeline-audit/ }).click();
    await expect.poll(() => rendered.locator('.yaml-target').innerText()).toContain('otlp_grpc/tracepipeline-audit:');
    expect(await faultsInBothThemes(page)).toEqual([]);
    // As the command line writes it.
    await page.goto(`${origin}/pipelines/tracepipeline/audit?tab=rendered`);
    await rendered.getByRole('link', { name: /comes from line 7/ }).click();
    await expect.poll(() => resource.locator('.yaml-target').innerText()).toContain('otlp:');
  });

  it('follow the file at once, and say that the previous version keeps running', async () => {
    await page.goto(`${origin}/pipelines/TracePipeline/console?tab=yaml`);
    await page.getByText('this version runs').waitFor();
    writeFileSync(file, BROKEN);
    await page.getByText('the previous version keeps running').first().waitFor();
    const finding = page.locator('.finding');
    await finding.waitFor();
    expect(await finding.innerText()).toMatch(/SL0101 unknown field spec\.output\.stdot[\s\S]*did you mean stdout\?/);
    expect(await page.locator('.configuration-news [role="status"]').innerText()).toMatch(/has 1 error/);
    expect(await faultsInBothThemes(page)).toEqual([]);
    await page.keyboard.press('F8');
    expect(await page.evaluate('document.activeElement.matches("[data-finding]")')).toBe(true);
    await page.getByRole('link', { name: 'line 50' }).click();
    await expect.poll(() => page.locator('.yaml-target').innerText()).toContain('stdot');
    const document = (await (
      await fetch(`${up.api}/api/v1/pipelines/tracepipeline/console`)
    ).json()) as PipelineDocument;
    expect(document).toMatchObject({ source: { runs: 'previous' }, issues: [{ code: 'SL0101' }] });
  });

  it('lead from the problem on the overview to the line', async () => {
    await page.goto(origin);
    const problem = page.locator('.problem', { hasText: 'runs its previous version' });
    await problem.getByRole('link', { name: /telemetry\.yaml:50/ }).click();
    await page.locator('.yaml-target', { hasText: 'stdot' }).waitFor();
    writeFileSync(file, GOOD);
    await page.getByText('this version runs').waitFor();
    expect(await page.locator('.finding').count()).toBe(0);
  });

  it('are tried out in a draft: checked while typing, copied, downloaded', async () => {
    await tab('Draft').click();
    const editor = page.getByRole('textbox', { name: /Draft of TracePipeline console/ });
    await page.getByText('No findings.').waitFor();
    await editor.fill(CONSOLE.replace('stdout', 'stdot'));
    await page.getByText('1 error: it cannot be applied like this.').waitFor();
    expect(await page.locator('.draft-findings').innerText()).toContain('did you mean stdout?');
    expect(await faultsInBothThemes(page)).toEqual([]);
    await page.getByRole('button', { name: 'line 7' }).click();
    expect(await page.evaluate('document.getSelection().toString()')).toContain('stdot');
    await tab('YAML').click();
    await tab('Draft').click();
    expect(await editor.inputValue()).toContain('stdot');
    writeFileSync(file, GOOD.replace('stdout: {}', 'stdout: {} # changed meanwhile'));
    await page.getByText('What runs has changed since this draft was begun').waitFor();
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download' }).click();
    expect((await downloading).suggestedFilename()).toBe('console.yaml');
    await page.getByRole('button', { name: 'Start over' }).click();
    await page.getByText('No findings.').waitFor();
    expect(await editor.inputValue()).toContain('# changed meanwhile');
    writeFileSync(file, GOOD);
    await expect.poll(() => editor.inputValue()).toBe(CONSOLE);
  });

  it('show in a preview what the rules of a draft do to the last items, and to pasted ones', async () => {
    await page.goto(`${origin}/pipelines/TracePipeline/console?tab=draft`);
    const preview = page.getByRole('region', { name: 'Preview' });
    await preview.getByText('No data to try it on yet').waitFor();
    const sent = await runSluice(home, ['gen', 'traces', '--once', '--otlp-endpoint', `127.0.0.1:${up.ports.grpc}`]);
    expect(sent.code).toBe(0);
    await preview.getByRole('button', { name: 'Run again' }).click();
    await preview.getByText(/^\d+ items in, \d+ out, 0 filtered/).waitFor();
    const editor = page.getByRole('textbox', { name: /Draft of TracePipeline console/ });
    const rules = `  transform:
    - statements: ['set(span.attributes["team"], "shop")']
  filter:
    - conditions: ['span.kind == SPAN_KIND_SERVER']
`;
    await editor.fill(CONSOLE.replace('spec:\n', `spec:\n${rules}`));
    await preview.getByRole('row', { name: /filter\[0\]\.conditions\[0\] [1-9]/ }).waitFor();
    await preview.locator('summary', { hasText: 'filtered' }).first().waitFor();
    await preview.locator('summary', { hasText: 'changed' }).first().click();
    await preview.getByRole('rowheader', { name: 'span.attributes["team"]' }).waitFor();
    // What became of an item is copied as a test, and `sluice test` passes it.
    await preview.getByRole('button', { name: 'Copy as test' }).first().press('Enter');
    await preview.getByRole('button', { name: 'Copied' }).waitFor();
    const copied = await page.evaluate('navigator.clipboard.readText()');
    const tested = home.write('rules.test.yaml', `${await editor.inputValue()}---\n${copied}`);
    const run = await runSluice(home, ['test', tested, '-f', tested]);
    expect([run.code, run.stdout], run.stderr).toEqual([0, expect.stringContaining('1 passed')]);
    expect(await faultsInBothThemes(page)).toEqual([]);
    await preview.getByRole('button', { name: 'filter[0].conditions[0]' }).click();
    expect(await page.evaluate('document.getSelection().toString()')).toContain('SPAN_KIND_SERVER');
    await preview.getByRole('radio', { name: /pasted/ }).check();
    const pasted = preview.getByRole('textbox', { name: /OTLP\/JSON/ });
    await pasted.fill('{"resourceSpans": 3}');
    await preview.getByRole('alert').waitFor();
    await pasted.fill('{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"mine","kind":1}]}]}]}');
    await preview.getByText(/^1 item in/).waitFor();
    await preview.locator('summary', { hasText: 'span "mine"' }).waitFor();
    await page.getByRole('button', { name: 'Start over' }).click();
  });

  it('are previewed on 200 items, by keyboard and on a narrow screen, and with a draft of a megabyte', async () => {
    const narrow = await openPage(browser, origin, { viewport: { width: 360, height: 740 } });
    const small = narrow.page;
    await small.goto(await printedAddress(up));
    await small.goto(`${origin}/pipelines/TracePipeline/console?tab=draft`);
    const preview = small.getByRole('region', { name: 'Preview' });
    const spans = Array.from({ length: 300 }, (_, i) => ({ name: `GET /${'x'.repeat(i % 90)}`, kind: 2 }));
    await preview.getByRole('radio', { name: /last/ }).focus();
    await small.keyboard.press('ArrowRight');
    const pasted = preview.getByRole('textbox', { name: /OTLP\/JSON/ });
    await pasted.fill(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }));
    await preview.getByText(/^200 items in, 200 out, 0 filtered/).waitFor();
    expect(await preview.locator('.preview-items > li').count()).toBe(200);
    await preview.locator('.preview-items summary').first().focus();
    await small.keyboard.press('Enter');
    await small.keyboard.press('Tab');
    expect(await small.evaluate('document.activeElement.textContent')).toBe('Copy as test');
    expect(await overflow(small)).toBe(0);
    expect(await accessibilityFaults(small)).toEqual([]);
    // Texts of rules keep a width in which they can be read.
    const draftOf = small.getByRole('textbox', { name: /Draft of TracePipeline console/ });
    await draftOf.fill(
      CONSOLE.replace('spec:\n', `spec:\n  filter:\n    - conditions: ['span.name == "${'long '.repeat(20)}"']\n`),
    );
    const text = preview.locator('.preview-rules code');
    await text.waitFor();
    expect((await text.boundingBox())?.height).toBeLessThan(200);
    expect(await overflow(small)).toBe(0);
    expect(await accessibilityFaults(small)).toEqual([]);

    const line = `    - conditions: ['IsMatch(span.name, "^GET /${'y'.repeat(60)}$")']\n`;
    const filters = line.repeat(Math.ceil(1_000_000 / line.length));
    const startedMs = performance.now();
    // As a paste comes; typing it would take the browser long.
    const draft = JSON.stringify(CONSOLE.replace('spec:\n', `spec:\n  filter:\n${filters}`));
    await small.evaluate(`(() => {
      const area = document.querySelector('.draft-editor');
      area.value = ${draft};
      area.dispatchEvent(new Event('input', { bubbles: true }));
    })()`);
    await preview.getByText(/rules? shown/).waitFor();
    expect(performance.now() - startedMs).toBeLessThan(60_000);
    expect(await overflow(small)).toBe(0);
    expect(narrow.faults).toEqual([]);
    await small.context().close();
  });

  it('are changed from a draft after a look at what changes', async () => {
    await page.goto(`${origin}/pipelines/TracePipeline/console?tab=draft`);
    const editor = page.getByRole('textbox', { name: /Draft of TracePipeline console/ });
    await editor.fill(
      CONSOLE.replace('stdout: {}', `file:\n      path: ${home.path}/out.jsonl\n      rotation: {maxSize: 1Mi}`),
    );
    await page.getByText('No findings.').waitFor();
    await page.getByRole('button', { name: 'Apply …' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/configured/).waitFor();
    expect(await dialog.innerText()).toMatch(/spec\.output/);
    expect(await accessibilityFaults(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Apply', exact: true }).click();
    await dialog.getByRole('heading', { name: 'Applied' }).waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    const status = async () =>
      ((await (await fetch(`${up.api}/api/v1/pipelines/tracepipeline/console`)).json()) as PipelineDocument).status;
    await expect.poll(async () => (await status()).backend.destination).toContain('out.jsonl');
    await tab('YAML').click();
    await expect.poll(() => page.locator('.yaml').innerText()).toContain('out.jsonl');
  });

  it('never show a secret, and take no draft in which it is masked', async () => {
    await page.goto(`${origin}/pipelines/TracePipeline/audit?tab=draft`);
    await page.getByText(/‹hidden› stands where a value is masked/).waitFor();
    await page.getByRole('button', { name: 'Apply …' }).press('Enter');
    expect(await page.getByRole('dialog').count()).toBe(0);
    const paths = [
      'overview',
      'configuration',
      'graph',
      'pipelines',
      'pipelines/tracepipeline/audit',
      'ledger',
      'ingest/attempts',
    ];
    for (const path of paths) {
      const answer = await fetch(`${up.api}/api/v1/${path}`);
      expect(answer.status, path).toBe(200);
      expect(await answer.text(), path).not.toContain(CANARY);
    }
    for (const view of ['yaml', 'rendered', 'draft', '']) {
      await page.goto(`${origin}/pipelines/TracePipeline/audit?tab=${view}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      expect(await page.content(), view).not.toContain(CANARY);
    }
  });

  it('fit a screen of 360 pixels', async () => {
    const narrow = await openPage(browser, origin, { viewport: { width: 360, height: 740 } });
    for (const screen of [
      '',
      '/TracePipeline/audit',
      '/TracePipeline/audit?tab=yaml',
      '/TracePipeline/audit?tab=rendered',
    ]) {
      await narrow.page.goto(`${origin}/pipelines${screen}`);
      await narrow.page.locator('.item, .yaml, .pipeline-status').first().waitFor();
      expect(await overflow(narrow.page), screen).toBe(0);
      expect(await accessibilityFaults(narrow.page), screen).toEqual([]);
    }
    expect(narrow.faults).toEqual([]);
    await narrow.page.context().close();
  });

  it('asked nobody else for anything, and reported no errors', () => {
    expect(watched.faults).toEqual([]);
  });
});
