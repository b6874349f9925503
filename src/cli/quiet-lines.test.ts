import { describe, expect, it } from 'vitest';
import type { PipelineStatus, RuleStatus } from '../server/index.ts';
import { quietLines } from './quiet-lines.ts';

function rule(field: string, asked: number, matched = 0, failed = 0): RuleStatus {
  const source = { file: 'telemetry.yaml', line: 7 };
  return { field, part: 'condition', text: 'x', asked, matched, failed, source };
}

function pipeline(name: string, items: readonly RuleStatus[], reason = 'FlowHealthy', recovered = 0): PipelineStatus {
  const rules = { count: items.length, failing: 0, items };
  const ledger = { recovered } as PipelineStatus['ledger'];
  return {
    kind: 'TracePipeline',
    signal: 'traces',
    name,
    reason,
    rules,
    ledger,
  } as Partial<PipelineStatus> as PipelineStatus;
}

describe('what is quiet', () => {
  it('are pipelines without data beside others that have some', () => {
    expect(quietLines([pipeline('a', [], 'NoDataYet'), pipeline('b', [])])).toEqual(['no data yet: tracepipeline/a']);
    expect(quietLines([pipeline('a', [], 'NoDataYet')])).toEqual([]);
  });

  it('is what was found on disk, as more is delivered then than was received', () => {
    expect(quietLines([pipeline('a', [], 'FlowHealthy', 300), pipeline('b', [])])).toEqual([
      'found on disk at the start: tracepipeline/a 300 spans',
    ]);
  });

  it('are conditions of filters that much data came to and none met; of many the first', () => {
    const idle = rule('spec.filter[0].conditions[1]', 2_500_000);
    const others = [
      rule('spec.filter[0].conditions[0]', 2_500_000, 1),
      rule('spec.filter[1].conditions[0]', 99_999),
      rule('spec.filter[1].conditions[1]', 200_000, 0, 1),
      rule('spec.transform[0].conditions[0]', 2_500_000),
    ];
    const line = 'tracepipeline/a filter[0].conditions[1] (telemetry.yaml:7), asked 2.50M times';
    expect(quietLines([pipeline('a', [...others, idle])])).toEqual([`never matched so far: ${line}`]);
    expect(quietLines([pipeline('a', Array(5).fill(idle))])).toEqual([
      `never matched so far: ${line}; ${line}; ${line} and 2 more`,
    ]);
  });
});
