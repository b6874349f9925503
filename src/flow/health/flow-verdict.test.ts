import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BackendFailureKind } from '../backend-failure.ts';
import { CALM_MS, flowVerdict, type JudgedFlow } from './flow-verdict.ts';
import { FlowWindow, type ObservedFlow } from './flow-window.ts';
import type { ExporterFigures, MetricsSample } from './metrics-sample.ts';
import { takeSample } from './take-sample.ts';

const START = 1_700_000_000_000;
const STEP_MS = 10_000;
const CAPACITY = 1000;

const EXPORTER = 'otlp_grpc/tracepipeline-shop.eu';
const TRACES: ObservedFlow = {
  signal: 'traces',
  intakes: ['trace-gateway'],
  places: [
    {
      workload: 'trace-gateway',
      exporters: [EXPORTER],
      group: 'gateway',
      isLast: true,
      isFluentBit: false,
      refusesWhenFull: false,
    },
  ],
};

type Figures = Partial<ExporterFigures> & { accepted?: number; refused?: number; limited?: number; uptime?: number };

function sample(atMs: number, figures: Figures, exporter = EXPORTER): MetricsSample {
  const { accepted = 0, refused = 0, limited = 0, uptime = 1e6, ...own } = figures;
  return {
    atMs,
    exporters: {
      [exporter]: { sent: 0, sendFailed: 0, enqueueFailed: 0, queueSize: 0, queueCapacity: CAPACITY, ...own },
    },
    intake: { traces: { accepted, refused, refusedByLimiter: limited } },
    usage: { cpuSeconds: 0, rssBytes: 0, heapBytes: 0, uptimeSeconds: uptime },
  };
}

/** A manager that looks every ten seconds; a Pod whose figures are undefined does not answer. */
class Manager {
  readonly window = new FlowWindow();
  readonly verdicts: JudgedFlow['verdict'][] = [];
  nowMs = START;
  failure: BackendFailureKind | undefined;
  judged: JudgedFlow | undefined;
  readonly flow: ObservedFlow;

  constructor(flow: ObservedFlow = TRACES) {
    this.flow = flow;
  }

  look(pods: Readonly<Record<string, Figures | MetricsSample | undefined>>) {
    this.nowMs += STEP_MS;
    const [{ workload } = { workload: 'trace-gateway' }] = this.flow.places;
    this.window.expect(
      Object.keys(pods).map((pod) => ({ pod, workload, takesData: true })),
      this.nowMs,
    );
    for (const [pod, figures] of Object.entries(pods)) {
      if (figures === undefined) continue;
      this.window.add(pod, 'usage' in figures ? { ...figures, atMs: this.nowMs } : sample(this.nowMs, figures));
    }
    const facts = this.window.factsOf(this.flow, this.nowMs);
    this.judged = flowVerdict({ facts, nowMs: this.nowMs, failure: this.failure, previous: this.judged });
    this.verdicts.push(this.judged.verdict);
    return this.judged.verdict;
  }

  /** Looks as often as a time takes; `at`: figures after so many steps. */
  during(ms: number, at: (step: number) => Readonly<Record<string, Figures | undefined>>) {
    for (let step = 1; step <= ms / STEP_MS; step++) this.look(at(step));
    return this.judged!.verdict;
  }
}

