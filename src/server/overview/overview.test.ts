import { describe, expect, it } from 'vitest';
import { Account, type BackendFailureKind, type EngineSnapshot, type ExporterSnapshot } from '../../flow/index.ts';
import type { Signal } from '../../pdata/index.ts';
import type { AttemptDocument, OverviewDocument } from '../api.ts';
import type { NewestTime } from '../viewer/newest-time.ts';
import { BACKEND_ADVICE } from './backend-advice.ts';
import { FlowHistory } from './flow-history.ts';
import { buildLedger, buildOverview, type OverviewFacts } from './overview.ts';
import type { PipelineRef } from './pipeline-ref.ts';

const START_MS = Date.parse('2026-11-21T10:00:00Z');
const MINUTE = 60;

/** Two trace pipelines that take the same spans, second by second. */
class Scene {
  readonly jaeger = new Account();
  readonly audit = new Account();
  readonly history = new FlowHistory();
  auditExporter: Partial<ExporterSnapshot> = {};
  offered = 0;
  offeredLogs = 0;
  refs: readonly PipelineRef[] = [ref('jaeger'), ref('audit')];
  attempts: readonly AttemptDocument[] = [];
  newest: Partial<Record<Signal, NewestTime>> = {};
  facts: Partial<OverviewFacts> = {};
  #second = 0;

