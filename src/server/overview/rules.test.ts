import { describe, expect, it } from 'vitest';
import { Account, type EngineSnapshot, type StatementSnapshot } from '../../flow/index.ts';
import { FlowHistory } from './flow-history.ts';
import { buildOverview } from './overview.ts';
import type { PipelineRef } from './pipeline-ref.ts';
import { MOST_RULES } from './rules.ts';

const NOW_MS = Date.parse('2026-11-21T10:00:00Z');

function condition(index: number, counts: Partial<StatementSnapshot> = {}): StatementSnapshot {
  const processor = 'filter/tracepipeline-demo';
  return {
    processor,
    signal: 'traces',
    part: 'condition',
    index,
    text: `rule ${index}`,
    asked: 0,
    matched: 0,
    failed: 0,
    ...counts,
  };
}

const REF: PipelineRef = {
  kind: 'TracePipeline',
  name: 'demo',
  pipelineId: 'traces/tracepipeline-demo',
  signal: 'traces',
  rules: {
    processors: ['transform/tracepipeline-demo', 'filter/tracepipeline-demo'],
    placeOf: ({ index }) => ({
      field: `spec.filter[0].conditions[${index}]`,
      source: { file: 'telemetry.yaml', line: 10 + index },
    }),
  },
};

function overviewOf(
  statements: readonly StatementSnapshot[],
  change: (account: Account) => void = () => {},
  options: { readonly pipelines?: readonly PipelineRef[]; readonly mostRules?: number } = {},
) {
  const account = new Account();
  change(account);
  const snapshot: EngineSnapshot = {
    takenAtMs: NOW_MS,
    offered: { traces: account.received, metrics: 0, logs: 0 },
    pipelines: [{ id: REF.pipelineId, signal: 'traces', ledger: account.row(), exporters: [] }],
    statements,
  };
  return buildOverview(snapshot, new FlowHistory(), {
    pipelines: [REF],
    version: '0.1.0',
    source: './telemetry.yaml',
    startedAt: new Date(NOW_MS).toISOString(),
    endpoints: { grpc: 'localhost:4317', http: 'http://localhost:4318', ui: 'http://localhost:4390' },
    memory: { rssBytes: 1, limitBytes: 2 },
    connected: true,
    attempts: [],
    newestTime: () => undefined,
    timeOfDay: String,
    program: 'sluice',
    ...options,
  });
}

describe('the rules of a pipeline', () => {
  it('are told with what became of each, and which of them dropped most', () => {
    const { pipelines } = overviewOf([condition(0, { matched: 2 }), condition(1, { matched: 7 }), condition(2)]);
    expect(pipelines[0]?.rules).toMatchObject({
      count: 3,
      failing: 0,
      items: [{ matched: 2 }, { matched: 7 }, { field: 'spec.filter[0].conditions[2]', text: 'rule 2', matched: 0 }],
      dropsMost: { field: 'spec.filter[0].conditions[1]', source: { file: 'telemetry.yaml', line: 11 } },
    });
  });

  it('are a warning with their line while one fails', () => {
    const failure = { failed: 120, lastError: 'expected map', lastFailedMs: NOW_MS - 60_000 };
    const { problems, health } = overviewOf([
      condition(0, { failed: 2, lastFailedMs: NOW_MS }),
      condition(1, failure),
      condition(2),
    ]);
    expect(problems).toMatchObject([
      {
        severity: 'warning',
        code: 'SL0623',
        title: 'tracepipeline/demo: filter[0].conditions[1] (telemetry.yaml:11) failed 120 times',
        detail: expect.stringMatching(
          /^Expected map\. In: rule 1\b.*\. What it fails for .*nothing is lost\. Another rule fails, too\.$/,
        ),
        source: { file: 'telemetry.yaml', line: 11 },
      },
    ]);
    expect(health.state).toBe('warning');
  });

  it('are none once the last failure is some minutes old', () => {
    expect(overviewOf([condition(0, { failed: 9, lastFailedMs: NOW_MS - 600_000 })]).problems).toEqual([]);
  });

  it('are named while they leave out everything that arrives, and where the first item went', () => {
    const { problems, progress } = overviewOf([condition(0), condition(1, { matched: 3 })], (account) => {
      account.received = 3;
      account.filtered = 3;
    });
    const detail =
      'All 3 spans that arrived were filtered; the rule that matched most is filter[0].conditions[1] (telemetry.yaml:11): rule 1';
    expect(problems).toMatchObject([
      { code: 'SL0624', title: 'tracepipeline/demo filters everything that arrives', detail },
    ]);
    expect(progress.steps.at(-1)).toMatchObject({ id: 'kept', answer: 'no', detail, code: 'SL0624' });
  });

  it('say nothing while something else of the data goes on, is held, or is lost', () => {
    for (const other of ['delivered', 'held', 'refused', 'unknown'] as const) {
      const { problems } = overviewOf([condition(0, { matched: 3 })], (account) => {
        account.received = 4;
        account.filtered = 3;
        account[other] = 1;
      });
      expect(problems, other).toEqual([]);
    }
  });

  it('are bounded in the document of every second, those that failed first; a page of one pipeline has more', () => {
    const many = Array.from({ length: 10_000 }, (_, i) => condition(i, { failed: i === 9999 ? 1 : 0 }));
    const pipelines = Array.from({ length: 100 }, (_, i) => ({ ...REF, name: `p${i}` }));
    const small = overviewOf(many, undefined, { pipelines });
    expect(JSON.stringify(small).length).toBeLessThan(200_000);
    expect(small.pipelines[0]?.rules).toMatchObject({
      count: 10_000,
      items: [{ text: 'rule 0' }, { text: 'rule 9999', failed: 1 }],
    });
    const { rules } = overviewOf(many, undefined, { mostRules: MOST_RULES }).pipelines[0]!;
    expect(rules?.items).toHaveLength(MOST_RULES);
  });
});
