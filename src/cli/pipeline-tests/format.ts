import { xmlText } from '../../diagnostics/index.ts';
import type { CliContext } from '../context.ts';
import { formatDocument, type OutputFormat, reportDocument } from '../report-document.ts';
import { complaints, isPassed, resultText, summaryText } from './report.ts';
import type { TestResult, TestRun } from './run-tests.ts';

export const TEST_FORMATS = ['junit'] as const;
export type TestFormat = OutputFormat | (typeof TEST_FORMATS)[number];

export function formatRun(run: TestRun, format: TestFormat, context: CliContext): string {
  if (format === 'junit') return junit(run.results);
  if (format !== 'text') return formatDocument(document(run, context), format);
  return [...run.results.map((result) => resultText(result, context)), summaryText(run.results), ''].join('\n');
}

function document({ results }: TestRun, context: CliContext): unknown {
  const passed = results.filter(isPassed).length;
  const content = {
    kind: 'PipelineTestReport',
    target: 'files',
    summary: { tests: results.length, passed, failed: results.length - passed },
    items: results.map((result) => ({
      name: result.test.name,
      pipeline: `${result.test.kind}/${result.test.pipeline}`,
      passed: isPassed(result),
      ...(result.verdict === undefined ? { problem: result.problem } : result.verdict),
    })),
  };
  return reportDocument(content, context);
}

function junit(results: readonly TestResult[]): string {
  const failures = results.filter((result) => !isPassed(result)).length;
  const totals = `tests="${results.length}" failures="${failures}" errors="0"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="sluice test" ${totals}>`,
    `  <testsuite name="sluice test" ${totals}>`,
    ...results.flatMap(junitCase),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function junitCase(result: TestResult): readonly string[] {
  const { test, milliseconds } = result;
  const seconds = (milliseconds / 1000).toFixed(3);
  const open = `    <testcase classname="${xmlText(`${test.kind}/${test.pipeline}`)}" name="${xmlText(test.name)}" time="${seconds}"`;
  if (isPassed(result)) return [`${open}/>`];
  const [first = '', ...rest] = complaints(result).map((line) => line.trim());
  return [
    `${open}>`,
    `      <failure message="${xmlText(first)}">${xmlText([first, ...rest].join('\n'))}</failure>`,
    '    </testcase>',
  ];
}
