import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expectGolden } from '../../test/testkit/golden.ts';
import { codeEntry, renderHuman, renderJson, summaryLine } from '../diagnostics/index.ts';
import { type ReadResources, readResources } from './index.ts';

const CORPUS = join(import.meta.dirname, '../../test/corpus/invalid');

const cases = readdirSync(CORPUS).sort();

function human(read: ReadResources): string {
  const text = renderHuman(read.issues, { sources: read.sources, color: false, unicode: true });
  return `${text}\n${summaryLine(read.issues, { files: 1, resources: read.resourceCount })}\n`;
}

function json(read: ReadResources): string {
  return `${JSON.stringify(renderJson(read.issues, { cliVersion: '0.0.0', files: 1, resources: read.resourceCount }), undefined, 1)}\n`;
}

describe.each(cases)('corpus of invalid files: %s', (name) => {
  const folder = join(CORPUS, name);
  const read = readResources([{ file: 'pipeline.yaml', text: readFileSync(join(folder, 'input.yaml'), 'utf8') }]);

  it('reports for people', () => expectGolden(join(folder, 'expected.txt'), human(read)));

  it('reports for programs', () => expectGolden(join(folder, 'expected.json'), json(read)));

  it('has registered codes, places inside the text, and no secret in any form', () => {
    expect(read.issues.length).toBeGreaterThan(0);
    for (const issue of read.issues) expect(codeEntry(issue.code)?.severity, issue.code).toBe(issue.severity);
    for (const issue of read.issues) expect(issue.span, issue.message).toBeDefined();
    expect(human(read) + json(read)).not.toContain('CANARY');
  });
});
