import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requirePeer } from '../../testbed/index.ts';
import { faultsInBothThemes, launchBrowser, openPage, overflow } from '../testkit/browser.ts';
import { startProcess } from '../testkit/process.ts';
import { createHome, type Home, runSluice, SLUICE } from '../testkit/sluice.ts';
import { waitFor } from '../testkit/wait-for.ts';

const chromium = requirePeer('chromium');

const EXPERIMENT = `question: refusal
title: Does a backend that refuses hurt its sibling?
hypothesis: A healthy pipeline does not notice.
axes:
  runner: [engine]
  scenario: [accepting, refusing]
  load: [spans]
scenarios:
  accepting:
    title: both accept
    backends: [{name: healthy, signal: traces}, {name: other, signal: traces}]
  refusing:
    title: one answers 503
    backends: [{name: healthy, signal: traces}, {name: other, signal: traces, mode: 503}]
loads:
  spans: [{signal: traces, shape: t100, itemsPerRequest: 100, itemsPerSecond: 1000}]
profiles:
  quick: {warmUp: 500ms, duration: 2s, repetitions: 2}
  full: {warmUp: 1s, duration: 5s, repetitions: 3}
figures:
  - {name: goodput_percent, title: Goodput of the healthy pipeline, unit: '%', better: more, tolerance: 5, max: 100}
  - {name: rss_peak_mib, title: Memory at its highest, unit: MiB, better: less, tolerance: 50}
comparisons:
  - {title: Beside a sibling that refuses, axis: scenario, baseline: accepting}
`;

let home: Home;
let results: string;
let ran: Awaited<ReturnType<typeof runSluice>>;

const lab = (...args: readonly string[]) => runSluice(home, ['lab', ...args]);
const readJson = (file: string) => JSON.parse(readFileSync(file, 'utf8'));
const linesOf = (folder: string) =>
  readFileSync(join(folder, 'runs.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

function addExperiment(name: string, text: string): void {
  const file = join(home.path, 'experiments', name, 'experiment.yaml');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

beforeAll(async () => {
  home = createHome();
  addExperiment('refusal', EXPERIMENT);
  results = join(home.path, 'found');
  ran = await lab('run', 'refusal', '--quick', '--seed', '5', '--out', 'found');
});

afterAll(() => home?.remove());

describe('sluice lab run, with the real engine', () => {
  it('carries every run out, with a ledger that balances, and tells what was found', () => {
    expect(ran, ran.stderr).toMatchObject({ code: 0 });
    expect(ran.stdout).toContain('4 of 4 runs count');
    expect(ran.stdout).toMatch(/refusing +2 +\d/);
    expect(ran.stdout).toContain('Beside a sibling that refuses: 0 worse, 0 better');
    expect(ran.stderr).toContain('[1/4] ');
    expect(ran.stderr).toContain('[4/4] done');
  });

  it('records each run with its machine and the command that repeats it', () => {
    const lines = linesOf(results);
    expect(lines).toHaveLength(4);
    for (const line of lines) {
      expect(line).toMatchObject({ status: 'ok', ledger: { balanced: true, unaccounted: 0 } });
      expect(line.ledger.acknowledged).toBeGreaterThan(1000);
      expect(line.machine).toMatchObject({ node: process.versions.node, cores: expect.any(Number) });
      expect(line.repeat).toBe(`sluice lab run refusal --quick --cell ${line.cell} --seed ${line.seed} --repeat 1`);
    }
    expect(lines.map(({ seed }) => seed)).toEqual([5, 5, 6, 6]);
  });

  it('leaves results as JSON and CSV, and a report', () => {
    expect(readJson(join(results, 'results.json'))).toMatchObject({ question: 'refusal', complete: true });
    expect(readFileSync(join(results, 'results.csv'), 'utf8').trim().split('\r\n')).toHaveLength(5);
    expect(readFileSync(join(results, 'report.html'), 'utf8')).toContain('<h1>Does a backend that refuses hurt');
  });

  it('runs the profile that is named, where the experiment has it', async () => {
    const none = await lab('run', 'refusal', '--profile', 'cluster');
    expect(none).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('profile cluster of `refusal` has no cell'),
    });
    const both = await lab('run', 'refusal', '--quick', '--profile', 'full');
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining('--quick stands beside --profile full') });
  });

  it('does not write over what was measured', async () => {
    const again = await lab('run', 'refusal', '--quick', '--out', 'found');
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('error[SL0804]');
    expect(again.stderr).toContain('holds runs already');
  });

  it('keeps what was measured when it is interrupted, and goes on with it later', async () => {
    const out = join(home.path, 'interrupted');
    const args = ['lab', 'run', 'refusal', '--quick', '--repeat', '1', '--out', out];
    const running = await startProcess(SLUICE, args, { cwd: home.path, env: home.env });
    await waitFor('the second run has begun', () => running.stderr().includes('[2/2] '), { timeoutMs: 90_000 });
    running.kill('SIGINT');
    expect((await running.exited).code, running.stderr()).toBe(130);
    expect(running.stdout()).toContain('1 of 2 runs count');
    expect(linesOf(out)).toHaveLength(1);
    expect(readJson(join(out, 'results.json'))).toMatchObject({ complete: false, problems: [{ status: 'missing' }] });
    const rest = await lab('run', 'refusal', '--resume', '--out', out);
    expect(rest, rest.stderr).toMatchObject({ code: 0 });
    expect(rest.stderr).toContain('[2/2] ');
    expect(rest.stderr).not.toContain('[1/2] ');
    expect(rest.stdout).toContain('2 of 2 runs count');
    addExperiment('refusal', EXPERIMENT.replace('duration: 2s', 'duration: 3s'));
    const changed = await lab('run', 'refusal', '--resume', '--out', out);
    addExperiment('refusal', EXPERIMENT);
    expect(changed.code).toBe(2);
    expect(changed.stderr).toContain('were measured with another version of the experiment');
  });
});