  /** Lets `seconds` pass; `each` moves items in every one of them. */
  run(seconds: number, each: () => void = () => {}): void {
    for (let i = 0; i < seconds; i++) {
      if (this.#second === 0) this.history.record(this.snapshot(), 0);
      each();
      this.#second++;
      this.history.record(this.snapshot(), this.#second * 1000);
    }
  }

  flow(account: Account, items: number): void {
    account.received += items;
    account.delivered += items;
  }

  snapshot(): EngineSnapshot {
    const takenAtMs = START_MS + this.#second * 1000;
    const pipeline = (name: string, account: Account, exporter: Partial<ExporterSnapshot>) => ({
      id: `traces/tracepipeline-${name}`,
      signal: 'traces' as const,
      ledger: account.row(),
      exporters: [
        {
          id: `otlp_grpc/${name}`,
          destination: `${name}.obs:4317 (gRPC)`,
          state: account.delivered > 0 ? ('ok' as const) : ('unknown' as const),
          sinceMs: START_MS,
          failedTries: 0,
          queueBytes: 0,
          queueCapacityBytes: 1_000_000,
          ledger: account.row(),
          ...exporter,
        },
      ],
      ...(account.received > 0 ? { lastReceivedMs: takenAtMs - 400 } : {}),
    });
    return {
      takenAtMs,
      offered: { traces: this.offered, metrics: 0, logs: this.offeredLogs },
      pipelines: [pipeline('jaeger', this.jaeger, {}), pipeline('audit', this.audit, this.auditExporter)],
    };
  }

  overview(): OverviewDocument {
    return buildOverview(this.snapshot(), this.history, {
      pipelines: this.refs,
      version: '0.1.0',
      source: './telemetry.yaml',
      startedAt: new Date(START_MS).toISOString(),
      endpoints: { grpc: 'localhost:4317', http: 'http://localhost:4318', ui: 'http://localhost:4390' },
      memory: { rssBytes: 1, limitBytes: 2 },
      connected: this.attempts.length > 0,
      attempts: this.attempts,
      newestTime: (signal) => this.newest[signal],
      ...this.facts,
      timeOfDay: (ms) => new Date(ms).toISOString().slice(11, 16),
      program: 'sluice',
    });
  }
}

function ref(name: string): PipelineRef {
  return { kind: 'TracePipeline', name, pipelineId: `traces/tracepipeline-${name}`, signal: 'traces' };
}

function failing(kind: BackendFailureKind): Partial<ExporterSnapshot> {
  return {
    state: 'failing',
    sinceMs: START_MS + MINUTE * 1000,
    failure: { kind, message: 'nothing listens there' },
    failedTries: 12,
  };
}

describe('buildOverview', () => {
  it('waits until the first item is offered, and says of no pipeline that it is healthy', () => {
    const scene = new Scene();
    scene.run(5);
    const { health, progress, pipelines, problems } = scene.overview();
    expect(health).toEqual({ state: 'waiting', sentence: 'Waiting for the first data.' });
    expect(progress).toMatchObject({ listening: true, connected: false, received: false, delivered: false });
    expect(pipelines.map(({ ready, reason }) => [ready, reason])).toEqual([
      ['Unknown', 'NoDataYet'],
      ['Unknown', 'NoDataYet'],
    ]);
    expect(pipelines[0].newestAgeSeconds).toBeNull();
    expect(problems).toEqual([]);
  });

  it('says that all is well, with the flow of all pipelines', () => {
    const scene = new Scene();
    scene.run(15, () => {
      scene.offered += 600;
      scene.flow(scene.jaeger, 600);
      scene.flow(scene.audit, 600);
    });
    const { health, progress, signals, pipelines } = scene.overview();
    expect(health).toEqual({
      state: 'ok',
      sentence: 'All well. All 2 pipelines deliver; 1.2k items/s in, nothing lost.',
    });
    expect(progress).toMatchObject({ connected: true, received: true, delivered: true });
    expect(signals.traces).toMatchObject({ offeredPerSecond: 600, inPerSecond: 1200, outPerSecond: 1200 });
    expect(signals.traces.newestAgeSeconds).toBe(0.4);
    expect(signals.traces.trend).toEqual(Array(15).fill(1200));
    expect(pipelines[0]).toMatchObject({ ready: 'True', reason: 'FlowHealthy', inPerSecond: 600 });
  });

  it('says of a queue that holds a few items that it is nearly empty', () => {
    const scene = new Scene();
    scene.auditExporter = failing('refused');
    scene.audit.received = 3;
    scene.audit.held = 3;
    scene.run(10);
    expect(scene.overview().problems[0].detail).toContain('3 spans queued (less than 1 % of the queue');
  });

  it('says of a disk that takes nothing what becomes of senders, and why it is', () => {
    const scene = new Scene();
    const disk = { directory: '/q/audit', requests: 1, unreadableBytes: 0, oldestMs: START_MS };
    scene.auditExporter = { disk: { ...disk, failure: '/q/audit: no space left on device' } };
    scene.run(15, () => {
      scene.offered += 100;
      scene.flow(scene.jaeger, 100);
      scene.audit.received += 100;
      scene.audit.refused += 100;
    });
    const { problems, pipelines } = scene.overview();
    expect(problems[0]).toMatchObject({
      severity: 'error',
      title: 'the disk of the queue of tracepipeline/audit takes nothing',
      detail: expect.stringContaining('no space left on device. Senders are told to try again.'),
    });
    expect(pipelines[1]).toMatchObject({
      ready: 'False',
      reason: 'BufferFillingUp',
      message: expect.stringContaining('The disk of the queue takes nothing: /q/audit: no space left on device.'),
      queue: { disk: { oldest: '2026-11-21T10:00:00.000Z' } },
    });
  });

  it('warns about a backend that fails while the queue still holds everything', () => {
    const scene = new Scene();
    scene.auditExporter = { ...failing('refused'), queueBytes: 100_000 };
    scene.run(2 * MINUTE, () => {
      scene.offered += 100;
      scene.flow(scene.jaeger, 100);
      scene.audit.received += 100;
      scene.audit.held += 100;
    });
    const { health, problems, pipelines } = scene.overview();
    expect(health.state).toBe('warning');
    expect(health.sentence).toBe(
      '1 of 2 pipelines needs attention: tracepipeline/audit cannot deliver since 10:01 (1 min).',
    );
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ severity: 'warning', code: 'SL0501' });
    expect(problems[0].detail).toContain('The backend audit.obs:4317 (gRPC) refuses connections.');
    expect(problems[0].detail).toContain('Meanwhile: 12,000 spans queued (10 % of the queue), none lost.');
    expect(problems[0].detail).toMatch(/The other pipeline is not affected\.$/);
    expect(pipelines[1]).toMatchObject({
      ready: 'False',
      reason: 'BufferFillingUp',
      backend: { state: 'failing', failedTries: 12 },
    });
  });

  it('does not take a failed try for a stuck pipeline', () => {
    const scene = new Scene();
    scene.run(MINUTE + 5, () => {
      scene.offered += 10;
      scene.audit.received += 10;
      scene.audit.held = 10;
    });
    scene.audit.delivered = scene.audit.received - 10;
    scene.auditExporter = failing('unavailable');
    expect(scene.overview().pipelines[1]).toMatchObject({ ready: 'True', reason: 'FlowHealthy' });
  });

  it('tells since when everything is lost, what it cost, and that the others are well', () => {
    const scene = new Scene();
    scene.auditExporter = { ...failing('refused'), queueBytes: 1_000_000 };
    scene.run(10 * MINUTE, () => {
      scene.offered += 10;
      scene.flow(scene.jaeger, 10);
      scene.audit.received += 10;
      scene.audit.drop('queue_full', 10);
    });
    const { health, problems, pipelines } = scene.overview();
    expect(health.state).toBe('failing');
    expect(problems[0].title).toBe('tracepipeline/audit loses spans since 10:00 (10 min)');
    expect(problems[0].detail).toContain('3,000 spans lost in the last 5 minutes (queue full)');
    expect(pipelines[1]).toMatchObject({ ready: 'False', reason: 'AllDataDropped', lostRecently: 3000 });
    expect(pipelines[0]).toMatchObject({ ready: 'True', reason: 'FlowHealthy' });
  });

  it('distinguishes some loss from total loss, and forgets both five minutes later', () => {
    const scene = new Scene();
    scene.run(MINUTE, () => {
      scene.offered += 10;
      scene.flow(scene.audit, 7);
      scene.audit.received += 3;
      scene.audit.drop('rejected_by_backend', 3);
    });
    expect(scene.overview().pipelines[1]).toMatchObject({ reason: 'SomeDataDropped' });
    expect(scene.overview().problems[0].severity).toBe('error');
    scene.run(20, () => scene.flow(scene.audit, 10));
    expect(scene.overview().problems[0]).toMatchObject({
      severity: 'warning',
      title: 'tracepipeline/audit lost 180 spans in the last 5 minutes and delivers again',
    });
    scene.run(5 * MINUTE, () => scene.flow(scene.audit, 10));
    expect(scene.overview().pipelines[1]).toMatchObject({ ready: 'True', reason: 'FlowHealthy' });
    expect(scene.overview().problems).toEqual([]);
  });

  it('keeps loss of the past apart from a backend that fails now', () => {
    const scene = new Scene();
    scene.run(20, () => {
      scene.offered += 10;
      scene.audit.received += 10;
      scene.audit.drop('rejected_by_backend', 10);
    });
    scene.auditExporter = failing('timeout');
    scene.run(MINUTE, () => {
      scene.offered += 10;
      scene.audit.received += 10;
      scene.audit.held += 10;
    });
    expect(scene.overview().problems[0]).toMatchObject({
      severity: 'error',
      title: expect.stringMatching(
        /^tracepipeline\/audit lost 200 spans in the last 5 minutes and cannot deliver since 10:0\d \(.+\)$/,
      ),
    });
  });

  it('says why a backend that takes most of the data rejects the rest', () => {
    const scene = new Scene();
    const rejection = { kind: 'rejected', message: 'the backend rejected 1 of 3 spans: label name invalid' } as const;
    scene.run(20, () => {
      scene.offered += 3;
      scene.flow(scene.audit, 2);
      scene.audit.received += 1;
      scene.audit.drop('rejected_by_backend', 1);
      scene.auditExporter = { state: 'ok', rejection };
    });
    const { pipelines, problems } = scene.overview();
    expect(pipelines[1].message).toContain('audit.obs:4317 (gRPC) rejects the data (SL0507). 20 spans lost');
    expect(problems).toMatchObject([
      {
        severity: 'error',
        code: 'SL0507',
        title: expect.stringContaining('loses spans since'),
        detail: expect.stringContaining('The backend rejected 1 of 3 spans: label name invalid.'),
      },
    ]);
    scene.run(6 * MINUTE);
    expect(scene.overview().problems).toEqual([]);
  });

  it('calls settings by the names that pipelines have for them', () => {
    const scene = new Scene();
    scene.auditExporter = {
      ...failing('certificate'),
      failure: { kind: 'certificate', message: 'the certificate is self-signed by "me"; give it in tls.ca_file' },
    };
    scene.run(1);
    expect(scene.overview().problems[0].detail).toContain('is self-signed by "me"; give it in tls.ca.');
  });

  it('says nothing of how full a queue is that has no size in bytes', () => {
    const scene = new Scene();
    scene.auditExporter = { ...failing('refused'), queueBytes: 10_000, queueCapacityBytes: 0 };
    scene.run(2 * MINUTE, () => {
      scene.offered += 10;
      scene.audit.received += 10;
      scene.audit.held += 10;
    });
    const { pipelines } = scene.overview();
    expect(pipelines[1]).toMatchObject({ ready: 'False', reason: 'BufferFillingUp' });
    expect(pipelines[1].message).toMatch(/\(SL0501\)\. Nothing is lost so far\.$/);
  });

  it('warns before anything is lost when the queue is above 80 %, with the time that is left', () => {
    const scene = new Scene();
    let queueBytes = 0;
    scene.run(85, () => {
      scene.offered += 10;
      scene.audit.received += 10;
      scene.audit.held += 10;
      queueBytes += 10_000;
      scene.auditExporter = { ...failing('timeout'), queueBytes };
    });
    const { pipelines, problems } = scene.overview();
    expect(pipelines[1]).toMatchObject({ ready: 'False', reason: 'BufferFillingUp' });
    expect(pipelines[1].message).toContain('The queue is 85 % full; it is full in about 15 s.');
    expect(problems[0]).toMatchObject({ severity: 'error', code: 'SL0508' });
    expect(problems[0].detail).toContain('(85 % of the queue; it lasts about 15 s more), none lost');
  });

  it('foresees nothing that is more than a day away', () => {
    const scene = new Scene();
    let queueBytes = 0;
    scene.run(2 * MINUTE, () => {
      scene.offered += 10;
      scene.audit.received += 10;
      scene.audit.held += 10;
      queueBytes += 1;
      scene.auditExporter = { ...failing('timeout'), queueBytes };
    });
    const { pipelines, problems } = scene.overview();
    expect(pipelines[1].message).toContain('The queue is 0 % full. Nothing is lost so far.');
    expect(problems[0].detail).toContain('(less than 1 % of the queue), none lost');
  });

  it('reports a pipeline that was left out of the configuration', () => {
    const scene = new Scene();
    const invalid = 'unknown field `spec.output.otlp.endpiont`';
    scene.refs = [ref('jaeger'), { ...ref('broken'), invalid, source: 'telemetry.yaml:18' }];
    scene.run(3);
    const { pipelines, problems } = scene.overview();
    expect(pipelines[1]).toMatchObject({ ready: 'False', reason: 'ConfigurationInvalid', message: invalid });
    expect(problems[0].detail).toContain('See telemetry.yaml:18.');
    expect(problems[0].commands).toEqual(['sluice validate -f telemetry.yaml']);
  });

  it('shows an imbalance of the ledger as our bug', () => {
    const scene = new Scene();
    scene.jaeger.received = 10;
    scene.jaeger.delivered = 7;
    scene.offered = 10;
    scene.run(2);
    expect(scene.overview().problems[0]).toMatchObject({
      code: 'SL0000',
      title: 'the ledger of tracepipeline/jaeger is out of balance by 3',
    });
  });

  it.each(Object.keys(BACKEND_ADVICE) as BackendFailureKind[])(
    'has a sentence and a code for a backend that fails by %s',
    (kind) => {
      const scene = new Scene();
      scene.auditExporter = failing(kind);
      scene.offered = 1;
      scene.run(2 * MINUTE);
      const [problem] = scene.overview().problems;
      expect(problem.code).toMatch(/^SL0[56]\d\d$/);
      expect(problem.detail).toMatch(/^The backend audit\.obs:4317 \(gRPC\) .+\. Nothing listens there\./);
      expect(problem.commands.at(-1)).toBe(`sluice explain ${problem.code}`);
    },
  );

  it('offers a stand-in for a backend on this machine that refuses', () => {
    const scene = new Scene();
    scene.auditExporter = { ...failing('refused'), destination: 'localhost:14317 (gRPC)' };
    scene.offered = 1;
    scene.run(2 * MINUTE);
    expect(scene.overview().problems[0].commands).toEqual([
      'sluice sink --port 14317',
      'docker run --rm -p 14317:4317 -p 16686:16686 jaegertracing/jaeger',
      'sluice explain SL0501',
    ]);
  });

  it('says of a backend for remote write what that is, and offers no backend for OTLP', () => {
    const scene = new Scene();
    const destination = 'localhost:9090/api/v1/write (remote write)';
    scene.auditExporter = { ...failing('protocol'), destination };
    scene.offered = 1;
    scene.run(2 * MINUTE);
    const { detail } = scene.overview().problems[0];
    expect(detail).toContain('does not take Prometheus remote write at this URL');
    expect(detail).not.toContain('`protocol`');
    scene.auditExporter = { ...failing('refused'), destination };
    scene.run(1);
    const { commands } = scene.overview().problems[0];
    expect(commands[0]).toMatch(/^docker run .* 9090:9090 prom\/prometheus .*--web\.enable-remote-write-receiver$/);
    expect(commands.join()).not.toContain('sink');
  });

  it('puts nothing into a command that a shell would run', () => {
    const scene = new Scene();
    scene.auditExporter = { ...failing('dns'), destination: 'a;rm$(x):4317 (gRPC)' };
    scene.offered = 1;
    scene.run(2 * MINUTE);
    expect(scene.overview().problems[0].commands).toEqual(['sluice explain SL0502']);
  });

  it('says where the endpoint of a failing backend is set', () => {
    const scene = new Scene();
    const source = { file: 'telemetry.yaml', line: 18, field: 'spec.output.otlp.endpoint' };
    const pipeline = { kind: 'TracePipeline', name: 'audit' } as const;
    const node = { id: 'backend/audit', stage: 'backend', label: 'audit.obs:4317', pipeline, source } as const;
    scene.facts = { graph: { topology: 'Shared', nodes: [node], edges: [] } };
    scene.auditExporter = failing('refused');
    scene.run(2 * MINUTE);
    const [problem] = scene.overview().problems;
    expect(problem.source).toEqual(source);
    expect(problem.detail).toContain('Endpoint set in telemetry.yaml:18, spec.output.otlp.endpoint.');
  });

  it('does not say that a pipeline delivers which has seen nothing', () => {
    const scene = new Scene();
    scene.run(5, () => {
      scene.offered += 10;
      scene.flow(scene.jaeger, 10);
    });
    expect(scene.overview().health.sentence).toBe(
      'All well. 1 of 2 pipelines delivers, tracepipeline/audit has no data yet; 10 items/s in, nothing lost.',
    );
  });

  it('names signals that nobody takes, clocks that are wrong and processes that are down', () => {
    const scene = new Scene();
    const hour = 3_600_000;
    scene.newest = {
      traces: { receivedMs: START_MS, newestMs: START_MS + 3 * hour },
      logs: { receivedMs: START_MS, newestMs: START_MS - 20 * 60_000 },
    };
    const since = new Date(START_MS).toISOString();
    scene.facts = {
      processes: [
        { workload: 'otlp-router', state: 'running', since, restarts: 0 },
        { workload: 'trace-gateway', state: 'restarting', since, restarts: 3, message: 'killed by SIGKILL' },
      ],
    };
    scene.offeredLogs = 12;
    scene.run(30);
    const { problems, health } = scene.overview();
    expect(problems.map(({ title }) => title)).toEqual([
      'process trace-gateway died and is being started again (since 30 s)',
      'no pipeline takes logs',
      'the newest spans are 3 h in the future',
    ]);
    expect(problems[1].detail).toContain('12 log records arrived, no LogPipeline runs.');
    expect(problems[0].detail).toBe('Killed by SIGKILL. It was started again 3 times. Senders are asked to retry.');
    expect(health).toMatchObject({
      state: 'failing',
      sentence: 'Process trace-gateway died and is being started again (since 30 s).',
    });
  });
});

