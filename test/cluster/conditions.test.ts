import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REASONS } from '../../src/diagnostics/index.ts';
import type { KubeClient, KubeObject } from '../../src/kube/index.ts';
import type { RunningOperator } from '../../src/operator/index.ts';
import { type ControlPlane, requireControlPlane, startControlPlane } from '../testkit/control-plane.ts';
import { createFastClock } from '../testkit/fast-clock.ts';
import { kubeClient, recordedLog } from '../testkit/kube.ts';
import {
  OPERATOR_NAMESPACE,
  type PlayedNode,
  playNode,
  prepareForOperator,
  startOperator,
} from '../testkit/operator.ts';
import {
  collectorMetrics,
  loopbackAddresses,
  type PodMetrics,
  recordedFluentBit,
  recordedOutput,
  startPodMetrics,
} from '../testkit/pod-metrics.ts';
import { createAuthority } from '../testkit/tls/authority.ts';
import { waitFor } from '../testkit/wait-for.ts';
import { type ConditionHistory, type SeenCondition, startConditionHistory } from './condition-history.ts';

/*
 * Every reason that a condition can have, on the objects in a real API server. The clock of the operator is five times as fast, and
 * is set forward once, so that a quarter of an hour without data need not be waited for.
 */

const peer = requireControlPlane();
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';

const FASTER = 5;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const authority = createAuthority('corp-ca');
const clientCertificate = (fromDays: number, toDays: number) => {
  const at = (days: number) => new Date(Date.now() + days * DAY_MS);
  const { certPem, keyPem } = authority.issue({ notBefore: at(fromDays), notAfter: at(toDays) });
  return { ca: { value: authority.certPem }, cert: { value: certPem }, key: { value: keyPem } };
};

const SMALL = { buffer: { maxSize: '1Mi' } };
const PULLED = { otlp: { enabled: false }, runtime: { enabled: true } };
const PUSHED = { otlp: { enabled: true }, runtime: { enabled: false } };

function pipeline(id: string, spec: object): object {
  const [kind, name] = id.split('/');
  return { apiVersion: 'telemetry.kyma-project.io/v1beta1', kind, metadata: { name }, spec };
}
const sending = (otlp: object = {}, rest: object = {}) => ({
  output: { otlp: { endpoint: { value: 'https://backend.example.com:4317' }, ...otlp } },
  delivery: SMALL,
  ...rest,
});
const inSecret = (name: string, key: string) => ({
  valueFrom: { secretKeyRef: { namespace: 'default', name, key } },
});
const toFluentBit = (rest: object = {}) => ({ output: { http: { host: { value: 'logs.example.com' } } }, ...rest });