describe('sluice lab show, compare and report', () => {
  it('show the same again, for people and for programs', async () => {
    const shown = await lab('show', 'found');
    expect(shown.stdout).toBe(ran.stdout);
    expect((await lab('show', 'found/results.json')).stdout).toBe(ran.stdout);
    const document = JSON.parse((await lab('show', 'found', '-o', 'json')).stdout);
    expect(document).toMatchObject({ kind: 'LabResults', summary: { question: 'refusal' } });
    expect(document.items.map(({ id }: { id: string }) => id)).toEqual(['accepting', 'refusing']);
  });

  it('compare with a baseline, and fail where it was better', async () => {
    const same = await lab('compare', 'found', 'found', '--fail-on', 'worse', '--fail-on', 'problems');
    expect(same).toMatchObject({ code: 0 });
    expect(same.stdout).toContain('refusal: 0 worse, 0 better');
    const better = join(home.path, 'better');
    mkdirSync(better, { recursive: true });
    const baseline = readJson(join(results, 'results.json'));
    for (const { figures } of baseline.cells) figures.goodput_percent.values = [140, 140.1];
    writeFileSync(join(better, 'results.json'), JSON.stringify(baseline));
    const worse = await lab('compare', better, 'found', '--fail-on', 'worse');
    expect(worse).toMatchObject({ code: 1 });
    expect(worse.stdout).toMatch(/goodput_percent +refusing .* worse$/m);
    expect(await lab('compare', better, 'found')).toMatchObject({ code: 0 });
  });

  it('make the report anew from the results', async () => {
    const file = join(results, 'report.html');
    const before = readFileSync(file, 'utf8');
    rmSync(file);
    expect((await lab('report', 'found')).stdout.trim()).toBe(file);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });
});

describe('sluice lab list', () => {
  it('shows what can be asked, and what is wrong with an experiment', async () => {
    const listed = await lab('list');
    expect(listed.stdout).toMatch(/^refusal +2 .* Does a backend that refuses hurt its sibling\?$/m);
    addExperiment(
      'broken',
      EXPERIMENT.replace('question: refusal', 'question: broken').replace('load: [spans]', 'load: [span]'),
    );
    const broken = await lab('list');
    rmSync(join(home.path, 'experiments/broken'), { recursive: true });
    expect(broken.code).toBe(1);
    expect(broken.stderr).toContain('error[SL0802]: `axes.load[0]` names `span`');
    expect(broken.stderr).toContain('experiments/broken/experiment.yaml:7:10');
    expect(broken.stdout).toMatch(/^refusal /m);
  });

  it('is where people are sent who name what there is not', async () => {
    const unknown = await lab('run', 'refusa');
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('error[SL0803]: no experiment is called `refusa`; did you mean `refusal`?');
    const cell = await lab('run', 'refusal', '--cell', 'acepting');
    expect(cell.stderr).toContain('error[SL0803]: `refusal` has no cell `acepting`; did you mean `accepting`?');
    const never = await lab('run', 'refusal', '--repeat', '0');
    expect(never.stderr).toContain('error[SL0903]: --repeat takes a number from 1');
    const none = await lab('compare', 'found');
    expect(none.stderr).toContain('error[SL0902]: `lab compare` takes two results');
  });
});

describe.skipIf(chromium.status === 'missing')('the report in a browser', () => {
  it('is accessible in both themes, fits a narrow window, and needs nothing beyond itself', async () => {
    if (chromium.status !== 'ready') return;
    const serveReport = (_: unknown, response: ServerResponse) =>
      response.setHeader('content-type', 'text/html').end(readFileSync(join(results, 'report.html')));
    const server = createServer(serveReport).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const browser = await launchBrowser(chromium.path);
    try {
      const { page, faults } = await openPage(browser, origin);
      await page.goto(origin);
      await page.getByRole('heading', { level: 1, name: 'Does a backend that refuses hurt its sibling?' }).waitFor();
      expect(await page.getByRole('img', { name: 'Goodput of the healthy pipeline, %' }).count()).toBe(1);
      for (const summary of await page.locator('summary').all()) await summary.click();
      expect(await faultsInBothThemes(page)).toEqual([]);
      for (const summary of await page.locator('summary').all()) await summary.click();
      await page.setViewportSize({ width: 360, height: 700 });
      expect(await overflow(page)).toBeLessThanOrEqual(0);
      await page.emulateMedia({ media: 'print' });
      expect(await page.locator('details table').first().isVisible()).toBe(true);
      expect(faults).toEqual([]);
    } finally {
      await browser.close();
      server.close();
    }
  });
});
