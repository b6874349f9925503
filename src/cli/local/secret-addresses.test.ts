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