describe('a pipeline that is no longer configured', () => {
  it('is said to deliver what it holds', () => {
    const scene = new Scene();
    scene.run(5, () => {
      scene.offered += 10;
      scene.flow(scene.jaeger, 10);
    });
    const snapshot = scene.snapshot();
    const [jaeger] = snapshot.pipelines;
    scene.snapshot = () => ({ ...snapshot, pipelines: [{ ...jaeger, retired: true }] });
    expect(scene.overview().pipelines[0]).toMatchObject({
      reason: 'NotConfigured',
      message: 'No longer in the configuration: it takes nothing new and delivers what it holds.',
    });
  });
});

describe('a process that died', () => {
  it('is a warning for five minutes after it runs again', () => {
    const scene = new Scene();
    const since = new Date(START_MS).toISOString();
    scene.facts = { processes: [{ workload: 'trace-gateway', state: 'running', since, restarts: 1 }] };
    scene.run(30);
    expect(scene.overview().problems).toMatchObject([
      { severity: 'warning', code: 'SL0622', title: 'process trace-gateway died and runs again (for 30 s)' },
    ]);
    scene.run(5 * MINUTE);
    expect(scene.overview().problems).toEqual([]);
  });

  it('is told from one that hangs', () => {
    const scene = new Scene();
    const since = new Date(START_MS).toISOString();
    const message = 'it has not answered for 12 s';
    scene.facts = {
      processes: [{ workload: 'trace-gateway', state: 'running', since, restarts: 0, pid: 42, message }],
    };
    scene.run(1);
    const [problem] = scene.overview().problems;
    expect(problem).toMatchObject({ severity: 'error', code: 'SL0622', title: 'process trace-gateway hangs' });
    expect(problem!.detail).toContain('It has not answered for 12 s. What it holds waits');
    expect(problem!.detail).toContain('It has the pid 42.');
  });
});

