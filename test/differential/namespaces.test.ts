import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requirePeer } from '../../testbed/index.ts';
import { type Deployment, deploy } from '../testkit/deployment.ts';
import { sendHttp } from '../testkit/senders.ts';
import { waitFor } from '../testkit/wait-for.ts';

const peer = requirePeer('otelcol');

/** What each pipeline takes of logs from these namespaces; the first names none. */
const NAMESPACES = [undefined, 'shop', 'billing', 'kube-system'] as const;
const SELECTIONS = {
  all: [{}, [undefined, 'shop', 'billing', 'kube-system']],
  empty: [{ include: [] }, [undefined, 'shop', 'billing', 'kube-system']],
  some: [{ include: ['shop', 'kube-system'] }, [undefined, 'shop', 'kube-system']],
  others: [{ exclude: ['kube-system'] }, [undefined, 'shop', 'billing']],
} as const;
const RULES = {
  transform: [
    { conditions: ['resource.attributes["k8s.namespace.name"] == "shop"'], statements: ['set(log.body, "x")'] },
  ],
  filter: [{ conditions: ['log.body == "x"'] }],
};

describe.each([
  { distribution: 'otelcol', missing: peer.status === 'missing' },
  { distribution: 'sluice', missing: false },
] as const)('namespaces of the OTLP input, run by $distribution', ({ distribution, missing }) => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-namespaces-'));
  const file = (kind: string, name: string) => join(folder, `${kind}-${name}.jsonl`);
  let deployment: Deployment;

  beforeAll(async () => {
    if (missing) return;
    const pipeline = (kind: string, name: string, spec: object) => ({
      apiVersion: 'telemetry.kyma-project.io/v1beta1',
      kind,
      metadata: { name },
      spec: { ...spec, output: { file: { path: file(kind, name), rotation: {} } } },
    });
    const manifests = Object.entries(SELECTIONS).flatMap(([name, [namespaces]]) =>
      ['MetricPipeline', 'LogPipeline'].map((kind) => pipeline(kind, name, { input: { otlp: { namespaces } } })),
    );
    const ruled = pipeline('LogPipeline', 'ruled', RULES);
    deployment = await deploy([...manifests, ruled], { topology: 'Shared', distribution });
    const resources = NAMESPACES.map((value) => ({
      resource: {
        attributes: value === undefined ? [] : [{ key: 'k8s.namespace.name', value: { stringValue: value } }],
      },
    }));
    const point = { asInt: '1', timeUnixNano: '1' };
    const bodies = {
      logs: { resourceLogs: resources.map((one) => ({ ...one, scopeLogs: [{ logRecords: [{}] }] })) },
      metrics: {
        resourceMetrics: resources.map((one) => {
          return { ...one, scopeMetrics: [{ metrics: [{ name: 'a', gauge: { dataPoints: [point] } }] }] };
        }),
      },
    };
    for (const [signal, body] of Object.entries(bodies)) {
      const headers = { 'content-type': 'application/json' };
      const answer = await sendHttp(deployment.front.http, {
        path: `/v1/${signal}`,
        body: JSON.stringify(body),
        headers,
      });
      expect(answer.status).toBe(200);
    }
    const files = manifests.map(({ kind, metadata: { name } }) => file(kind, name));
    await waitFor('every file has data', () =>
      [...files, file('LogPipeline', 'ruled')].every(
        (one) => existsSync(one) && readFileSync(one, 'utf8').includes('\n'),
      ),
    );
  });

  afterAll(async () => {
    await deployment?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function namespacesIn(path: string): readonly (string | undefined)[] {
    const requests = readFileSync(path, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    return requests
      .flatMap(({ resourceLogs, resourceMetrics }) => resourceLogs ?? resourceMetrics)
      .map(({ resource }) => resource?.attributes?.[0]?.value.stringValue);
  }

  it
    .skipIf(missing)
    .each(
      Object.entries(SELECTIONS).flatMap(([name, [, expected]]) =>
        ['MetricPipeline', 'LogPipeline'].map((kind) => [kind, name, expected] as const),
      ),
    )('%s %s', (kind, name, expected) => {
    expect(namespacesIn(file(kind, name))).toEqual(expected);
  });

  it.skipIf(missing)('and filters see what transforms did', () => {
    expect(namespacesIn(file('LogPipeline', 'ruled'))).toEqual([undefined, 'billing', 'kube-system']);
  });
});