describe('a flow', () => {
  it('is healthy when what is sent arrives', () => {
    const manager = new Manager();
    expect(manager.during(60_000, (i) => ({ a: { sent: i * 10 } }))).toEqual({
      reason: 'FlowHealthy',
      status: 'True',
      message: 'Data reaches the backend.',
    });
  });

  it('says that nothing came yet, and whether the gateway gets the signal at all', () => {
    const manager = new Manager();
    expect(manager.look({ a: {} })).toMatchObject({ reason: 'NoDataYet', status: 'Unknown' });
    expect(manager.look({ a: { accepted: 5 } }).message).toContain('takes none of them');
    expect(manager.look({ a: { accepted: 5, sent: 1 } }).reason).toBe('FlowHealthy');
  });

  it('says that data stays away after 15 minutes, and that it is back at once', () => {
    const manager = new Manager();
    manager.look({ a: { sent: 1, uptime: 10 } });
    expect(manager.during(890_000, () => ({ a: { sent: 1 } })).reason).toBe('FlowHealthy');
    expect(manager.during(30_000, () => ({ a: { sent: 1 } })).reason).toBe('NoDataForAWhile');
    expect(manager.look({ a: { sent: 2 } }).reason).toBe('FlowHealthy');
  });

  it('is not part of what runs without a place', () => {
    const manager = new Manager({ signal: 'traces', intakes: [], places: [] });
    expect(manager.look({})).toMatchObject({ reason: 'ConfigurationNotGenerated', status: 'False' });
  });

  it('is not known when nobody answers, and known again when one does', () => {
    const manager = new Manager();
    manager.during(60_000, (i) => ({ a: { sent: i } }));
    expect(manager.during(60_000, () => ({ a: undefined })).reason).toBe('FlowHealthy');
    expect(manager.during(60_000, () => ({ a: undefined }))).toMatchObject({
      reason: 'GatewayProbingFailed',
      status: 'Unknown',
    });
  });

  it('stays healthy while some Pods answer, and says that others do not', () => {
    const manager = new Manager();
    manager.during(60_000, (i) => ({ a: { sent: i }, b: { sent: i } }));
    const verdict = manager.during(180_000, (i) => ({ a: { sent: 6 + i }, b: undefined }));
    expect(verdict).toMatchObject({ status: 'True', message: expect.stringContaining('Some Pods do not tell') });
  });
});

describe('a dead backend', () => {
  it('is told within 40 seconds of the first item, by its cause as soon as that is known, with nothing lost', () => {
    const manager = new Manager();
    manager.look({ a: {} });
    manager.during(20_000, (i) => ({ a: { queueSize: 10 * i } }));
    expect(manager.judged?.verdict).toMatchObject({
      reason: 'NoDataYet',
      message: expect.stringMatching(/none was delivered/),
    });
    manager.during(20_000, (i) => ({ a: { queueSize: 20 + 10 * i } }));
    expect(manager.judged?.verdict).toMatchObject({ reason: 'GatewayBufferFillingUp', status: 'False' });
    expect(manager.judged?.verdict.message).toContain('The backend takes nothing. Nothing is lost yet');
    manager.failure = 'dns';
    expect(manager.look({ a: { queueSize: 100 } }).message).toContain('cannot be found by name');
    expect(manager.judged?.verdict.message).toMatch(/SL0502\)$/);
  });

  it('is told of one slow item as of many', () => {
    const manager = new Manager();
    expect(manager.during(50_000, () => ({ a: { queueSize: 1 } })).reason).toBe('GatewayBufferFillingUp');
  });

  it('is no dead backend while the queue is emptied', () => {
    const manager = new Manager();
    const verdict = manager.during(300_000, (i) => ({ a: { sent: 100 * i, queueSize: 500 } }));
    expect(verdict.reason).toBe('FlowHealthy');
  });

  it('drops all when the queue is full, then some when it is back, then none', () => {
    const manager = new Manager();
    manager.during(300_000, (i) => ({ a: { queueSize: Math.min(CAPACITY, 40 * i) } }));
    expect(manager.judged?.verdict.reason).toBe('GatewayBufferFillingUp');
    manager.failure = 'refused';
    manager.during(60_000, (i) => ({ a: { queueSize: CAPACITY, enqueueFailed: 10 * i } }));
    expect(manager.judged?.verdict).toMatchObject({ reason: 'GatewayAllTelemetryDataDropped', status: 'False' });
    manager.failure = undefined;
    manager.during(120_000, (i) => ({ a: { sent: 10 * i, enqueueFailed: 60 } }));
    expect(manager.judged?.verdict.reason).toBe('GatewaySomeTelemetryDataDropped');
    manager.during(360_000, (i) => ({ a: { sent: 120 + 10 * i, enqueueFailed: 60 } }));
    expect(manager.judged?.verdict.reason).toBe('FlowHealthy');
  });

  it('of one Pod is not hidden by others that deliver, and the Pod is named', () => {
    const manager = new Manager();
    manager.during(120_000, (i) => ({ a: { sent: 1000 * i }, b: { queueSize: i } }));
    expect(manager.judged?.verdict).toMatchObject({
      reason: 'GatewayBufferFillingUp',
      message: expect.stringContaining('The queue of Pod b fills'),
    });
    manager.during(60_000, (i) => ({ a: { sent: 12_000 + i }, b: { queueSize: CAPACITY, enqueueFailed: i } }));
    expect(manager.judged?.verdict).toMatchObject({
      reason: 'GatewaySomeTelemetryDataDropped',
      message: expect.stringContaining('Pod b drops spans and delivers none'),
    });
  });

  it('is still told when the Pod that lost something is gone, for five minutes', () => {
    const manager = new Manager();
    manager.look({ a: {}, b: { sent: 1 } });
    manager.during(20_000, (i) => ({ a: { sendFailed: i }, b: { sent: 1 + i } }));
    expect(manager.during(240_000, (i) => ({ b: { sent: 3 + i } })).reason).toBe('GatewaySomeTelemetryDataDropped');
    expect(manager.during(180_000, (i) => ({ b: { sent: 50 + i } })).reason).toBe('FlowHealthy');
  });
});

