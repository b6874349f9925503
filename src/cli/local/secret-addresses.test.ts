import { describe, expect, it } from 'vitest';
import { Account, type EngineSnapshot } from '../../flow/index.ts';
import type { Deployment } from './deployment.ts';
import { readGeneration } from './generation.ts';
import { SecretAddresses } from './secret-addresses.ts';

const PORT = '127.0.0.1:45771';

function snapshot(id: string): EngineSnapshot {
  const exporter = {
    id: `otlp_http/${id}`,
    destination: `${PORT} (HTTP)`,
    state: 'ok',
    sinceMs: 0,
    failedTries: 0,
    queueBytes: 0,
    queueCapacityBytes: 0,
    ledger: new Account().row(),
  } as const;
  const pipeline = { id: `traces/${id}`, signal: 'traces', ledger: exporter.ledger, exporters: [exporter] } as const;
  return { takenAtMs: 0, offered: { traces: 0, metrics: 0, logs: 0 }, pipelines: [pipeline] };
}

describe('what is told of the viewer that other processes reach over a port', () => {
  it('is that it is the UI', () => {
    const generation = readGeneration(
      { files: [], secretFiles: [], overlays: [] },
      { capBytes: 2 ** 29, topology: 'PerSignal', viewerEndpoint: `http://${PORT}` },
    );
    const addresses = new SecretAddresses();
    addresses.learn(generation.topology);
    const told = addresses.deployment({ snapshot: () => snapshot('tracepipeline-_viewer') } as Deployment).snapshot();
    expect(told.pipelines[0]!.exporters[0]!.destination).toBe('the UI');
    const other = addresses.deployment({ snapshot: () => snapshot('tracepipeline-demo') } as Deployment).snapshot();
    expect(other.pipelines[0]!.exporters[0]!.destination).toBe(`${PORT} (HTTP)`);
  });
});

describe('an address that stands in a Secret', () => {
  const text = (endpoint: string) => `apiVersion: telemetry.kyma-project.io/v1beta1
kind: TracePipeline
metadata: { name: demo }
spec: { output: { otlp: { protocol: http, endpoint: ${endpoint} } } }
`;
  const inSecret = '{ valueFrom: { secretKeyRef: { namespace: obs, name: s, key: url } } }';
  const secret = `apiVersion: v1
kind: Secret
metadata: { name: s, namespace: obs }
stringData: { url: "http://c4nary.example:4318/c4nary/" }
`;
  const topologyOf = (endpoint: string) =>
    readGeneration(
      { files: [{ file: 'a', text: text(endpoint) }], secretFiles: [{ file: 's', text: secret }], overlays: [] },
      { capBytes: 2 ** 29 },
    ).topology;
  const failing: EngineSnapshot = (() => {
    const { pipelines, ...rest } = snapshot('tracepipeline-demo');
    const [exporter] = pipelines[0]!.exporters;
    const failure = { kind: 'dns', message: '"c4nary.example" has no DNS record; POST /c4nary/v1/traces' } as const;
    const exporters = [{ ...exporter!, destination: 'c4nary.example:4318/c4nary (HTTP)', failure, rejection: failure }];
    return { ...rest, pipelines: [{ ...pipelines[0]!, exporters }] };
  })();

  it('is told by the name of the Secret, in the state of its pipeline and in the log', () => {
    const addresses = new SecretAddresses();
    addresses.learn(topologyOf(inSecret));
    const told = addresses.deployment({ snapshot: () => failing } as Deployment).snapshot();
    expect(told.pipelines[0]!.exporters[0]!.destination).toBe('Secret obs/s, key url (HTTP)');
    expect(JSON.stringify(told)).not.toContain('c4nary');
    const lines: unknown[] = [];
    const keep = (...line: unknown[]) => void lines.push(line);
    const log = addresses.log({ info: keep, warn: keep, error: keep });
    log.warn('failing', { exporter: 'otlp_http/tracepipeline-demo', error: 'nothing listens on c4nary.example:4318' });
    expect(JSON.stringify(lines)).toContain('nothing listens on the endpoint');
    expect(JSON.stringify(lines)).not.toContain('c4nary');
  });

  it('is hidden of remote write, too', () => {
    const metrics = text(inSecret)
      .replace('TracePipeline', 'MetricPipeline')
      .replace(/otlp: \{ protocol: http,/, 'prometheusRemoteWrite: {');
    const { topology } = readGeneration(
      { files: [{ file: 'a', text: metrics }], secretFiles: [{ file: 's', text: secret }], overlays: [] },
      { capBytes: 2 ** 29 },
    );
    const addresses = new SecretAddresses();
    addresses.learn(topology);
    const { pipelines, ...rest } = failing;
    const [exporter] = pipelines[0]!.exporters;
    const renamed = { ...exporter!, id: 'prometheusremotewrite/metricpipeline-demo' };
    const state: EngineSnapshot = { ...rest, pipelines: [{ ...pipelines[0]!, exporters: [renamed] }] };
    const told = addresses.deployment({ snapshot: () => state } as Deployment).snapshot();
    expect(told.pipelines[0]!.exporters[0]!.destination).toBe('Secret obs/s, key url (remote write 1.0)');
    expect(JSON.stringify(told)).not.toContain('c4nary');
  });

  it('stays hidden while its pipeline may still deliver to it', async () => {
    const addresses = new SecretAddresses();
    addresses.learn(topologyOf(inSecret));
    const inner = { snapshot: () => failing, reload: async () => {} } as unknown as Deployment;
    const deployment = addresses.deployment(inner);
    await deployment.reload({ topology: topologyOf('{ value: "http://127.0.0.1:1" }'), advice: {} });
    expect(JSON.stringify(deployment.snapshot())).not.toContain('c4nary');
  });
});