/** What is applied at once when the workloads of the first pipelines run. */
const MANY: Readonly<Record<string, object>> = {
  'TracePipeline/expires-soon': sending({ tls: clientCertificate(-30, 5) }),
  'TracePipeline/expired': sending({ tls: clientCertificate(-30, -1) }),
  'TracePipeline/no-pem': sending({ tls: { ca: { value: 'no PEM' } } }),
  'TracePipeline/no-scheme': sending({ protocol: 'http', endpoint: inSecret('backend', 'endpoint') }),
  'TracePipeline/no-secret': sending({ endpoint: inSecret('nowhere', 'endpoint') }),
  'TracePipeline/too-large': sending({}, { delivery: { buffer: { maxSize: '4Gi' } } }),
  'TracePipeline/misspelt': sending({}, { transform: [{ statements: ['sett(span.name, "x")'] }] }),
  'MetricPipeline/no-such-metric': sending(
    {},
    { input: { runtime: { enabled: true, additionalMetrics: ['k8s.pod.uptme'] } } },
  ),
  'LogPipeline/forbidden-section': toFluentBit({ filters: [{ custom: 'Name grep\nMatch *\n' }] }),
  'TracePipeline/flowing': sending(),
  'TracePipeline/idle': sending(),
  'TracePipeline/fell-silent': sending(),
  'TracePipeline/stuck': sending(),
  'TracePipeline/dropping': sending(),
  'TracePipeline/dropping-some': sending(),
  'MetricPipeline/throttled': sending(),
  'MetricPipeline/agent-unseen': sending({}, { input: PULLED }),
  'LogPipeline/gateway-unseen': sending({}, { input: PUSHED }),
  'LogPipeline/agent-dropping': sending({}, { input: PULLED }),
  'LogPipeline/agent-dropping-some': sending({}, { input: PULLED }),
  'LogPipeline/agent-stuck': sending({}, { input: PULLED }),
  'LogPipeline/healthy': toFluentBit(),
  'LogPipeline/dead': toFluentBit(),
  'LogPipeline/undelivered': toFluentBit(),
  'LogPipeline/on-disk': toFluentBit(),
  'MetricPipeline/blocking': sending({}, { delivery: { buffer: { maxSize: '1Mi', onFull: 'Block' } } }),
  'MetricPipeline/delta': sending(
    { temporality: 'delta' },
    { delivery: { ...SMALL, guarantee: 'AtLeastOnce' }, input: PUSHED },
  ),
  'MetricPipeline/scraped': sending({}, { delivery: { ...SMALL, guarantee: 'AtLeastOnce' }, input: PULLED }),
  'LogPipeline/rotated': sending({}, { delivery: { ...SMALL, guarantee: 'AtLeastOnce' }, input: PULLED }),
};

interface Row {
  readonly reason: string;
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  /** Kind and name of the object that has it. */
  readonly on: string;
  readonly produced: string;
}

function row(reason: string, given: string, on: string, produced: string): Row {
  const [type = '', status] = given.split('=');
  return { reason, type, status: status as Row['status'], on, produced };
}

const CONFIG = 'ConfigurationGenerated';
const FLOW = 'TelemetryFlowHealthy';

