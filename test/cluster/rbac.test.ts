import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { KubeClient } from '../../src/kube/index.ts';
import { type ControlPlane, requireControlPlane, startControlPlane } from '../testkit/control-plane.ts';
import { freePort } from '../testkit/free-port.ts';
import { kubeClient } from '../testkit/kube.ts';
import { type PlayedNode, playNode } from '../testkit/operator.ts';
import { type RunningProcess, startProcess } from '../testkit/process.ts';
import { createHome, type Home, runSluice, SLUICE } from '../testkit/sluice.ts';
import { waitFor } from '../testkit/wait-for.ts';
import { allObjects, writeAccountKubeconfig } from './cluster-state.ts';

const peer = requireControlPlane();
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';

const ACCOUNT = 'system:serviceaccount:kyma-system:telemetry-operator';
const WRITTEN = 60_000;

interface AuditEvent {
  readonly user: { readonly username: string };
  readonly verb: string;
  readonly requestURI: string;
  readonly responseStatus?: { readonly code: number; readonly message?: string };
}

const pipeline = (kind: string, name: string, spec: object) => ({
  apiVersion: 'telemetry.kyma-project.io/v1beta1',
  kind,
  metadata: { name },
  spec,
});
const output = { otlp: { endpoint: { value: 'http://backend.obs:4317' } } };
const referred = {
  otlp: { endpoint: { valueFrom: { secretKeyRef: { name: 'backend', namespace: 'obs', key: 'endpoint' } } } },
};

/** One of every sort of workload and permission. */
const PIPELINES = [
  pipeline('TracePipeline', 'pushed', { output }),
  pipeline('TracePipeline', 'referred', { output: referred }),
  pipeline('TracePipeline', 'kept', { output, delivery: { guarantee: 'AtLeastOnce' } }),
  pipeline('MetricPipeline', 'collected', {
    input: { runtime: { enabled: true }, prometheus: { enabled: true }, istio: { enabled: true } },
    output,
  }),
  pipeline('LogPipeline', 'collected', { input: { runtime: { enabled: true } }, output }),
  pipeline('LogPipeline', 'fluent-bit', { output: { http: { host: { value: 'logs.example.com' } } } }),
];

const telemetry = (spec: object) => ({
  apiVersion: 'operator.kyma-project.io/v1beta1',
  kind: 'Telemetry',
  metadata: { name: 'default', namespace: 'kyma-system' },
  spec,
});

