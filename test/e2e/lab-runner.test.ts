import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createRunner, type RunPlan } from '../../src/lab/index.ts';
import { systemClock } from '../../src/lib/index.ts';
import { createHome, SLUICE } from '../testkit/sluice.ts';

const home = createHome();
afterAll(() => home.remove());

const PLAN: RunPlan = {
  runner: 'engine',
  topology: 'Shared',
  settings: 'sluice',
  replicas: 1,
  memoryBytes: 512 * 2 ** 20,
  backends: [{ name: 'only', signal: 'traces', mode: 'accept' }],
  load: [{ signal: 'traces', shape: 't100', itemsPerRequest: 100, itemsPerSecond: 500 }],
  faults: [],
  warmUpMs: 500,
  durationMs: 30_000,
  seed: 1,
};

describe('a run of the lab', () => {
  it('fails when a gateway ends although no fault ended it', async () => {
    const mortal = join(home.path, 'mortal-sluice');
    writeFileSync(
      mortal,
      `#!/bin/sh\nif [ "$1" = engine ]; then exec timeout -s KILL 6 "${SLUICE}" "$@"; fi\nexec "${SLUICE}" "$@"\n`,
    );
    chmodSync(mortal, 0o755);
    const runner = createRunner({
      sluice: [mortal],
      otelcol: { missing: 'it is not asked for' },
      clock: systemClock,
      folder: join(home.path, 'runs'),
    });
    const run = runner.run(PLAN, { signal: new AbortController().signal, say: () => {} });
    await expect(run).rejects.toThrow('otlp-gateway of replica 1 ended by itself');
  });
});