describe('a queue that refuses when it is full', () => {
  const BLOCK: ObservedFlow = { ...TRACES, places: [{ ...TRACES.places[0]!, refusesWhenFull: true }] };

  it('loses nothing: senders are told', () => {
    const manager = new Manager(BLOCK);
    manager.failure = 'refused';
    manager.during(120_000, (i) => ({ a: { queueSize: CAPACITY, enqueueFailed: 10 * i, refused: 10 * i } }));
    expect(manager.judged?.verdict.reason).toBe('GatewayBufferFillingUp');
    expect(manager.judged?.verdict.message).toContain(
      'spans are queued, and senders are refused once the queue is full',
    );
  });

  it('loses what its backend rejects', () => {
    const manager = new Manager(BLOCK);
    manager.look({ a: {} });
    expect(manager.look({ a: { sendFailed: 3 } }).reason).toBe('GatewayAllTelemetryDataDropped');
  });
});

describe('a slow backend', () => {
  it('is told when the queue is 80 % full for 30 seconds, with how soon it is full', () => {
    const manager = new Manager();
    manager.during(60_000, (i) => ({ a: { sent: i, queueSize: 790 } }));
    expect(manager.judged?.verdict.reason).toBe('FlowHealthy');
    manager.during(40_000, (i) => ({ a: { sent: 6 + i, queueSize: 800 + 10 * i } }));
    expect(manager.judged?.verdict).toMatchObject({ reason: 'GatewayBufferFillingUp' });
    expect(manager.judged?.verdict.message).toMatch(/takes less than is sent\. .* within minutes/);
  });
});

describe('figures', () => {
  it('of a restarted process count from 0', () => {
    const manager = new Manager();
    manager.during(30_000, (i) => ({ a: { sent: 1000 * i } }));
    manager.look({ a: { sent: 0, enqueueFailed: 3, uptime: 5 } });
    expect(manager.judged?.verdict.reason).toBe('GatewaySomeTelemetryDataDropped');
  });

  it('from before the manager looked are no loss of today', () => {
    const manager = new Manager();
    expect(manager.look({ a: { sent: 5, enqueueFailed: 1000, uptime: 86_400 } }).reason).toBe('FlowHealthy');
  });

  it('of a young process are of today', () => {
    const manager = new Manager();
    expect(manager.look({ a: { enqueueFailed: 1000, uptime: 60 } }).reason).toBe('GatewayAllTelemetryDataDropped');
  });

  it('of another pipeline whose name begins alike are not its own', () => {
    const manager = new Manager();
    const other = sample(START, { enqueueFailed: 5, uptime: 60 }, 'otlp_grpc/tracepipeline-shop');
    expect(manager.look({ a: other }).reason).toBe('NoDataYet');
  });
});

