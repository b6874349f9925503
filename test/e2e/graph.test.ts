import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FlowGraph } from '../../src/flow/index.ts';
import { createHome, type Home, type RunningUp, runSluice, startUp } from '../testkit/sluice.ts';
import { waitFor } from '../testkit/wait-for.ts';

const FILE = `apiVersion: telemetry.kyma-project.io/v1beta1
kind: TracePipeline
metadata: {name: archive}
spec: {output: {file: {path: spans.jsonl, rotation: {maxBackups: 1}}}}
---
apiVersion: telemetry.kyma-project.io/v1beta1
kind: TracePipeline
metadata: {name: dead}
spec: {output: {otlp: {endpoint: {value: "http://127.0.0.1:1"}}}}
`;

let home: Home;
let up: RunningUp;
beforeAll(async () => {
  home = createHome();
  home.write('telemetry.yaml', FILE);
  up = await startUp(home, ['-f', 'telemetry.yaml']);
});
afterAll(async () => {
  await up.stop();
  home.remove();
});

describe('sluice graph beside an engine that runs', () => {
  it('shows rates, what waits, and the state of backends', async () => {
    await runSluice(home, ['gen', 'traces', '--once', '--otlp-endpoint', `127.0.0.1:${up.ports.grpc}`]);
    const graph = async () => JSON.parse((await runSluice(home, ['graph', '--format', 'json'])).stdout) as FlowGraph;
    await waitFor('both backends were tried', async () => {
      const live = (await graph()).nodes.map((node) => node.live?.backend?.state);
      return live.includes('failing') && live.includes('ok');
    });
    const { code, stdout } = await runSluice(home, ['graph', '--rates']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^OTLP senders → otlp-gateway {3}T [\d.]+\/s/);
    expect(stdout).toMatch(/─T─ tracepipeline\/archive .* → spans\.jsonl .*\/s {3}ok$/m);
    expect(stdout).toMatch(/─T─ tracepipeline\/dead .* queue 16 MiB 0 % .* failing SL0501 [\d.]+ s$/m);
  });

  it('has the nodes that the files have', async () => {
    const ids = ({ stdout }: { stdout: string }) => (JSON.parse(stdout) as FlowGraph).nodes.map(({ id }) => id);
    const live = ids(await runSluice(home, ['graph', '--format', 'json']));
    const offline = ids(await runSluice(home, ['graph', '-f', 'telemetry.yaml', '--format', 'json']));
    expect(offline.length).toBeGreaterThan(5);
    expect(live).toEqual(expect.arrayContaining(offline));
  });

  it('draws the engine that is meant, by its pid or port offset', async () => {
    const meant = await runSluice(home, ['graph', '--pid', String(up.process.pid)]);
    expect([meant.code, meant.stdout]).toEqual([0, expect.stringContaining('tracepipeline/dead')]);
    const other = await runSluice(home, ['graph', '--port-offset', '4321']);
    expect([other.code, other.stderr]).toEqual([3, expect.stringContaining('no such engine runs on this machine')]);
  });

  it('draws one pipeline, and says which there are when it has no such name', async () => {
    const one = await runSluice(home, ['graph', '--pipeline', 'tp/dead']);
    expect(one.stdout).toContain('tracepipeline/dead');
    expect(one.stdout).not.toContain('archive');
    const none = await runSluice(home, ['graph', '--pipeline', 'tp/deed']);
    expect(none.code).toBe(2);
    expect(none.stderr).toMatch(/^error\[SL0404\]: no TracePipeline `deed` in this graph; there are: .*archive, dead/);
  });
});
