import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunRecord } from '../../src/lab/index.ts';
import { packNamedImage } from '../../testbed/image/images.ts';
import { createTestPipeline } from '../testkit/cluster/pipelines.ts';
import { type ClusterNode, requireClusterNode, startClusterNode } from '../testkit/cluster-node.ts';
import { createHome, type Home, runSluice } from '../testkit/sluice.ts';

const MINUTE_MS = 60_000;
const NAMESPACE = 'kyma-system';

const EXPERIMENT = `question: crash
title: What does the crash of the only replica cost in a cluster?
hypothesis: Senders notice, and try again.
axes: {runner: [engine], scenario: [kill], load: [spans], memory: [2Gi], place: [cluster]}
scenarios:
  kill:
    title: the only replica is killed
    backends: [{name: healthy, signal: traces}]
    faults: [{after: 3s, kind: kill, target: all}]
loads:
  spans: [{signal: traces, shape: t100, itemsPerRequest: 100, itemsPerSecond: 500, retry: true}]
profiles:
  quick: {warmUp: 1s, duration: 8s, repetitions: 1}
  full: {warmUp: 1s, duration: 8s, repetitions: 1}
figures:
  - {name: unavailable_seconds, title: Longest time without an acknowledged probe, unit: s, better: less}
`;

const peer = requireClusterNode();

describe.skipIf(peer.status === 'missing')('the lab, on a real node', () => {
  let home: Home;
  let cluster: ClusterNode;

  const sluice = (...args: readonly string[]) => runSluice(home, [...args, '--kubeconfig', cluster.kubeconfig]);
  const names = async (kinds: string) => (await cluster.run(['get', kinds, '-n', NAMESPACE, '-o', 'name'])).trim();
  const telemetrySpec = () => cluster.run(['get', 'telemetry', 'default', '-n', NAMESPACE, '-o', 'jsonpath={.spec}']);

  beforeAll(async () => {
    home = createHome();
    const folder = join(home.path, 'experiments/crash');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'experiment.yaml'), EXPERIMENT);
    const image = await packNamedImage('sluice');
    const collector = await packNamedImage('sluice-otelcol');
    cluster = await startClusterNode({ images: [image] });
    const images = ['--image', `sluice=${image.tag}`, '--image', `otelcol=${collector.tag}`];
    const installed = await sluice('cluster', 'install', '--yes', ...images, '--image-pull-policy', 'Never');
    expect(installed, installed.stderr).toMatchObject({ code: 0 });
  }, 10 * MINUTE_MS);

  afterAll(async () => {
    await cluster?.stop();
    home?.remove();
  }, 5 * MINUTE_MS);

  it('measures what a crash costs, and leaves the cluster as it was', { timeout: 5 * MINUTE_MS }, async () => {
    const before = await telemetrySpec();
    const ran = await sluice('lab', 'run', 'crash', '--quick', '--out', 'found');
    expect(ran, ran.stderr).toMatchObject({ code: 0 });
    const record = JSON.parse(readFileSync(join(home.path, 'found', 'runs.jsonl'), 'utf8')) as RunRecord;
    expect(record).toMatchObject({ status: 'ok', coordinates: { place: 'cluster' }, ledger: { balanced: true } });
    expect(record.ledger?.acknowledged).toBeGreaterThan(1000);
    const { unavailable_seconds: unavailable, goodput_percent: goodput } = record.figures;
    // Probes come ten times a second, and a process needs longer than that to start.
    expect(unavailable).toBeGreaterThan(0.3);
    expect(goodput).toBeGreaterThan(50);
    expect(await names('tracepipelines')).toBe('');
    expect(await names('deployments,statefulsets')).toBe('deployment.apps/telemetry-operator');
    expect(await telemetrySpec()).toBe(before);
  });

  it('refuses a cluster that others use', { timeout: 2 * MINUTE_MS }, async () => {
    const others = await createTestPipeline(cluster.address, { name: 'others', signal: 'traces' });
    try {
      await cluster.apply([others.manifest]);
      const ran = await sluice('lab', 'run', 'crash', '--quick', '--out', 'refused');
      expect(ran.code).toBe(1);
      expect(ran.stderr).toContain("TracePipeline/others, which is not the lab's");
      expect(await names('tracepipelines')).toBe('tracepipeline.telemetry.kyma-project.io/others');
    } finally {
      await others.backend.stop();
    }
  });
});