describe('throttling', () => {
  it.each([
    ['the memory limiter', { refused: 5, limited: 5 }, /memory limit/],
    ['a disk', { refused: 5, diskFailing: 1 }, /^A disk for the queue of this pipeline fails or is full/],
    ['another cause', { refused: 5 }, /could not pass on/],
  ])('by %s is told', (_, figures, message) => {
    const manager = new Manager();
    manager.look({ a: { sent: 1 } });
    const verdict = manager.look({ a: { sent: 2, ...figures } });
    expect(verdict).toMatchObject({ reason: 'GatewayThrottling', message: expect.stringMatching(message) });
    expect(manager.during(300_000, (i) => ({ a: { sent: 2 + i, ...figures } })).reason).toBe('GatewayThrottling');
    expect(manager.during(90_000, (i) => ({ a: { sent: 90 + i, ...figures } })).reason).toBe('FlowHealthy');
  });

  it('comes after a loss', () => {
    const manager = new Manager();
    manager.look({ a: {} });
    expect(manager.look({ a: { refused: 5, sendFailed: 1 } }).reason).toBe('GatewayAllTelemetryDataDropped');
  });
});

const LOGS = (alias: string): ObservedFlow => ({
  signal: 'logs',
  intakes: [],
  places: [
    {
      workload: 'fluent-bit',
      exporters: [alias],
      group: 'agent',
      isLast: true,
      isFluentBit: true,
      refusesWhenFull: false,
    },
  ],
});

function recorded(seconds: 8 | 60): MetricsSample {
  const file = join(import.meta.dirname, `recorded/fluent-bit-5.1.1-${seconds}s.txt`);
  const taken = takeSample(readFileSync(file, 'utf8'), START);
  if (taken.status !== 'taken') throw new Error(taken.problem);
  return taken.sample;
}

describe('a Fluent Bit', () => {
  it('whose output loses all, as it was recorded, says so, and its neighbour is healthy', () => {
    for (const [alias, reason] of [
      ['dead', 'AgentAllTelemetryDataDropped'],
      ['healthy', 'FlowHealthy'],
    ] as const) {
      const manager = new Manager(LOGS(alias));
      manager.look({ node1: recorded(8) });
      expect(manager.look({ node1: recorded(60) }).reason).toBe(reason);
    }
  });

  const of = (output: { sent?: number; dropped?: number }, input: { bytes?: number; down?: number }) => ({
    ...sample(0, {}, 'unused'),
    fluentBit: {
      outputs: {
        app: {
          sentRecords: output.sent ?? 0,
          sentBytes: 0,
          droppedRecords: output.dropped ?? 0,
          retries: 0,
          retriesFailed: 0,
          errors: 0,
        },
      },
      inputs: { app: { bytes: input.bytes ?? 0, chunksDown: input.down ?? 0 } },
    },
  });

  it('that reads and delivers nothing for a minute says so before anything is lost', () => {
    const manager = new Manager(LOGS('app'));
    for (let i = 0; i < 9; i++) manager.look({ node1: of({}, { bytes: 100 * i }) });
    expect(manager.judged?.verdict.reason).toBe('AgentNoLogsDelivered');
  });

  it('that piles up chunks on disk says so', () => {
    const manager = new Manager(LOGS('app'));
    manager.look({ node1: of({ sent: 1 }, { bytes: 1 }) });
    expect(manager.look({ node1: of({ sent: 2 }, { bytes: 2, down: 301 }) }).reason).toBe('AgentBufferFillingUp');
  });

  it('that loses some and delivers others says so', () => {
    const manager = new Manager(LOGS('app'));
    manager.look({ node1: of({ sent: 1 }, { bytes: 1 }) });
    expect(manager.look({ node1: of({ sent: 2, dropped: 1 }, { bytes: 2 }) }).reason).toBe(
      'AgentSomeTelemetryDataDropped',
    );
  });
});

