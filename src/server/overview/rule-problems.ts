import { ITEM_NOUN } from '../../pdata/index.ts';
import type { Problem, RuleStatus } from '../api.ts';
import type { PipelineView } from './pipeline-status.ts';
import type { ProblemContext } from './problem-context.ts';
import { isFailing, ruleName } from './rules.ts';
import { count, pipelineName, sentence, thousands } from './words.ts';

/** A rule that cannot be evaluated for some data: that data passes as if the rule were not there. */
export function failingRuleProblem({ ref, status }: PipelineView, context: ProblemContext): readonly Problem[] {
  const { rules } = status;
  const worst = rules?.items
    .filter((rule) => isFailing(rule, context.nowMs))
    .reduce<RuleStatus | undefined>(
      (max, rule) => (max === undefined || rule.failed > max.failed ? rule : max),
      undefined,
    );
  if (rules === undefined || worst === undefined) return [];
  const others = rules.failing - 1;
  const more =
    others === 0 ? '' : ` ${others === 1 ? 'Another rule fails' : `${thousands(others)} other rules fail`}, too.`;
  return [
    {
      severity: 'warning',
      pipeline: { kind: ref.kind, name: ref.name },
      code: 'SL0623',
      title: `${pipelineName(ref)}: ${ruleName(worst)} failed ${times(worst.failed)}`,
      detail: `${sentence(worst.error ?? '')} In: ${worst.text}. What it fails for passes as if the rule were not there; nothing is lost.${more}`,
      commands: [`${context.program} explain SL0623`],
      ...(worst.source === undefined ? {} : { source: worst.source }),
    },
  ];
}

/** Whether everything that ever came was left out by a filter. */
export function leavesOutEverything({ ledger, lostRecently }: PipelineView['status']): boolean {
  const { filtered, delivered, queued, refused, unknown } = ledger;
  return filtered > 0 && delivered + queued + refused + unknown + lostRecently === 0;
}

/** `All 12 spans that arrived were filtered, most of them by filter[0].conditions[0] (telemetry.yaml:14).` */
export function filteredSentence({ ref, status }: PipelineView): string {
  const { ledger, rules } = status;
  const all = `All ${count(ledger.filtered, ITEM_NOUN[ref.signal].people)}`;
  const what = ledger.filtered === 1 ? `${all.slice(4)} arrived and was` : `${all} that arrived were`;
  const rule = rules?.dropsMost;
  if (rule === undefined) return `${what} filtered.`;
  return `${what} filtered; the rule that matched most is ${ruleName(rule)}: ${rule.text}`;
}

export function filteredProblem(view: PipelineView, { program }: ProblemContext): readonly Problem[] {
  const { ref, status } = view;
  if (!leavesOutEverything(status)) return [];
  const source = status.rules?.dropsMost?.source;
  return [
    {
      severity: 'warning',
      pipeline: { kind: ref.kind, name: ref.name },
      code: 'SL0624',
      title: `${pipelineName(ref)} filters everything that arrives`,
      detail: filteredSentence(view),
      commands: [`${program} explain SL0624`],
      ...(source === undefined ? {} : { source }),
    },
  ];
}

function times(n: number): string {
  return n === 1 ? 'once' : `${thousands(n)} times`;
}
