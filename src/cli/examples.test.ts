import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { documentsWith, type Finding, findingsOf } from '../../test/testkit/code-examples.ts';
import { expectGolden } from '../../test/testkit/golden.ts';
import { CODES, type CodeEntry } from '../diagnostics/index.ts';

const CORPUS = join(import.meta.dirname, '../../test/corpus/codes');

/** Codes that no text of a file can lead to: a bug of ours, a path that no context has yet, a name on the command line. */
const NOT_IN_A_FILE = new Set(['SL0000', 'SL0404']);
/** Those of this machine that a file can lead to. */
const IN_FILES = /^SL0(?:[0-4]|613|614)/;

const DOCUMENT =
  'apiVersion: telemetry.kyma-project.io/v1beta1\nkind: TracePipeline\nmetadata: {name: a}\nspec: {output: {stdout: {}}}';
/** Examples too large to be written out. */
const LARGE: Readonly<Record<string, Pick<CodeEntry, 'example' | 'fixed'>>> = {
  SL0004: {
    example: Array.from({ length: 40 }, (_, i) =>
      i === 0 ? 'a0: &a0 [x, x]' : `a${i}: &a${i} [*a${i - 1}, *a${i - 1}]`,
    ).join('\n'),
    fixed: DOCUMENT,
  },
  SL0213: { example: `span.name == "${'x'.repeat(2 ** 20)}"`, fixed: 'span.name == "x"' },
};
/** Where the file stays as it is: for how many days the certificate in the Secret is valid. */
const VALID_DAYS = 1000;
const DAYS: Readonly<Record<string, number>> = { SL0409: -1, SL0410: 7 };

const CASES = CODES.filter(({ code }) => IN_FILES.test(code) && !NOT_IN_A_FILE.has(code)).map((entry) => ({
  ...entry,
  ...LARGE[entry.code],
  days: DAYS[entry.code] ?? VALID_DAYS,
}));

interface Shown {
  readonly finding: Finding;
  /** Who reads the document so, and the document set right. */
  readonly reader: number;
  readonly fixed: string;
}

/** The first place where the example leads to its code and, set right, is without a mistake. */
function show({ code, example, fixed = example, days }: (typeof CASES)[number]): Shown | undefined {
  const corrected = documentsWith(fixed);
  for (const [index, document] of documentsWith(example).entries()) {
    for (const [reader, findings] of findingsOf(document, days).entries()) {
      const finding = findings.find((one) => one.code === code);
      if (finding === undefined || hasErrors(corrected[index]!, reader)) continue;
      return { finding, reader, fixed: corrected[index]! };
    }
  }
  return undefined;
}

function hasErrors(document: string, reader: number): boolean {
  return findingsOf(document, VALID_DAYS)[reader]!.some(({ severity }) => severity === 'error');
}

describe.each(CASES.map((one) => [one.code, one] as const))('the example of %s', (code, one) => {
  const shown = show(one);

  it('leads to the code, at the place that was reviewed', () => {
    expect(shown?.finding.code).toBe(code);
    expect(shown?.finding.severity).toBeTruthy();
    expectGolden(join(CORPUS, `${code}.txt`), shown!.finding.text());
  });

  it('is without it, and without any mistake, when it is set right', () => {
    const left = findingsOf(shown!.fixed, VALID_DAYS)[shown!.reader]!;
    expect(left.map((finding) => finding.code)).not.toContain(code);
  });

  it('has an explanation, and says how to set it right', () => {
    expect(one.explanation).toMatch(/\S/);
    expect(one.fix).toMatch(/\S/);
    expect(one.fixed !== undefined || code in DAYS).toBe(true);
  });
});

it('every reviewed place is of a code that there is', () => {
  const codes = new Set(CASES.map(({ code }) => `${code}.txt`));
  expect(readdirSync(CORPUS).filter((file) => !codes.has(file))).toEqual([]);
});