describe('the way of the first item', () => {
  const at = new Date(START_MS).toISOString();
  const answers = (scene: Scene) => scene.overview().progress.steps.map(({ id, answer }) => `${id} ${answer}`);

  it('stops at the first thing that did not happen', () => {
    const scene = new Scene();
    scene.run(1);
    expect(answers(scene)).toEqual(['listening yes', 'connected waiting']);
    scene.attempts = [
      {
        at,
        peer: '127.0.0.1:5',
        protocol: 'unknown',
        outcome: 'rejected',
        message: 'the sender spoke TLS',
        foreign: true,
      },
    ];
    expect(answers(scene).at(-1)).toBe('otlp no');
    expect(scene.overview().progress.steps.at(-1)).toMatchObject({
      code: 'SL0503',
      detail: '127.0.0.1:5: the sender spoke TLS.',
    });
    const message = 'no such path /v1/trace; did you mean /v1/traces?';
    scene.attempts = [{ at, peer: '127.0.0.1:6', protocol: 'http', outcome: 'rejected', message }, ...scene.attempts];
    expect(answers(scene).at(-1)).toBe('accepted no');
    expect(scene.overview().progress.steps.at(-1)?.detail).toContain('did you mean /v1/traces?');
    scene.offeredLogs = 3;
    expect(answers(scene).at(-1)).toBe('claimed no');
    scene.offered = 3;
    // What came belonged to a pipeline that is gone: nothing waits anywhere.
    expect(scene.overview().progress.steps.at(-1)).toMatchObject({
      answer: 'waiting',
      detail: 'Nothing has arrived for a pipeline that runs now.',
    });
    scene.jaeger.received = 3;
    scene.jaeger.held = 3;
    expect(answers(scene).at(-1)).toBe('delivered waiting');
    expect(scene.overview().progress.steps.at(-1)?.detail).toBe('It waits in the queue of its pipeline.');
    scene.auditExporter = failing('certificate');
    expect(scene.overview().progress.steps.at(-1)).toMatchObject({ answer: 'no', code: 'SL0505' });
    scene.jaeger.held = 0;
    scene.jaeger.delivered = 3;
    scene.newest = { traces: { receivedMs: START_MS, newestMs: START_MS - 7_200_000 } };
    expect(answers(scene).at(-1)).toBe('clock no');
    scene.newest = {};
    expect(answers(scene)).toHaveLength(8);
    expect(answers(scene).at(-1)).toBe('clock yes');
  });
});