describe('whatever happens', () => {
  const step = fc.record({
    sent: fc.nat(50),
    sendFailed: fc.constantFrom<number>(0, 0, 0, 0, 3),
    enqueueFailed: fc.constantFrom<number>(0, 0, 0, 0, 3),
    refused: fc.constantFrom<number>(0, 0, 0, 2),
    queueSize: fc.nat(CAPACITY),
    isSilent: fc.constantFrom<boolean>(false, false, false, true),
    isRestarted: fc.constantFrom<boolean>(false, false, false, false, false, true),
    failure: fc.constantFrom<BackendFailureKind | undefined>(undefined, 'refused', 'timeout', 'rejected'),
  });

  /** Times of trouble and of calm, long enough for verdicts to become better. */
  const calm = { sent: 5, sendFailed: 0, enqueueFailed: 0, refused: 0, queueSize: 0, isSilent: false };
  const phase = fc.oneof(
    fc.array(step, { minLength: 1, maxLength: 6 }),
    fc.nat(45).map((n) => Array.from({ length: n }, () => ({ ...calm, isRestarted: false, failure: undefined }))),
  );
  const walks = fc.array(phase, { maxLength: 24 }).map((phases) => phases.flat());

  function walk(steps: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[]): Manager {
    const manager = new Manager();
    let sum = { sent: 0, sendFailed: 0, enqueueFailed: 0, refused: 0 };
    for (const { isSilent, isRestarted, failure, queueSize, ...more } of steps) {
      if (isRestarted) sum = { sent: 0, sendFailed: 0, enqueueFailed: 0, refused: 0 };
      sum = {
        sent: sum.sent + more.sent,
        sendFailed: sum.sendFailed + more.sendFailed,
        enqueueFailed: sum.enqueueFailed + more.enqueueFailed,
        refused: sum.refused + more.refused,
      };
      manager.failure = failure;
      manager.look({ a: isSilent ? undefined : { ...sum, queueSize } });
    }
    return manager;
  }

  it('a verdict is well formed, its message is short and has no fast figures', () => {
    fc.assert(
      fc.property(walks, (steps) => {
        for (const { message, reason, status } of walk(steps).verdicts) {
          expect(message.length).toBeLessThanOrEqual(256);
          expect(message.replace(/SL\d{4}|\b15 minutes/g, '')).not.toMatch(/\d/);
          expect(status === 'True').toBe(reason === 'FlowHealthy');
        }
      }),
    );
  });

  it('a verdict becomes better only after a calm minute, so that its status changes at most twice a minute', () => {
    let improvements = 0;
    fc.assert(
      fc.property(walks, (steps) => {
        const { verdicts } = walk(steps);
        const isBad = verdicts.map(({ status }) => status === 'False');
        const changes = isBad.filter((bad, i) => i > 0 && bad !== isBad[i - 1]);
        expect(changes.length).toBeLessThanOrEqual(2 * Math.ceil((steps.length * STEP_MS) / CALM_MS) + 1);
        for (let i = 1; i < verdicts.length; i++) {
          if (isBad[i] || !isBad[i - 1]) continue;
          improvements += 1;
          const before = verdicts.slice(Math.max(0, i - CALM_MS / STEP_MS), i);
          expect(before.every(({ reason }) => reason === verdicts[i - 1]!.reason)).toBe(true);
        }
      }),
    );
    expect(improvements).toBeGreaterThan(10);
  });

  it('a queue that wavers around its limits changes the words at most twice a minute: worse at once, better after a calm one', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 600, max: 1000 }), { minLength: 60, maxLength: 60 }), (sizes) => {
        const manager = new Manager();
        const messages = sizes.map((queueSize, i) => manager.look({ a: { sent: i, queueSize } }).message);
        const changes = messages.filter((message, i) => i > 0 && message !== messages[i - 1]);
        expect(changes.length).toBeLessThanOrEqual((2 * messages.length) / 6 + 1);
      }),
    );
  });
});
