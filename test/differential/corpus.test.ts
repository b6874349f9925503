import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { requirePeer } from '../../testbed/index.ts';
import { validateWithOtelcol } from '../testkit/collector-validate.ts';

const corpus = join(import.meta.dirname, '../corpus');
const goldens = readdirSync(corpus, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\b(otelcol\.yaml|(otelcol|cluster)\/[^/]+\.yaml)$/.test(path))
  .sort();
const peer = requirePeer('otelcol');
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';

describe.skipIf(peer.status === 'missing')(`the real Collector accepts what is rendered${skipNote}`, () => {
  it('finds the goldens', () => {
    expect(goldens.length).toBeGreaterThan(10);
  });

  it.each(goldens)('%s', (golden) => {
    expect(validateWithOtelcol(readFileSync(join(corpus, golden), 'utf8'))).toEqual({ status: 0, stderr: '' });
  });

  it('refuses a golden with a misspelt setting, so that its consent means something', () => {
    const misspelt = readFileSync(join(corpus, goldens[0]!), 'utf8').replace('check_interval', 'check_intervall');
    expect(validateWithOtelcol(misspelt).stderr).toContain('check_intervall');
  });
});