/** Each reason → how it is produced, and where it shows. The parts are in the order in which they happen. */
const ROWS = {
  'before there is a pipeline': [
    row('NoPipelineDeployed', 'TraceComponentsHealthy=True', 'Telemetry/default', 'no pipeline exists'),
    row('NoPipelineDeployed', 'Ready=True', 'Telemetry/default', 'no pipeline exists'),
  ],
  'while the first Pods start': [
    row('RolloutInProgress', 'GatewayHealthy=Unknown', 'TracePipeline/first', 'Pods exist, and none is ready'),
    row('RolloutInProgress', 'Reconciling=True', 'TracePipeline/first', 'Pods exist, and none is ready'),
    row('RolloutInProgress', 'Ready=Unknown', 'TracePipeline/first', 'Pods exist, and none is ready'),
    row('NoDataYet', `${FLOW}=Unknown`, 'TracePipeline/first', 'nothing has judged the flow yet'),
  ],
  'when they run': [
    row('GatewayConfigured', `${CONFIG}=True`, 'TracePipeline/first', 'the pipeline is valid'),
    row('GatewayReady', 'GatewayHealthy=True', 'TracePipeline/first', 'all Pods are ready'),
    row('ComponentsRunning', 'TraceComponentsHealthy=True', 'Telemetry/default', 'all Pods are ready'),
    row('NoDataYet', 'Ready=True', 'TracePipeline/first', 'nobody sends anything'),
  ],
  'when Pods end again and again': [
    row('GatewayNotReady', 'GatewayHealthy=False', 'MetricPipeline/first', 'the gateway never ran'),
    row('AgentNotReady', 'AgentHealthy=False', 'MetricPipeline/first', 'the agent never ran'),
    row('GatewayNotReady', 'MetricComponentsHealthy=False', 'Telemetry/default', 'it is the worst of the pipelines'),
    row('GatewayNotReady', 'Ready=False', 'Telemetry/default', 'it is the worst of the pipelines'),
  ],
  'when an edit makes them end': [
    row('CollectorCrashed', `${CONFIG}=False`, 'TracePipeline/first', 'the Pods with the edit end at their start'),
    row('CollectorCrashed', 'Stalled=True', 'TracePipeline/first', 'only another edit helps'),
  ],
  'with many pipelines, by their configuration': [
    row('AgentConfigured', `${CONFIG}=True`, 'LogPipeline/healthy', 'Fluent Bit runs the pipeline'),
    row('AgentReady', 'AgentHealthy=True', 'LogPipeline/healthy', 'all Pods of Fluent Bit are ready'),
    row('AgentNotRequired', 'AgentHealthy=True', 'MetricPipeline/throttled', 'no input needs an agent'),
    row('AgentNotRequired', 'AgentHealthy=True', 'LogParser/unused', 'Fluent Bit does not run yet'),
    row('TLSCertificateAboutToExpire', `${CONFIG}=True`, 'TracePipeline/expires-soon', 'five days are left'),
    row('TLSCertificateAboutToExpire', 'Ready=True', 'TracePipeline/expires-soon', 'five days are left'),
    row('TLSCertificateExpired', `${CONFIG}=False`, 'TracePipeline/expired', 'it ended yesterday'),
    row('TLSConfigurationInvalid', `${CONFIG}=False`, 'TracePipeline/no-pem', 'the CA is no PEM'),
    row(
      'EndpointInvalid',
      `${CONFIG}=False`,
      'TracePipeline/no-scheme',
      'the Secret holds an address without a scheme',
    ),
    row('EndpointInvalid', 'Stalled=True', 'TracePipeline/no-scheme', 'it stays so until somebody edits'),
    row('ReferencedSecretMissing', `${CONFIG}=False`, 'TracePipeline/no-secret', 'there is no such Secret'),
    row('MaxPipelinesExceeded', `${CONFIG}=False`, 'TracePipeline/too-large', 'its queue is larger than the memory'),
    row('OTTLSpecInvalid', `${CONFIG}=False`, 'TracePipeline/misspelt', 'there is no such function'),
    row('OTTLSpecInvalid', 'Stalled=True', 'TracePipeline/misspelt', 'only an edit helps'),
    row('RuntimeAdditionalMetricInvalid', `${CONFIG}=False`, 'MetricPipeline/no-such-metric', 'it is misspelt'),
    row('ValidationFailed', `${CONFIG}=False`, 'LogPipeline/forbidden-section', 'a section sets `Match`'),
    row(
      'GatewayConfigurationNotGenerated',
      'GatewayHealthy=False',
      'TracePipeline/misspelt',
      'no generation was ever valid',
    ),
    row('ConfigurationNotGenerated', `${FLOW}=False`, 'TracePipeline/misspelt', 'no generation was ever valid'),
    row('FullQueueRefusesSiblings', 'IsolationLimited=True', 'MetricPipeline/blocking', 'its own queue refuses'),
    row('SiblingQueueRefuses', 'IsolationLimited=True', 'MetricPipeline/throttled', 'the queue of another refuses'),
    row('CollectedInMemory', 'GuaranteeWeakened=True', 'MetricPipeline/scraped', 'an agent collects, AtLeastOnce'),
    row('LogFilesRotate', 'GuaranteeWeakened=True', 'LogPipeline/rotated', 'an agent reads files, AtLeastOnce'),
    row('DeltaStateInMemory', 'GuaranteeWeakened=True', 'MetricPipeline/delta', 'made delta, AtLeastOnce'),
  ],
  'with many pipelines, by what their Pods tell': [
    row('FlowHealthy', `${FLOW}=True`, 'TracePipeline/flowing', 'its exporter sends'),
    row('FlowHealthy', 'Ready=True', 'TracePipeline/flowing', 'its exporter sends'),
    row('NoDataYet', `${FLOW}=Unknown`, 'TracePipeline/idle', 'its exporter has sent nothing since it started'),
    row('GatewayBufferFillingUp', `${FLOW}=False`, 'TracePipeline/stuck', 'items wait, and none is sent'),
    row('GatewayBufferFillingUp', 'Ready=False', 'TracePipeline/stuck', 'items wait, and none is sent'),
    row('GatewayAllTelemetryDataDropped', `${FLOW}=False`, 'TracePipeline/dropping', 'sending fails, for good'),
    row('GatewaySomeTelemetryDataDropped', `${FLOW}=False`, 'TracePipeline/dropping-some', 'some fails, some is sent'),
    row('GatewayThrottling', `${FLOW}=False`, 'MetricPipeline/throttled', 'the gateway refuses at its memory limit'),
    row('GatewayProbingFailed', `${FLOW}=Unknown`, 'LogPipeline/gateway-unseen', 'the gateway has no address'),
    row('AgentProbingFailed', `${FLOW}=Unknown`, 'MetricPipeline/agent-unseen', 'the agent has no address'),
    row('AgentAllTelemetryDataDropped', `${FLOW}=False`, 'LogPipeline/agent-dropping', 'sending fails, for good'),
    row(
      'AgentSomeTelemetryDataDropped',
      `${FLOW}=False`,
      'LogPipeline/agent-dropping-some',
      'some fails, some is sent',
    ),
    row('AgentBufferFillingUp', `${FLOW}=False`, 'LogPipeline/agent-stuck', 'items wait, and none is sent'),
  ],
  'with Fluent Bit, by what a real one was recorded to tell': [
    row('FlowHealthy', `${FLOW}=True`, 'LogPipeline/healthy', 'as recorded of a backend that takes logs'),
    row('AgentAllTelemetryDataDropped', `${FLOW}=False`, 'LogPipeline/dead', 'as recorded of one that nobody runs'),
    row('AgentNoLogsDelivered', `${FLOW}=False`, 'LogPipeline/undelivered', 'the same without what was dropped'),
    row('AgentBufferFillingUp', `${FLOW}=False`, 'LogPipeline/on-disk', 'the healthy one with 400 chunks on disk'),
  ],
  'a quarter of an hour later': [
    row('NoDataForAWhile', `${FLOW}=Unknown`, 'TracePipeline/fell-silent', 'what was sent stays as it was'),
  ],
  'when a pipeline is deleted whose queue is on disk': [
    row('BacklogsDraining', 'Draining=True', 'Telemetry/default', 'items still wait in its queue'),
  ],
  'when the Telemetry resource is deleted': [
    row('ResourceBlocksDeletion', 'TraceComponentsHealthy=False', 'Telemetry/default', 'pipelines exist'),
    row('ResourceBlocksDeletion', 'Ready=False', 'Telemetry/default', 'pipelines exist'),
  ],
} as const satisfies Readonly<Record<string, readonly Row[]>>;