describe.skipIf(peer.status === 'missing')(`the operator as its ServiceAccount${skipNote}`, () => {
  let folder: string;
  let plane: ControlPlane;
  let home: Home;
  let operator: RunningProcess;
  let before: readonly string[];
  let nodeClient: KubeClient;
  let node: PlayedNode;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-rbac-'));
    const policy = join(folder, 'policy.yaml');
    writeFileSync(
      policy,
      stringify({
        apiVersion: 'audit.k8s.io/v1',
        kind: 'Policy',
        omitStages: ['RequestReceived', 'ResponseStarted'],
        rules: [{ level: 'Metadata', users: [ACCOUNT] }, { level: 'None' }],
      }),
    );
    plane = await startControlPlane({
      scheduler: false,
      apiServerFlags: [`--audit-policy-file=${policy}`, `--audit-log-path=${auditLog()}`],
    });
    home = createHome();
    await plane.apply([{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' } }]);
    nodeClient = await kubeClient(plane.kubeconfig);
    node = playNode(nodeClient);
    before = await allObjects(plane);
    const installed = await runSluice(home, [
      'cluster',
      'install',
      '--yes',
      '--no-wait',
      '--kubeconfig',
      plane.kubeconfig,
    ]);
    if (installed.code !== 0) throw new Error(installed.stderr);
    await plane.run(['create', 'namespace', 'obs']);
    await plane.run([
      'create',
      'secret',
      'generic',
      'backend',
      '-n',
      'obs',
      '--from-literal=endpoint=http://backend.obs:4317',
    ]);
    operator = await startOperator();
  });
  afterAll(async () => {
    await operator?.stop();
    await node?.stop();
    await nodeClient?.close();
    await plane?.stop();
    home?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const auditLog = () => join(folder, 'audit.log');

  async function startOperator(): Promise<RunningProcess> {
    const account = { namespace: 'kyma-system', name: 'telemetry-operator' };
    const kubeconfig = await writeAccountKubeconfig(plane, { ...account, file: join(folder, 'kubeconfig') });
    const port = await freePort();
    const webhooks = ['--webhooks', `127.0.0.1:${port}`, '--webhooks-url', `https://127.0.0.1:${port}`];
    return startProcess(SLUICE, ['operator', '--kubeconfig', kubeconfig, ...webhooks, '--metrics', '127.0.0.1:0'], {
      cwd: home.path,
      env: home.env,
    });
  }

  const audited = (): readonly AuditEvent[] =>
    readFileSync(auditLog(), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as AuditEvent);

  const names = async (kind: string) =>
    (await plane.run(['get', kind, '-n', 'kyma-system', '-o', 'jsonpath={.items[*].metadata.name}']))
      .split(' ')
      .filter((name) => name !== '');

  const refused = () =>
    audited()
      .filter(({ responseStatus }) => responseStatus?.code === 403)
      .map(({ verb, requestURI }) => `${verb} ${requestURI}`);

  /** What is refused is the likely reason for what does not come. */
  async function expectSoon(what: string, probe: () => Promise<boolean>): Promise<void> {
    try {
      await waitFor(what, probe, { timeoutMs: WRITTEN });
    } catch (error) {
      const log = operator.stderr().split('\n').slice(-12).join('\n');
      throw new Error(
        `${what}: not within a minute; refused: ${[...new Set(refused())].join(', ') || 'nothing'}\n${log}`,
        { cause: error },
      );
    }
  }

  it('makes the workloads of every topology and kind of pipeline, and is refused nothing', async () => {
    await plane.apply(PIPELINES);
    for (const type of ['PerSignal', 'Shared', 'PerPipeline']) {
      await plane.apply([telemetry({ topology: { type }, trace: { gateway: { scaling: { type: 'Auto' } } } })]);
      await expectSoon(`workloads of ${type} are there`, async () => {
        const { status } = JSON.parse(await plane.run(['get', 'tracepipeline', 'referred', '-o', 'json']));
        const daemons = await names('daemonset');
        const workloads = [...(await names('deployment')), ...(await names('statefulset')), ...daemons];
        const wanted = { PerSignal: 'trace-engine-gateway', Shared: 'otlp-engine-gateway', PerPipeline: 'dispatcher' }[
          type
        ]!;
        return (
          status?.conditions !== undefined &&
          (await names('statefulset')).length > 0 &&
          workloads.some((name) => name.includes(wanted)) &&
          ['telemetry-metric-agent', 'telemetry-log-agent', 'telemetry-fluent-bit'].every((agent) =>
            daemons.includes(agent),
          )
        );
      });
    }
    await plane.run(['delete', 'tracepipelines,metricpipelines,logpipelines', '--all', '--timeout=60s']);
    await expectSoon('nothing collects for no pipeline', async () => (await names('daemonset')).length === 0);
    expect(refused()).toEqual([]);
    expect(
      operator
        .stderr()
        .split('\n')
        .filter((line) => /forbidden/i.test(line)),
    ).toEqual([]);
  });

  it('prints no secret and only JSON lines', () => {
    for (const line of operator
      .stderr()
      .split('\n')
      .filter((text) => text !== '')) {
      expect(JSON.parse(line)).toMatchObject({ level: expect.any(String), msg: expect.any(String) });
      expect(line).not.toContain('eyJhbGci');
    }
  });

  it('stops cleanly at SIGTERM', async () => {
    expect(await operator.stop()).toMatchObject({ code: 143 });
    expect(operator.stderr()).toContain('operator stopped');
  });

  it('leaves nothing behind when it is uninstalled', async () => {
    await plane.apply(PIPELINES);
    operator = await startOperator();
    await expectSoon('agents are there', async () => (await names('daemonset')).length >= 3);
    await operator.stop();
    const removed = await runSluice(home, [
      'cluster',
      'uninstall',
      '--yes',
      '--delete-backlog',
      '--kubeconfig',
      plane.kubeconfig,
    ]);
    expect({ code: removed.code, stderr: removed.stderr }).toMatchObject({ code: 0 });
    await plane.run(['delete', 'tracepipelines,metricpipelines,logpipelines', '--all', '--timeout=10s']);
    await expectSoon(
      'the garbage collector has done its work',
      async () => (await names('pod,replicaset,controllerrevision')).length === 0,
    );
    const left = (await allObjects(plane)).filter(
      (object) => !before.includes(object) && !object.startsWith('CustomResourceDefinition '),
    );
    const ofNamespaces = /^(ServiceAccount|ConfigMap) \S+\/(default|kube-root-ca\.crt)$/;
    expect(left.filter((object) => !ofNamespaces.test(object) && !/ obs(\/|$)/.test(object))).toEqual([
      'Namespace kyma-system',
      'Telemetry kyma-system/default',
    ]);
  });
});
