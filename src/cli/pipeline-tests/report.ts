import {
  type Difference,
  type ItemOutcome,
  itemTitle,
  MISSING,
  type RuleOutcome,
  rulePath,
  valuesNamedIn,
} from '../../preview/index.ts';
import type { CliContext } from '../context.ts';
import type { TestResult } from './run-tests.ts';

type Ran = Extract<TestResult, { readonly verdict: object }>;

export function isPassed({ verdict }: TestResult): boolean {
  return verdict !== undefined && verdict.differences.length === 0;
}

/** What people read: a line a test; under one that failed only what differs, and why. */
export function resultText(result: TestResult, { color }: CliContext): string {
  const { test, milliseconds } = result;
  const passed = isPassed(result);
  const word = passed ? 'PASS' : 'FAIL';
  const shown = color.stdout ? `\u001b[${passed ? 32 : 31}m${word}\u001b[0m` : word;
  const numbers = result.verdict === undefined ? '' : countsText(result.verdict);
  // Only what is slow enough to be worth a look: the same tests print the same lines.
  const time = milliseconds < 100 ? '' : `${Math.round(milliseconds)} ms`;
  const line = `${shown}  ${test.name.padEnd(28)} ${`${test.kind}/${test.pipeline}`.padEnd(26)} ${numbers.padEnd(28)} ${time}`;
  return [line.trimEnd(), ...complaints(result).map((text) => `      ${text}`)].join('\n');
}

export function summaryText(results: readonly TestResult[]): string {
  const passed = results.filter(isPassed).length;
  return `${results.length} ${results.length === 1 ? 'test' : 'tests'}, ${passed} passed, ${results.length - passed} failed`;
}

function countsText({ in: incoming, out, dropped }: Ran['verdict']): string {
  return `${incoming} in, ${out} out${dropped > 0 ? `, ${dropped} filtered` : ''}`;
}

/** Lines about what is not as it should be. */
export function complaints(result: TestResult): readonly string[] {
  if (result.verdict === undefined) return [result.problem];
  const { differences } = result.verdict;
  const lines = differences.flatMap((difference, index) => [
    ...(isNewItem(differences, index) ? [outputTitle(difference, result)] : []),
    differenceText(difference),
  ]);
  return differences.length === 0 ? [] : [...lines, ...reasons(result)];
}

function isNewItem(differences: readonly Difference[], index: number): boolean {
  const [before, now] = [differences[index - 1], differences[index]!];
  return now.what === 'value' && !(before?.what === 'value' && before.item === now.item);
}

function outputTitle(difference: Difference, { verdict, preview }: Ran): string {
  if (difference.what !== 'value') return '';
  const item = preview.items.flatMap(({ after }) => after)[difference.item];
  return `item ${difference.item + 1} of ${verdict.out}${item === undefined ? '' : `, ${itemTitle(item)}`}`;
}

function differenceText(difference: Difference): string {
  if (difference.what === 'count') {
    const what = difference.of === 'out' ? 'items came out' : 'items were dropped';
    return `  ${difference.got} ${what}, expected ${difference.expected}`;
  }
  return `  ${difference.path.padEnd(26)} expected ${difference.expected}   got ${difference.got}`;
}

/** For the items concerned: the rules that did not match or failed, with the values that they looked at. */
function reasons({ preview, verdict, resource }: Ran): readonly string[] {
  const concerned = concernedItems(preview.items, verdict.differences);
  // A filter that did not match explains an item too many, but no value.
  const countDiffers = verdict.differences.some(({ what }) => what === 'count');
  const lines = concerned.flatMap((outcome) =>
    preview.rules.flatMap((rule, index) => {
      const why = ruleReason(rule, index, outcome);
      if (why === undefined || (rule.stage === 'filter' && !countDiffers)) return [];
      const line = resource.document.spanOf(rulePath(rule))?.line;
      const values = valuesNamedIn(rule.text, outcome.before).map(([path, value]) => `  ${path} = ${value ?? MISSING}`);
      return [`because: ${why}${line === undefined ? '' : `        ${resource.document.file}:${line}`}`, ...values];
    }),
  );
  return [...new Set(lines)].slice(0, MAX_REASONS);
}

const MAX_REASONS = 20;

function ruleReason(rule: RuleOutcome, index: number, outcome: ItemOutcome): string | undefined {
  const name = rule.field.replace('spec.', '');
  if (outcome.failed.includes(index)) return `${name} failed: ${rule.error ?? 'it could not be evaluated'}`;
  if (outcome.droppedBy === index) return `${name} dropped it: \`${rule.text}\``;
  const mayNotMatch = rule.part === 'condition' || / where /.test(rule.text);
  return outcome.matched.includes(index) || !mayNotMatch ? undefined : `${name} did not match: \`${rule.text}\``;
}

function concernedItems(items: readonly ItemOutcome[], differences: readonly Difference[]): readonly ItemOutcome[] {
  const sources = items.flatMap((outcome) => outcome.after.map(() => outcome));
  const ofValues = differences.flatMap((one) => (one.what === 'value' ? [sources[one.item]] : []));
  const counts = differences.some(({ what }) => what === 'count') ? items : [];
  return [...new Set([...ofValues, ...counts])].filter((one) => one !== undefined).slice(0, 3);
}