/** Reasons that no test can produce, and why. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  FipsModeEnabled: 'a FIPS mode is out of scope; the word is explained for those who come from upstream',
};

const ALL_ROWS: readonly Row[] = Object.values(ROWS).flat();

describe('the table of conditions', () => {
  it('has every reason that is registered for a cluster, or says why not', () => {
    const registered = REASONS.filter(({ condition }) => condition !== 'status').map(({ reason }) => reason);
    const shown = new Set(ALL_ROWS.map(({ reason }) => reason));
    expect(registered.filter((reason) => !shown.has(reason) && EXCEPTIONS[reason] === undefined)).toEqual([]);
    expect(Object.keys(EXCEPTIONS).filter((reason) => shown.has(reason) || !registered.includes(reason))).toEqual([]);
  });

  it('and the page about troubles have every reason that is no good news', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/troubleshooting.md'), 'utf8');
    const bad = REASONS.filter(({ condition, status }) => condition !== 'status' && status !== 'True');
    const missing = bad.filter(({ reason }) => !page.includes(`\`${reason}\``) && EXCEPTIONS[reason] === undefined);
    expect(missing.map(({ reason }) => reason)).toEqual([]);
  });

  it('has no reason that nobody explains', () => {
    const explained = new Set(REASONS.map(({ reason }) => reason));
    expect(ALL_ROWS.filter(({ reason }) => !explained.has(reason))).toEqual([]);
  });
});

describe.skipIf(peer.status === 'missing')(`conditions in a real API server${skipNote}`, () => {
  const clock = createFastClock(FASTER);
  const log = recordedLog();
  const nextAddress = loopbackAddresses();
  const addresses: Readonly<Record<string, string>> = {
    'telemetry-trace-gateway': nextAddress(),
    'telemetry-metric-gateway': nextAddress(),
    'telemetry-log-agent': nextAddress(),
    'telemetry-fluent-bit': nextAddress(),
  };
  const servers: PodMetrics[] = [];
  let plane: ControlPlane;
  let client: KubeClient;
  let operatorClient: KubeClient;
  let node: PlayedNode | undefined;
  let operator: RunningOperator | undefined;
  let history: ConditionHistory;

  beforeAll(async () => {
    plane = await startControlPlane({ scheduler: false });
    await prepareForOperator(plane);
    client = await kubeClient(plane.kubeconfig);
    operatorClient = await kubeClient(plane.kubeconfig);
    history = await startConditionHistory(client);
    servers.push(...(await startAllMetrics(addresses)));
    operator = await startOperator(operatorClient, log, { clock });
    await plane.apply([TELEMETRY]);
  });
  afterAll(async () => {
    await operator?.stop();
    await node?.stop();
    await history?.stop();
    await Promise.all(servers.map((server) => server.stop()));
    await operatorClient?.close();
    await client?.close();
    await plane?.stop();
  });

  const seen = ({ reason, type, status, on }: Row): SeenCondition | undefined =>
    history.versions
      .filter(({ id }) => id === on)
      .flatMap(({ conditions }) => conditions)
      .find((one) => one.type === type && one.reason === reason && one.status === status);
  const newest = (on: string) => history.versions.findLast(({ id }) => id === on);
  const wordsOf = (on: string) =>
    (newest(on)?.conditions ?? []).map(({ type, status, reason }) => `${type}=${status} ${reason}`);
  /** Waits for all rows of a part; tells of those that are missing what their objects say instead. */
  const allSeen = async (part: keyof typeof ROWS, timeoutMs = 40_000) => {
    const missing = () => ROWS[part].filter((one) => seen(one) === undefined);
    await waitFor(part, () => missing().length === 0, { timeoutMs, pollMs: 50 }).catch(() => {});
    expect(missing().map((one) => `${one.reason} of ${one.on}, but ${wordsOf(one.on).join(', ')}`)).toEqual([]);
  };

  it('before there is a pipeline', () => allSeen('before there is a pipeline'));

  it('while the first Pods start', async () => {
    await plane.apply([pipeline('TracePipeline/first', sending())]);
    await allSeen('while the first Pods start');
  });

  it('when they run', async () => {
    node = playNode(client);
    node.addressOf = ({ metadata }) => addresses[metadata.labels?.['app.kubernetes.io/name'] ?? ''];
    await allSeen('when they run');
    const wait = ['wait', '--for=condition=Ready', 'tracepipeline/first', '--timeout=20s'];
    expect(await plane.run(wait)).toContain('condition met');
    await plane.run(['wait', '--for=condition=Ready', 'telemetry/default', '-n', OPERATOR_NAMESPACE, '--timeout=20s']);
    expect(wordsOf('TracePipeline/first')[0]).toBe('Ready=True NoDataYet');
  });

  it('when Pods end again and again', async () => {
    node!.crash = (pod) => (nameOf(pod).includes('metric') ? { exitCode: 1, message: 'cannot start' } : undefined);
    await plane.apply([
      pipeline('MetricPipeline/first', sending({}, { input: { runtime: { enabled: true } } })),
      { ...LOG_PARSER },
    ]);
    await allSeen('when Pods end again and again');
    node!.crash = () => undefined;
    await waitFor('the metric gateway runs', () => wordsOf('MetricPipeline/first').includes(READY_GATEWAY));
  });

  it('when an edit makes them end', async () => {
    const wellKnown = new Set((await configMaps(plane)).filter((name) => name.includes('trace-gateway')));
    node!.crash = (pod) => {
      const mounted = JSON.stringify(pod['spec']);
      const isNew = nameOf(pod).includes('trace-gateway') && ![...wellKnown].some((name) => mounted.includes(name));
      return isNew ? { exitCode: 1, message: 'cannot build: otlp_grpc/tracepipeline-first' } : undefined;
    };
    await plane.apply([pipeline('TracePipeline/first', sending({ compression: 'none' }))]);
    await allSeen('when an edit makes them end');
    node!.crash = () => undefined;
  });

  it('with many pipelines, by their configuration', async () => {
    await plane.apply([
      secretOf('backend', { endpoint: 'backend:4318' }),
      ...Object.entries(MANY).map(([id, spec]) => pipeline(id, spec)),
    ]);
    await allSeen('with many pipelines, by their configuration');
  });

  it('with many pipelines, by what their Pods tell', () => allSeen('with many pipelines, by what their Pods tell'));

  it('with Fluent Bit, by what a real one was recorded to tell', () =>
    allSeen('with Fluent Bit, by what a real one was recorded to tell'));

  it('shows in the columns of `kubectl get` what stands in the conditions', async () => {
    const lines = await plane.run(['get', 'tracepipelines']);
    expect(lines).toMatch(/^NAME +OUTPUT +READY +STATUS +AGE\n/);
    expect(lines).toMatch(/^flowing +https:\/\/backend\.example\.com:4317 +True +FlowHealthy /m);
    expect(lines).toMatch(/^idle +\S+ +True +NoDataYet /m);
    expect(lines).toMatch(/^stuck +\S+ +False +GatewayBufferFillingUp /m);
    expect(lines).toMatch(/^no-scheme +secret:default\/backend#endpoint +False +EndpointInvalid /m);
    const logs = await plane.run(['get', 'logpipelines', '-o', 'wide']);
    expect(logs).toMatch(/^NAME +OUTPUT +READY +STATUS +CONFIG +GATEWAY +AGENT +FLOW +MESSAGE +AGE\n/);
    expect(logs).toMatch(
      /^agent-dropping +\S+ +False +AgentAllTelemetryDataDropped +True +True +True +False +The backend /m,
    );
    const telemetry = await plane.run(['get', 'telemetry', '-n', OPERATOR_NAMESPACE]);
    expect(telemetry).toMatch(/^NAME +STATE +ENDPOINT +AGE\ndefault +Warning +\S*telemetry-otlp\.\S+ /);
    const explained = await plane.run(['explain', 'tracepipeline.status.conditions.reason']);
    expect(explained).toContain('DESCRIPTION:');
  });

  it('answers `kubectl wait` with the truth', async () => {
    await plane.run(['wait', '--for=condition=Ready', 'tracepipeline/flowing', 'tracepipeline/idle', '--timeout=20s']);
    await plane.run(['wait', '--for=condition=Ready=false', 'tracepipeline/stuck', '--timeout=20s']);
    const stalled = await plane.run(['wait', '--for=condition=Stalled', 'tracepipeline/misspelt', '--timeout=20s']);
    expect(stalled).toContain('condition met');
  });

  it('a quarter of an hour later', async () => {
    await waitFor('it flowed', () => wordsOf('TracePipeline/fell-silent').includes(`${FLOW}=True FlowHealthy`));
    clock.leap(16 * MINUTE_MS);
    await allSeen('a quarter of an hour later');
  });

  it('an edit that changes the mistake keeps the time, one that corrects it sets it', async () => {
    const of = () => newest('TracePipeline/misspelt')!.conditions.find(({ type }) => type === CONFIG)!;
    const before = of();
    await plane.apply([pipeline('TracePipeline/misspelt', sending({ endpoint: inSecret('nowhere', 'x') }))]);
    await waitFor('the other mistake', () => of().reason === 'ReferencedSecretMissing');
    expect(of()).toMatchObject({ lastTransitionTime: before.lastTransitionTime, observedGeneration: 2 });
    await plane.apply([pipeline('TracePipeline/misspelt', sending())]);
    await waitFor('the correction', () => of().status === 'True');
    expect(of().observedGeneration).toBe(3);
    expect(Date.parse(of().lastTransitionTime)).toBeGreaterThan(Date.parse(before.lastTransitionTime));
    expect(wordsOf('TracePipeline/misspelt').filter((word) => word.startsWith('Stalled'))).toEqual([]);
  });

  it('when a pipeline is deleted whose queue is on disk', async () => {
    await plane.run(['delete', 'metricpipeline', 'delta']);
    await allSeen('when a pipeline is deleted whose queue is on disk');
  });

  it('when the Telemetry resource is deleted', async () => {
    await plane.run(['delete', 'telemetry', 'default', '-n', OPERATOR_NAMESPACE, '--wait=false']);
    await allSeen('when the Telemetry resource is deleted');
  });

  describe('in every version of every object', () => {
    it('times move with the status of a condition, and with nothing else', () => {
      const wrong: string[] = [];
      const last = new Map<string, SeenCondition>();
      for (const { id, conditions } of history.versions) {
        for (const condition of conditions) {
          const key = `${id} ${condition.type}`;
          const before = last.get(key);
          last.set(key, condition);
          if (before?.status === condition.status && before.lastTransitionTime !== condition.lastTransitionTime) {
            wrong.push(`${key}: ${before.reason} → ${condition.reason}`);
          }
        }
        // One that went comes back with a time of its own.
        for (const type of ['Stalled', 'Reconciling', 'IsolationLimited', 'GuaranteeWeakened']) {
          if (!conditions.some((one) => one.type === type)) last.delete(`${id} ${type}`);
        }
      }
      expect(wrong).toEqual([]);
      expect(history.versions.length).toBeGreaterThan(ALL_ROWS.length);
    });

    it('all conditions are about the same generation, and about none that is not there yet', () => {
      const wrong = history.versions.filter(
        ({ generation, observedGeneration, conditions }) =>
          conditions.some((one) => one.observedGeneration !== observedGeneration) ||
          (observedGeneration ?? 0) > generation,
      );
      expect(wrong).toEqual([]);
    });

    it('each reason is one of the table, with the status that is explained for it', () => {
      const inTable = new Set(ALL_ROWS.map(({ reason }) => reason));
      const explained = new Map(REASONS.map(({ reason, status }) => [reason, status]));
      const all = history.versions.flatMap(({ id, conditions }) => conditions.map((one) => ({ id, ...one })));
      expect(all.filter(({ reason }) => !inTable.has(reason))).toEqual([]);
      const primary = [CONFIG, FLOW, 'AgentHealthy', 'IsolationLimited', 'GuaranteeWeakened'];
      const unlike = all.filter(
        ({ type, reason, status }) =>
          primary.includes(type) && reason !== 'RolloutInProgress' && explained.get(reason) !== status,
      );
      expect(unlike).toEqual([]);
    });

    it('a message is a line of at most 256 characters', () => {
      const messages = history.versions.flatMap(({ conditions }) => conditions.map(({ message }) => message));
      expect(messages.filter((message) => message.length > 256 || message === '' || message.includes('\n'))).toEqual(
        [],
      );
    });

    it('`Ready` comes first, and says what another condition says', () => {
      const wrong = history.versions.filter(({ conditions }) => {
        const [ready, ...others] = conditions;
        if (ready === undefined || conditions.every(({ type }) => type !== 'Ready')) return false;
        const source = others.find(({ reason, message }) => reason === ready.reason && message === ready.message);
        return ready.type !== 'Ready' || source === undefined;
      });
      expect(wrong).toEqual([]);
    });
  });
});

