// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the Collector's references look like template strings
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readResources } from '../../src/apis/index.ts';
import { encodeEnvValue } from '../../src/otelcol/index.ts';
import { resolve } from '../../src/pipeline/index.ts';
import { renderedYaml, renderOtelcol } from '../../src/render/index.ts';
import { planTopology } from '../../src/topology/index.ts';
import { requirePeer } from '../../testbed/index.ts';
import { type Capture, startCapture } from '../testkit/capture.ts';
import { startOtelcol, startSluiceEngine } from '../testkit/collector-process.ts';
import { freePort } from '../testkit/free-port.ts';
import type { RunningProcess } from '../testkit/process.ts';
import { sendHttp } from '../testkit/senders.ts';
import { waitFor } from '../testkit/wait-for.ts';

/** Header values that a Collector would expand, read as YAML of another kind, or refuse to start with. */
const CANARIES = [
  '${env:SLUICE_CANARY}',
  '${SLUICE_CANARY}',
  '$${env:SLUICE_CANARY}',
  '${env:SLUICE_CANARY:-x}',
  '${file:/etc/passwd}',
  '${yaml:a}',
  'a${env:SLUICE_CANARY}b',
  '$1',
  '$$1',
  '$',
  'yes',
  'null',
  '00123',
  '0x1F',
  '18446744073709551616',
  '1: 2',
  '{1: 2}',
  '[1, 2]',
  '2001-01-01',
  '"quoted"',
  "it's",
  '# no comment',
  '- a',
  '*alias',
  '!tag x',
  '%41',
  'back\\slash',
  'Bearer abc.def-_~+/==',
] as const;

const PATH = '/$1/$$1/${env:SLUICE_CANARY}/v1';

/** As a manifest says it: there `$$` means one `$`, as manifests written for upstream expect. */
function manifest(protocol: 'grpc' | 'http', port: number): string {
  const headers = CANARIES.map((value, i) => ({ name: `x-canary-${i}`, value: value.replaceAll('$', '$$$$') }));
  const path = protocol === 'http' ? { path: PATH.replaceAll('$', '$$$$') } : {};
  const otlp = { ...path, protocol, endpoint: { value: `http://127.0.0.1:${port}` }, headers, compression: 'none' };
  const metadata = { name: `canary-${protocol}` };
  return JSON.stringify({
    apiVersion: 'telemetry.kyma-project.io/v1beta1',
    kind: 'LogPipeline',
    metadata,
    spec: { output: { otlp } },
  });
}

async function rendered(capture: Capture) {
  const text = [manifest('grpc', capture.grpcPort), manifest('http', capture.httpPort)].join('\n---\n');
  const { resources, issues } = readResources([{ file: 'canary.yaml', text }]);
  expect(issues).toEqual([]);
  const graphs = resources.map((resource) => resolve(resource).graph!);
  const plan = planTopology(graphs, { distribution: 'otelcol', capBytes: 2 ** 31 });
  const [grpc, http] = [await freePort(), await freePort()];
  const config = renderOtelcol(plan.topology.workloads[0]!, {
    otlpGrpc: `127.0.0.1:${grpc}`,
    otlpHttp: `127.0.0.1:${http}`,
  });
  const secrets = Object.entries(config.secrets).map(([name, value]) => [name, encodeEnvValue(value)]);
  return { yaml: renderedYaml(config), env: { ...Object.fromEntries(secrets), SLUICE_CANARY: 'EXPANDED' }, http };
}

const otelcol = requirePeer('otelcol');

describe.each([
  {
    name: 'the real Collector',
    start: startOtelcol,
    missing: otelcol.status === 'missing' ? otelcol.reason : undefined,
  },
  { name: "Sluice's engine", start: startSluiceEngine, missing: undefined },
])('user text rendered for $name', ({ start, missing }) => {
  let capture: Capture;
  let process: RunningProcess | undefined;

  beforeAll(async () => {
    if (missing !== undefined) return;
    capture = await startCapture();
    const { yaml, env, http } = await rendered(capture);
    process = await start(yaml, { env });
    const body = JSON.stringify({
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'hello' } }] }] }],
    });
    const answer = await sendHttp(http, { path: '/v1/logs', body, headers: { 'content-type': 'application/json' } });
    expect(answer.status).toBe(200);
    await waitFor('both backends have the record', () => capture.requests.length >= 2);
  });

  afterAll(async () => {
    await process?.stop();
    await capture?.stop();
  });

  it.skipIf(missing !== undefined).each(['grpc', 'http'] as const)(
    'arrives character by character in headers over %s',
    (protocol) => {
      const { headers } = capture.requests.find((request) => request.protocol === protocol)!;
      expect(CANARIES.map((_, i) => headers[`x-canary-${i}`])).toEqual(CANARIES);
    },
  );

  it.skipIf(missing !== undefined)('arrives character by character in a path', () => {
    const { path } = capture.requests.find((request) => request.protocol === 'http')!;
    expect(decodeURIComponent(path)).toBe(PATH);
  });
});
