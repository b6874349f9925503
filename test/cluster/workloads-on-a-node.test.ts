import { rmSync, statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packNamedImage } from '../../testbed/image/images.ts';
import { BUSYBOX, type ClusterNode, requireClusterNode, startClusterNode } from '../testkit/cluster-node.ts';
import { compileCase, objectsOf } from '../testkit/cluster-rendering.ts';
import { waitFor } from '../testkit/wait-for.ts';

const peer = requireClusterNode();
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';

const NAMESPACE = 'kyma-system';
const STATE_OF_AGENT = '/var/lib/telemetry-log-agent';

/** The trace gateway has a queue on disk, the log gateway has none, and there is something to collect on the node. */
const INPUT = `apiVersion: telemetry.kyma-project.io/v1beta1
kind: TracePipeline
metadata: { name: shown }
spec: { output: { stdout: { verbosity: detailed } } }
---
apiVersion: telemetry.kyma-project.io/v1beta1
kind: TracePipeline
metadata: { name: kept }
spec:
  output: { otlp: { endpoint: { value: http://nobody.invalid:4317 } } }
  delivery: { guarantee: AtLeastOnce, buffer: { maxSize: 16Mi, volume: { storageClassName: local, size: 128Mi } } }
---
apiVersion: telemetry.kyma-project.io/v1beta1
kind: LogPipeline
metadata: { name: lines }
spec:
  input: { runtime: { namespaces: { include: [default] } } }
  output: { stdout: { verbosity: detailed } }
---
apiVersion: telemetry.kyma-project.io/v1beta1
kind: MetricPipeline
metadata: { name: figures }
spec:
  input: { runtime: { enabled: true } }
  output: { stdout: { verbosity: detailed } }
`;

const CLASSES = ['telemetry-priority-class', 'telemetry-priority-class-high'].map((name) => ({
  apiVersion: 'scheduling.k8s.io/v1',
  kind: 'PriorityClass',
  metadata: { name },
  value: 1000,
}));

const WRITER = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'writer', namespace: 'default', labels: { app: 'writer' } },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: 'writer',
        image: BUSYBOX,
        imagePullPolicy: 'Never',
        command: ['sh', '-c', 'while true; do echo a line of the writer; sleep 1; done'],
      },
    ],
  },
};

describe.skipIf(peer.status === 'missing')(`workloads on a node${skipNote}`, () => {
  let node: ClusterNode;
  beforeAll(async () => {
    const [otelcol, sluice] = [await packNamedImage('sluice-otelcol'), await packNamedImage('sluice')];
    node = await startClusterNode({ images: [otelcol, sluice] });
    await node.addVolumes('local', { count: 2 });
    await node.apply([...CLASSES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } }, WRITER]);
    const compiled = compileCase({ topology: 'PerSignal', input: INPUT, capBytes: 640 * 2 ** 20 });
    const images = { otelcol: otelcol.tag, sluice: sluice.tag, fluentBit: 'none' };
    const { shared, workloads } = objectsOf(compiled, { images, imagePullPolicy: 'Never' });
    await node.apply([...shared, ...workloads.flatMap(({ objects }) => objects)]);
  });
  afterAll(async () => {
    await node?.stop();
    rmSync(STATE_OF_AGENT, { recursive: true, force: true });
  });

  const ready = (workload: string, count: number) =>
    node.waitForPods(
      { namespace: NAMESPACE, selector: `app.kubernetes.io/name=telemetry-${workload}`, count },
      { timeoutMs: 90_000 },
    );
  const logsOf = (workload: string) =>
    node.run(['logs', '-n', NAMESPACE, '-l', `app.kubernetes.io/name=telemetry-${workload}`, '--tail=-1']);

  it.each([
    ['trace-gateway', 2],
    ['metric-gateway', 2],
    ['log-gateway', 2],
    ['otlp-router', 2],
    ['metric-agent', 1],
    ['log-agent', 1],
  ] as const)('%s becomes ready, with what it may and no more', async (workload, count) => {
    await ready(workload, count);
    expect(await logsOf(workload)).not.toMatch(/forbidden|permission denied|read-only file system/i);
  });

  it('take what is sent to the endpoint, and keep it on the volume of a replica', async () => {
    const { spec } = JSON.parse(await node.run(['get', 'service', 'telemetry-otlp', '-n', NAMESPACE, '-o', 'json']));
    const span = { traceId: '5b8efff798038103d269b633813fc60c', spanId: 'eee19b7ec3c1b174', name: 'a-span-on-its-way' };
    const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
    const send = () =>
      fetch(`http://${spec.clusterIP}:4318/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        signal: AbortSignal.timeout(10_000),
      });
    await waitFor('an answer of the gateway', async () => (await send()).status === 200, { timeoutMs: 30_000 });
    await waitFor('the span', async () => (await logsOf('trace-gateway')).includes('a-span-on-its-way'));
    const claims = await node.run(['get', 'pvc', '-n', NAMESPACE, '-o', 'jsonpath={.items[*].status.phase}']);
    expect(claims).toBe('Bound Bound');
  });

  it('read lines of containers, and remember on the node how far they are, where only they may write', async () => {
    await waitFor('the line', async () => (await logsOf('log-agent')).includes('a line of the writer'), {
      timeoutMs: 30_000,
    });
    expect((statSync(STATE_OF_AGENT).mode & 0o777).toString(8)).toBe('770');
    // The node is this machine: other clusters may have left folders of theirs beside it.
    expect(statSync(`${STATE_OF_AGENT}/logpipeline-lines`).uid).toBe(10001);
  });

  it('read what the kubelet and the API server know', async () => {
    const read = async () => {
      const text = await logsOf('metric-agent');
      return ['k8s.pod.memory.working_set', 'k8s.node.cpu.usage', 'k8s.pod.phase'].every((name) => text.includes(name));
    };
    await waitFor('metrics of all sources', read, { timeoutMs: 90_000 });
    expect(await logsOf('metric-agent')).not.toMatch(/forbidden/i);
  });
});