const READY_GATEWAY = 'GatewayHealthy=True GatewayReady';

const TELEMETRY = {
  apiVersion: 'operator.kyma-project.io/v1beta1',
  kind: 'Telemetry',
  metadata: { name: 'default', namespace: OPERATOR_NAMESPACE },
  // What the stock Collector cannot promise is among the conditions.
  spec: { collector: { distribution: 'otelcol' } },
};

const LOG_PARSER = {
  apiVersion: 'telemetry.kyma-project.io/v1alpha1',
  kind: 'LogParser',
  metadata: { name: 'unused' },
  spec: { parser: 'Format regex\nRegex ^(?<word>\\w+)$\n' },
};

function secretOf(name: string, stringData: Readonly<Record<string, string>>): object {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'default' }, stringData };
}

function nameOf({ metadata }: KubeObject): string {
  return metadata.labels?.['app.kubernetes.io/name'] ?? '';
}

async function configMaps(plane: ControlPlane): Promise<readonly string[]> {
  const names = await plane.run(['get', 'configmaps', '-n', OPERATOR_NAMESPACE, '-o', 'name']);
  return names
    .trim()
    .split('\n')
    .map((name) => name.replace('configmap/', ''));
}

/** What the Pods of each workload tell; counters grow from one look to the next. */
function startAllMetrics(addresses: Readonly<Record<string, string>>): Promise<readonly PodMetrics[]> {
  let looks = 0;
  const growing = () => ++looks * 10;
  const id = (kind: string, name: string) => `otlp_grpc/${kind}-${name}`;
  const traces = () =>
    collectorMetrics({
      signal: 'traces',
      exporters: {
        [id('tracepipeline', 'flowing')]: { sent: growing() },
        [id('tracepipeline', 'idle')]: {},
        [id('tracepipeline', 'first')]: {},
        [id('tracepipeline', 'fell-silent')]: { sent: 5 },
        [id('tracepipeline', 'stuck')]: { queueSize: 4096 },
        [id('tracepipeline', 'dropping')]: { failed: growing() },
        [id('tracepipeline', 'dropping-some')]: { sent: growing(), failed: growing() },
      },
    });
  const metrics = () =>
    collectorMetrics({
      signal: 'metrics',
      exporters: { [id('metricpipeline', 'delta')]: { queueSize: 4096 } },
      refused: growing(),
    });
  const logs = () =>
    collectorMetrics({
      signal: 'logs',
      exporters: {
        [id('logpipeline', 'agent-dropping')]: { failed: growing() },
        [id('logpipeline', 'agent-dropping-some')]: { sent: growing(), failed: growing() },
        [id('logpipeline', 'agent-stuck')]: { queueSize: 4096 },
      },
    });
  let after: '8s' | '60s' = '8s';
  const fluentBit = () => {
    const text = [
      recordedFluentBit(after),
      recordedOutput(after, {
        from: 'dead',
        name: 'undelivered',
        replaced: { fluentbit_output_dropped_records_total: 0 },
      }),
      recordedOutput(after, {
        from: 'healthy',
        name: 'on-disk',
        replaced: { fluentbit_input_storage_chunks_down: 400 },
      }),
    ].join('');
    after = '60s';
    return text;
  };
  return Promise.all([
    startPodMetrics(addresses['telemetry-trace-gateway']!, 8888, traces),
    startPodMetrics(addresses['telemetry-metric-gateway']!, 8888, metrics),
    startPodMetrics(addresses['telemetry-log-agent']!, 8888, logs),
    startPodMetrics(addresses['telemetry-fluent-bit']!, 2020, fluentBit),
  ]);
}