describe('requests that were not taken', () => {
  it('are told by reason for five minutes, what is not OTLP with a code', () => {
    const scene = new Scene();
    const page = {
      at: new Date(START_MS).toISOString(),
      peer: '127.0.0.1:5',
      protocol: 'http',
      outcome: 'rejected',
      message: 'GET / asks for a page',
      foreign: true,
    } as const;
    const path = { ...page, message: 'no such path', foreign: undefined as never };
    scene.attempts = [path, { ...page, peer: '127.0.0.1:6' }, { ...page, outcome: 'accepted' }, page];
    expect(scene.overview().turnedAway).toEqual([
      { message: 'no such path', count: 1, last: path },
      { message: 'GET / asks for a page', count: 2, last: { ...page, peer: '127.0.0.1:6' }, code: 'SL0503' },
    ]);
    scene.run(6 * MINUTE);
    expect(scene.overview().turnedAway).toEqual([]);
  });
});

describe('buildLedger', () => {
  it('holds the known pipelines that run, with the row of the engine', () => {
    const scene = new Scene();
    scene.flow(scene.jaeger, 5);
    const { pipelines } = buildLedger(scene.snapshot(), [ref('jaeger'), ref('gone')]);
    expect(pipelines).toEqual([
      expect.objectContaining({ kind: 'TracePipeline', name: 'jaeger', received: 5, delivered: 5, unaccounted: 0 }),
    ]);
  });
});
