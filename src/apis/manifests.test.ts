import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { expectGolden } from '../../test/testkit/golden.ts';
import { codeEntry, renderHuman, renderShort } from '../diagnostics/index.ts';
import { replacePart } from './corpus/replace-part.ts';
import { extensionIssues, type ReadResources, readResources } from './index.ts';

/** Manifests by topic, one a document, each with a title in its first line. Those in `invalid` have their findings beside them. */
const CORPUS = join(import.meta.dirname, 'corpus');

interface Case {
  readonly title: string;
  readonly text: string;
}

function topics(folder: string): string[] {
  return readdirSync(join(CORPUS, folder))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => name.slice(0, -'.yaml'.length))
    .sort();
}

function casesOf(folder: string, topic: string): Case[] {
  const file = readFileSync(join(CORPUS, folder, `${topic}.yaml`), 'utf8');
  return file.split(/^---\n/m).map((text) => ({ title: /^# (.*)$/m.exec(text)?.[1] ?? '', text }));
}

const read = ({ text }: Case) => readResources([{ file: 'manifest.yaml', text }]);

function human({ issues, sources }: ReadResources): string {
  return renderHuman(issues, { sources, color: false, unicode: true });
}

describe.each(topics('valid'))('valid: %s', (topic) => {
  it.each(casesOf('valid', topic))('$title', (one) => {
    const { issues, resources, telemetry, secrets } = read(one);
    expect(issues.filter(({ code }) => code !== 'SL0320').map(({ message }) => message)).toEqual([]);
    const secret = secrets.get('obs', 'a') ?? secrets.get('default', 'a');
    expect([...resources, telemetry, secret].filter((found) => found !== undefined)).toHaveLength(1);
  });
});

describe.each(topics('later'))('valid, but not supported yet: %s', (topic) => {
  it.each(casesOf('later', topic))('$title', (one) => {
    const codes = new Set(read(one).issues.map(({ code }) => code));
    expect([...codes].filter((code) => code !== 'SL0320')).toEqual(['SL0106']);
  });
});

describe.each(topics('invalid'))('invalid: %s', (topic) => {
  const cases = casesOf('invalid', topic);

  it('is reported as it was', () => {
    const report = cases.map((one) => `# ${one.title}\n\n${human(read(one))}\n`).join('\n');
    const path = join(CORPUS, 'invalid', `${topic}.txt`);
    expectGolden(path, report);
  });

  it.each(cases)('$title: has a finding with a place, and shows no secret', (one) => {
    const { issues, sources } = read(one);
    expect(issues.filter(({ code }) => code !== 'SL0320').length).toBeGreaterThan(0);
    for (const issue of issues) expect(issue.span, issue.message).toBeDefined();
    expect(human({ issues, sources } as ReadResources) + renderShort(issues)).not.toMatch(/CANARY|Q0FOQVJ/);
  });
});

describe('a manifest with one part replaced', () => {
  const manifests = ['valid', 'later'].flatMap((folder) =>
    topics(folder).flatMap((topic) => casesOf(folder, topic).map(({ text }) => parse(text) as unknown)),
  );
  const other = fc.oneof(fc.constantFrom<unknown>(null, {}, [], '', 0, true, [null], { value: null }), fc.jsonValue());

  it('is read without a throw: what is wrong has a code and a place, and no secret is shown', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...manifests),
        fc.array(fc.nat(20), { minLength: 1, maxLength: 9 }),
        other,
        (value, choices, part) => {
          const file = { file: 'f.json', text: JSON.stringify(replacePart(value, choices, part)) };
          const found = readResources([file]);
          for (const issue of [...found.issues, ...extensionIssues(found)]) {
            expect(codeEntry(issue.code), issue.code).toBeDefined();
            expect(issue.span, issue.message).toBeDefined();
          }
          expect(human(found)).not.toMatch(/CANARY|Q0FOQVJZ/);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('the corpus', () => {
  it('has a title for every manifest, unlike the others of its topic', () => {
    for (const folder of ['valid', 'later', 'invalid']) {
      for (const topic of topics(folder)) {
        const titles = casesOf(folder, topic).map(({ title }) => title);
        expect(
          titles.filter((title, index) => title === '' || titles.indexOf(title) < index),
          topic,
        ).toEqual([]);
      }
    }
  });

  it('is large', () => {
    const count = (folder: string) => topics(folder).reduce((sum, topic) => sum + casesOf(folder, topic).length, 0);
    expect(count('valid') + count('later')).toBeGreaterThanOrEqual(40);
    expect(count('invalid')).toBeGreaterThanOrEqual(60);
  });
});
