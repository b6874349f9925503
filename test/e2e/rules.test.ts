import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SIGNALS, type Signal } from '../../src/pdata/index.ts';
import { TOPOLOGY_TYPES } from '../../src/topology/index.ts';
import { requirePeer } from '../../testbed/index.ts';
import { itemLines } from '../differential/canonical.ts';
import { type Capture, startCapture } from '../testkit/capture.ts';
import { type Deployment, deploy } from '../testkit/deployment.ts';
import { decodeRequest, encodeRequest } from '../testkit/otlp-proto.ts';
import { sendHttp } from '../testkit/senders.ts';
import { waitFor } from '../testkit/wait-for.ts';

const KIND: Readonly<Record<Signal, string>> = {
  traces: 'TracePipeline',
  metrics: 'MetricPipeline',
  logs: 'LogPipeline',
};
const SUBJECT = { traces: 'span', metrics: 'metric', logs: 'log' } as const;
/** What tells items of a signal apart, as a rule names it. */
const NAME = { traces: 'span.name', metrics: 'metric.name', logs: 'log.body' } as const;
const NAMESPACE = 'resource.attributes["k8s.namespace.name"]';
const otelcol = requirePeer('otelcol');

const text = (key: string, value: string) => ({ key, value: { value: { case: 'stringValue', value } } });
const NAMESPACES = ['shop', 'kube-system', undefined] as const;
const NAMES = ['GET /checkout', 'GET /healthz', '{"user":"x"}'] as const;

/** Every name in every namespace. `at` is what a counter stands at, and the second of the items. */
function request(signal: Signal, at: number): Uint8Array {
  const timeUnixNano = 1_700_000_000_000_000_000n + BigInt(at) * 1_000_000_000n;
  const subject = (name: string, i: number) => {
    const attributes = [text('user', 'x'), text('http.target', name)];
    switch (signal) {
      case 'traces': {
        const spanId = Uint8Array.of(1, 2, 3, 4, 5, 6, at, i);
        const times = { startTimeUnixNano: timeUnixNano, endTimeUnixNano: timeUnixNano + 1n };
        return { traceId: new Uint8Array(16).fill(7), spanId, name, kind: 2, ...times, attributes };
      }
      case 'logs':
        return { timeUnixNano, body: { value: { case: 'stringValue', value: name } }, attributes };
      case 'metrics': {
        const point = { timeUnixNano, attributes, value: { case: 'asInt', value: BigInt(at * 10 + i) } };
        const sum = { aggregationTemporality: 2, isMonotonic: true, dataPoints: [point] };
        return { name, data: { case: 'sum', value: sum } };
      }
    }
  };
  const subjects = { traces: 'spans', metrics: 'metrics', logs: 'logRecords' } as const;
  const lists = {
    traces: ['resourceSpans', 'scopeSpans'],
    metrics: ['resourceMetrics', 'scopeMetrics'],
    logs: ['resourceLogs', 'scopeLogs'],
  } as const;
  const [resources, scopes] = lists[signal];
  return encodeRequest(signal, {
    [resources]: NAMESPACES.map((namespace) => ({
      resource: {
        attributes: [
          text('service.name', 'checkout'),
          ...(namespace === undefined ? [] : [text('k8s.namespace.name', namespace)]),
        ],
      },
      [scopes]: [{ scope: { name: 'lib' }, [subjects[signal]]: NAMES.map(subject) }],
    })),
  } as Parameters<typeof encodeRequest>[1]);
}

interface Written {
  readonly name: string;
  readonly spec: object;
  /** How many of the nine items of a request come through. */
  readonly left: number;
}

