import type { Page } from 'playwright-core';
import type { OverviewDocument } from '../../src/server/index.ts';
import { createHome, type Home, type RunningUp, runSluice, SLUICE, startUp } from './sluice.ts';

/** Everything that people got to read in these tests, for the page that quotes it. */
export const read: string[] = [];

/** As people call the program, and however a place marks code and breaks lines. */
export function plain(text: string): string {
  return text.replaceAll(SLUICE, 'sluice').replaceAll('`', '').replace(/\s+/g, ' ');
}

export function remember(text: string): string {
  read.push(text);
  return text;
}

/** The words that a text lacks, with whom they are about. */
export function missing(about: string, text: string, words: readonly (string | RegExp)[]): readonly string[] {
  const searched = plain(text);
  return words
    .filter((word) =>
      typeof word === 'string' ? !searched.includes(plain(word)) : !new RegExp(word.source, 'is').test(searched),
    )
    .map((word) => `${about}: ${word} in: ${searched.slice(0, 300)}`);
}

/** One `sluice up` and every place that tells what it does. */
export class Stage {
  readonly home: Home = createHome();
  up!: RunningUp;

  async start(args: readonly string[] = []): Promise<void> {
    this.up = await startUp(this.home, args);
  }

  get origin(): string {
    return `http://localhost:${this.up.ports.ui}`;
  }

  terminal(): string {
    return this.up.process.stdout() + this.up.process.stderr();
  }

  async status(): Promise<string> {
    return remember((await runSluice(this.home, ['status'])).stdout);
  }

  async overview(): Promise<OverviewDocument> {
    return (await (await fetch(`${this.up.api}/api/v1/overview`)).json()) as OverviewDocument;
  }

  /** All that programs and people can ask the engine for, as one text. */
  async everything(): Promise<string> {
    const { pipelines } = await this.overview();
    const paths = [
      'overview',
      'ledger',
      'pipelines',
      'graph',
      'configuration',
      'ingest/attempts',
      'explore/traces',
    ].map((path) => `/api/v1/${path}`);
    const each = pipelines.map(({ kind, name }) => `/api/v1/pipelines/${kind}/${name}`);
    const texts = await Promise.all(
      [...paths, ...each, '/metrics'].map(async (path) => (await fetch(this.up.api + path)).text()),
    );
    const status = await runSluice(this.home, ['status', '-o', 'json']);
    return [...texts, status.stdout, status.stderr, this.terminal()].join('\n');
  }

  /** What a page says, once it says this. */
  async screen(page: Page, path: string, selector = 'main', says?: RegExp): Promise<string> {
    await page.goto(this.origin + path);
    const place = says === undefined ? page.locator(selector) : page.locator(selector, { hasText: says });
    await place.first().waitFor();
    return remember(await page.locator(selector).first().innerText());
  }

  async stop(): Promise<void> {
    if (this.up !== undefined) {
      remember(this.terminal());
      await this.up.process.stop({ graceMs: 0 });
    }
    this.home.remove();
  }
}
