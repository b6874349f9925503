import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileFiles } from '../../src/cli/compile.ts';
import { renderedYaml } from '../../src/render/index.ts';
import type { DistributionName } from '../../src/topology/index.ts';
import { requirePeer } from '../../testbed/index.ts';
import { startOtelcol, startSluiceEngine } from '../testkit/collector-process.ts';
import { freePort } from '../testkit/free-port.ts';
import { sendHttp } from '../testkit/senders.ts';
import { waitFor } from '../testkit/wait-for.ts';
import { ALL_SIGNALS } from './case.ts';
import { plainInput } from './inputs.ts';
import { comparedValues, seriesNames } from './self-metrics.ts';

const peer = requirePeer('otelcol');
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';
const folder = mkdtempSync(join(tmpdir(), 'sluice-rendered-metrics-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const START = { otelcol: startOtelcol, sluice: startSluiceEngine } as const;
const KINDS = ['TracePipeline', 'MetricPipeline', 'LogPipeline'];
const few = { resources: 2, scopes: 2, items: 3 };

/** A pipeline of every signal into a file, as it is rendered for a distribution. */
function render(distribution: DistributionName, http: number, metrics: number, grpc: number): string {
  const manifests = KINDS.map((kind) => ({
    apiVersion: 'telemetry.kyma-project.io/v1beta1',
    kind,
    metadata: { name: 'kept' },
    spec: { output: { file: { path: join(folder, distribution, kind) } } },
  }));
  const files = manifests.map((manifest) => ({ file: `${manifest.kind}.yaml`, text: JSON.stringify(manifest) }));
  const { rendered, issues } = compileFiles(files, {
    distribution,
    capBytes: 2 ** 30,
    addresses: () => ({
      otlpGrpc: `127.0.0.1:${grpc}`,
      otlpHttp: `127.0.0.1:${http}`,
      metrics: { host: '127.0.0.1', port: metrics },
    }),
  });
  const [config] = rendered;
  if (config === undefined) throw new Error(JSON.stringify(issues));
  return renderedYaml(config);
}

/** Sends one request per signal; what the metrics say once every item was sent on. */
async function metricsAfterUse(distribution: DistributionName): Promise<string> {
  const [http, metrics, grpc] = [await freePort(), await freePort(), await freePort()];
  const running = await START[distribution](render(distribution, http, metrics, grpc));
  const read = async () => (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
  try {
    for (const signal of ALL_SIGNALS) {
      const { bytes } = plainInput(signal, 'plain', few);
      const headers = { 'content-type': 'application/x-protobuf' };
      expect((await sendHttp(http, { path: `/v1/${signal}`, body: bytes, headers })).status).toBe(200);
    }
    await waitFor(
      'every signal to be exported',
      async () => (await read()).match(/^otelcol_exporter_sent_.* [1-9]/gm)?.length === 3,
    );
    return await read();
  } finally {
    await running.stop();
  }
}

describe.skipIf(peer.status === 'missing')(`metrics of what is rendered${skipNote}`, () => {
  let collector: string;
  let engine: string;
  beforeAll(async () => {
    [collector, engine] = await Promise.all([metricsAfterUse('otelcol'), metricsAfterUse('sluice')]);
  });

  it('have the same names and labels whoever runs it', () => {
    expect(seriesNames(engine).filter((name) => !seriesNames(collector).includes(name))).toEqual([]);
  });

  it('count the same', () => {
    expect(comparedValues(collector).length).toBeGreaterThan(8);
    expect(comparedValues(engine)).toEqual(comparedValues(collector));
  });
});