/** Pipelines of one signal with different rules, and one without any. */
function written(signal: Signal): readonly Written[] {
  const subject = SUBJECT[signal];
  const own = signal === 'metrics' ? 'datapoint' : subject;
  return [
    { name: 'plain', spec: {}, left: 9 },
    {
      name: 'rules',
      left: 4,
      spec: {
        ...(signal !== 'traces' && { input: { otlp: { namespaces: { exclude: ['kube-system'] } } } }),
        transform: [
          { statements: [`set(${own}.attributes["user"], SHA256(${own}.attributes["user"]))`] },
          {
            conditions: [`${NAMESPACE} == "shop"`],
            statements: [
              'set(resource.attributes["team"], "shop")',
              `set(${own}.attributes["team"], Concat(["team", ${NAMESPACE}], "/"))`,
            ],
          },
          // Fails for what is no JSON, which passes as it is.
          { statements: [`set(${own}.attributes["json"], ParseJSON(${own}.attributes["http.target"])["user"])`] },
        ],
        filter: [
          { conditions: [`IsMatch(${NAME[signal]}, "/healthz$")`] },
          ...(signal === 'traces' ? [{ conditions: [`${NAMESPACE} == "kube-system"`] }] : []),
        ],
      },
    },
    {
      name: 'others',
      left: 3,
      spec: {
        ...(signal !== 'traces' && { input: { otlp: { namespaces: { include: ['kube-system'] } } } }),
        transform: [{ statements: ['delete_key(resource.attributes, "service.name")', 'set(scope.name, "mine")'] }],
        filter: [
          { conditions: [`${NAMESPACE} == nil`] },
          ...(signal === 'traces' ? [{ conditions: [`${NAMESPACE} != "kube-system"`] }] : []),
        ],
      },
    },
  ];
}

function manifests(backend: Capture): object[] {
  return SIGNALS.flatMap((signal) =>
    written(signal).map(({ name, spec }) => ({
      apiVersion: 'telemetry.kyma-project.io/v1beta1',
      kind: KIND[signal],
      metadata: { name },
      spec: {
        ...spec,
        delivery: { buffer: { maxSize: '8Mi' } },
        output: {
          otlp: {
            protocol: 'http',
            compression: 'none',
            endpoint: { value: `http://127.0.0.1:${backend.httpPort}/${name}` },
            ...(signal === 'metrics' && name === 'rules' && { temporality: 'delta' }),
          },
        },
      },
    })),
  );
}

function arrived(backend: Capture, name: string, signal: Signal): string[] {
  return backend
    .accepted()
    .filter((one) => one.signal === signal && one.path.startsWith(`/${name}/`))
    .flatMap(({ body }) => itemLines(signal, decodeRequest(signal, body)))
    .sort();
}

/** What the first of them that ran gave; all others must give the same. */
const given = new Map<string, readonly string[]>();
const ROUNDS = 3;

describe.each(TOPOLOGY_TYPES.flatMap((type) => (['sluice', 'otelcol'] as const).map((by) => ({ type, by }))))(
  'rules in topology $type run by $by',
  ({ type, by }) => {
    const missing = by === 'otelcol' && otelcol.status === 'missing' ? otelcol.reason : undefined;
    let backend: Capture;
    let deployment: Deployment | undefined;

    beforeAll(async () => {
      if (missing !== undefined) return;
      backend = await startCapture();
      deployment = await deploy(manifests(backend), { topology: type, distribution: by });
    }, 60_000);
    afterAll(async () => {
      await deployment?.stop();
      await backend?.stop();
    });

    it.for(SIGNALS)(
      'give the same data everywhere, and no pipeline sees what another one changes: %s',
      async (signal, { skip }) => {
        if (missing !== undefined) return skip(missing);
        const headers = { 'content-type': 'application/x-protobuf' };
        for (let at = 1; at <= ROUNDS; at++) {
          const body = request(signal, at);
          const answer = await sendHttp(deployment!.front.http, { path: `/v1/${signal}`, body, headers });
          expect(answer.status).toBe(200);
        }
        const sent = Array.from({ length: ROUNDS }, (_, i) =>
          itemLines(signal, decodeRequest(signal, request(signal, i + 1))),
        );
        for (const { name, left } of written(signal)) {
          const rounds = signal === 'metrics' && name === 'rules' ? ROUNDS - 1 : ROUNDS;
          await waitFor(`${name} to arrive`, () => arrived(backend, name, signal).length >= left * rounds);
          const lines = arrived(backend, name, signal);
          if (name === 'plain') expect(lines).toEqual(sent.flat().sort());
          expect(lines, name).toHaveLength(left * rounds);
          const key = `${signal} ${name}`;
          expect(lines, key).toEqual(given.get(key) ?? lines);
          given.set(key, lines);
        }
        const [, rules, others] = written(signal).map(({ name }) => arrived(backend, name, signal).join('\n'));
        expect(rules).toContain('team/shop');
        expect(rules).not.toMatch(/healthz|kube-system|mine/);
        expect(others).toContain('mine');
        expect(others).not.toMatch(/team|service\.name/);
      },
    );
  },
);
