import type { Issue } from './issue.ts';
import { printable } from './printable.ts';
import { renderShort } from './render-short.ts';
import { type ResourceRange, resourceAt } from './resource-range.ts';

export interface JunitOptions {
  readonly files: readonly string[];
  readonly resources: readonly ResourceRange[];
  /** Warnings fail a case too. */
  readonly strict: boolean;
}

interface TestCase {
  readonly name: string;
  readonly issues: readonly Issue[];
}

/** Issues as a JUnit report: a suite per file, a case per resource, and one per file for what stands outside of resources. */
export function renderJunit(issues: readonly Issue[], options: JunitOptions): string {
  const { files, resources, strict } = options;
  const placed = issues.map((issue) => ({ issue, at: resourceAt(issue, resources) }));
  const suites = files.map((file) => {
    const own = placed.filter(({ issue }) => issue.span?.file === file);
    const outside = own.filter(({ at }) => at === undefined).map(({ issue }) => issue);
    const inFile = resources.filter((resource) => resource.file === file);
    const cases: TestCase[] = inFile.map((resource) => ({
      name: `${resource.kind}/${resource.name}`,
      issues: own.filter(({ at }) => at === resource).map(({ issue }) => issue),
    }));
    if (outside.length > 0 || cases.length === 0) cases.unshift({ name: file, issues: outside });
    return { name: file, cases };
  });
  const nowhere = issues.filter(({ span }) => span === undefined || !files.includes(span.file));
  if (nowhere.length > 0) suites.push({ name: 'all files', cases: [{ name: 'all files', issues: nowhere }] });
  const fails = ({ issues: own }: TestCase) => own.some(({ severity }) => strict || severity === 'error');
  const totals = (cases: readonly TestCase[]) =>
    `tests="${cases.length}" failures="${cases.filter(fails).length}" errors="0"`;
  const lines = suites.flatMap(({ name, cases }) => [
    `  <testsuite name="${xmlText(name)}" ${totals(cases)}>`,
    ...cases.flatMap((one) => drawCase(one, name, fails(one))),
    '  </testsuite>',
  ]);
  const head = `<testsuites name="sluice validate" ${totals(suites.flatMap(({ cases }) => cases))}>`;
  return `${['<?xml version="1.0" encoding="UTF-8"?>', head, ...lines, '</testsuites>'].join('\n')}\n`;
}

/** A failure names the worst finding and holds all of them, one a line. */
function drawCase({ name, issues }: TestCase, suite: string, failed: boolean): readonly string[] {
  const open = `    <testcase classname="${xmlText(suite)}" name="${xmlText(name)}"`;
  const text = xmlText(renderShort(issues).trimEnd());
  if (issues.length === 0) return [`${open}/>`];
  if (!failed) return [`${open}>`, `      <system-out>${text}</system-out>`, '    </testcase>'];
  const { code, message } = issues.find(({ severity }) => severity === 'error') ?? issues[0]!;
  return [
    `${open}>`,
    `      <failure type="${code}" message="${xmlText(printable(message))}">${text}</failure>`,
    '    </testcase>',
  ];
}

const ENTITY: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** XML has no way to write most control characters, nor halves of a surrogate pair. */
export function xmlText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what XML forbids
  const writable = text.toWellFormed().replace(/[\u0000-\u0008\u000b-\u001f\ufffe\uffff]/g, ' ');
  return writable.replace(/[&<>"]/g, (char) => ENTITY[char]!);
}
