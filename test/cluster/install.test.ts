import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ControlPlane, requireControlPlane, startControlPlane } from '../testkit/control-plane.ts';
import { createHome, type Home, runSluice } from '../testkit/sluice.ts';
import { allObjects, type ReadyPods, startReadyPods, writeAccountKubeconfig } from './cluster-state.ts';

const peer = requireControlPlane();
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';

const PIPELINE = `apiVersion: telemetry.kyma-project.io/v1beta1
kind: TracePipeline
metadata: {name: jaeger}
spec: {output: {otlp: {endpoint: {value: "http://jaeger.obs:4317"}}}}
`;

const ANYTHING = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };

describe.skipIf(peer.status === 'missing')(`an installation${skipNote}`, () => {
  let plane: ControlPlane;
  let home: Home;
  let pods: ReadyPods;
  beforeAll(async () => {
    plane = await startControlPlane();
    home = createHome();
    pods = await startReadyPods(plane);
  });
  afterAll(async () => {
    await pods?.stop();
    await plane?.stop();
    home?.remove();
  });

  const sluice = (...args: string[]) => runSluice(home, [...args, '--kubeconfig', plane.kubeconfig]);
  /** Of a call that must succeed. */
  const done = async (...args: string[]) => {
    const { code, stdout, stderr } = await sluice(...args);
    if (code !== 0) throw new Error(`sluice ${args.join(' ')} ended with ${code}: ${stderr}`);
    return { stdout, stderr, ...(args.includes('json') ? { report: JSON.parse(stdout) } : {}) };
  };
  const get = async (...args: string[]) => JSON.parse(await plane.run(['get', ...args, '-o', 'json']));

  describe('in an empty cluster', () => {
    let before: readonly string[];
    beforeAll(async () => {
      before = await allObjects(plane);
    });

    it('is found possible by check --pre, and not there by check', async () => {
      const pre = await done('check', '--pre', '-o', 'json');
      const report = JSON.parse(pre.stdout);
      expect(report).toMatchObject({ kind: 'CheckReport', summary: { failed: 0 } });
      const texts = report.items.map(({ text }: { text: string }) => text);
      expect(texts).toContainEqual('the API server answers: Kubernetes v1.35.4');
      expect(texts).toContainEqual('this user may install');
      expect(texts).toContainEqual('no other installation of Kyma Telemetry');
      const post = await sluice('check');
      expect(post.code).toBe(1);
      expect(post.stdout).toContain('missing: tracepipelines.telemetry.kyma-project.io');
      const fixes = post.stdout.split('\n').filter((line) => line.startsWith('    '));
      expect(fixes.length).toBeGreaterThan(1);
      expect(fixes.filter((line) => !line.endsWith('sluice cluster install'))).toEqual([]);
    });

    it('is refused to somebody who may not install, with what is missing', async () => {
      const file = join(home.path, 'nobody');
      await writeAccountKubeconfig(plane, { namespace: 'default', name: 'default', file });
      const pre = await runSluice(home, ['check', '--pre', '--kubeconfig', file]);
      expect(pre.code).toBe(1);
      expect(pre.stdout).toContain('this user may not create, patch, get, list, delete clusterroles');
      const install = await runSluice(home, ['cluster', 'install', '--yes', '--kubeconfig', file]);
      expect(install).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('SL0713') });
    });

    it('is not made without confirmation, nor by a dry run', async () => {
      const refused = await sluice('cluster', 'install');
      expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('SL0712') });
      expect(refused.stderr).toContain(plane.url);
      const dry = await done('cluster', 'install', '--dry-run', '-o', 'json');
      expect(JSON.parse(dry.stdout).summary).toMatchObject({ dryRun: true, unchanged: 0, configured: 0 });
      expect(await allObjects(plane)).toEqual(before);
    });

    it('becomes ready, and says so', async () => {
      const installed = await done('cluster', 'install', '--yes');
      expect(installed.stdout).toContain('created    Deployment kyma-system/telemetry-operator');
      expect(installed.stdout).toContain('Installed. Applications send OTLP to http://telemetry-otlp.kyma-system:4317');
      expect((await get('telemetry', 'default', '-n', 'kyma-system')).metadata.annotations).toMatchObject({
        'telemetry.kyma-project.io/service-enrichment': 'otel',
      });
      const check = await done('check');
      expect(check.stdout).toContain('Deployment kyma-system/telemetry-operator is ready');
    });

    it('changes nothing when it is repeated', async () => {
      const again = await done('cluster', 'install', '--yes', '-o', 'json');
      expect(JSON.parse(again.stdout).summary).toMatchObject({ created: 0, configured: 0, deleted: 0, kept: 0 });
      const dry = await sluice('cluster', 'upgrade', '--dry-run', '-o', 'json');
      expect(JSON.parse(dry.stdout).summary).toMatchObject({ created: 0, configured: 0, deleted: 0 });
    });

    it('leaves the settings of its users alone', async () => {
      const patch = JSON.stringify({
        metadata: { annotations: { 'telemetry.kyma-project.io/service-enrichment': null } },
      });
      await plane.run(['patch', 'telemetry', 'default', '-n', 'kyma-system', '--type=merge', '-p', patch]);
      await done('cluster', 'upgrade', '--yes');
      const { annotations = {} } = (await get('telemetry', 'default', '-n', 'kyma-system')).metadata;
      expect(annotations).not.toHaveProperty(['telemetry.kyma-project.io/service-enrichment']);
    });

    it('is upgraded: images change, what older versions had goes, what others made stays', async () => {
      const labels = {
        'app.kubernetes.io/component': 'operator',
        'app.kubernetes.io/part-of': 'telemetry',
        'app.kubernetes.io/managed-by': 'sluice',
      };
      const service = (name: string, more: object) => ({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name, namespace: 'kyma-system', labels: more },
        spec: { ports: [{ port: 1 }] },
      });
      await plane.apply([service('of-an-older-version', labels), service('of-somebody', {})]);
      const upgraded = await done('cluster', 'upgrade', '--yes', '--image', 'sluice=registry.test/sluice:9');
      expect(upgraded.stdout).toContain('deleted    Service kyma-system/of-an-older-version');
      expect(upgraded.stdout).toContain('configured Deployment kyma-system/telemetry-operator');
      const deployment = await get('deployment', 'telemetry-operator', '-n', 'kyma-system');
      expect(deployment.spec.template.spec.containers[0].image).toBe('registry.test/sluice:9');
      expect(await plane.run(['get', 'service', '-n', 'kyma-system', '-o', 'name'])).toContain('service/of-somebody');
      await plane.run(['delete', 'service', '-n', 'kyma-system', 'of-somebody']);
    });

    it('rewrites what is stored in an older version', async () => {
      await plane.apply(PIPELINE);
      const crd = 'tracepipelines.telemetry.kyma-project.io';
      const stored = JSON.stringify({ status: { storedVersions: ['v1alpha1', 'v1beta1'] } });
      await plane.run(['patch', 'crd', crd, '--subresource=status', '--type=merge', '-p', stored]);
      const upgraded = await sluice('cluster', 'upgrade', '--yes', '-o', 'json');
      expect(JSON.parse(upgraded.stdout).summary).toMatchObject({ migrated: 1 });
      expect((await get('crd', crd)).status.storedVersions).toEqual(['v1beta1']);
    });

    it('names what is not ready, and why, when it gives up waiting', async () => {
      await pods.stop();
      await plane.run(['cordon', 'paper']);
      const waiting = await sluice(
        'cluster',
        'upgrade',
        '--yes',
        '--timeout',
        '3s',
        '--image',
        'sluice=registry.test/sluice:10',
      );
      expect(waiting).toMatchObject({ code: 5, stderr: expect.stringContaining('SL0714') });
      expect(waiting.stderr).toMatch(
        /Deployment kyma-system\/telemetry-operator has \d of 2 replicas ready: not scheduled: 0\/1 nodes are available/,
      );
      await plane.run(['uncordon', 'paper']);
      pods = await startReadyPods(plane);
    });

    it('is removed: nothing stays but the resources, their definitions and the namespace', async () => {
      const finalizers = JSON.stringify({
        metadata: { finalizers: ['telemetry.kyma-project.io/finalizer', 'example.com/other'] },
      });
      await plane.run(['patch', 'tracepipeline', 'jaeger', '--type=merge', '-p', finalizers]);
      const claim = {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: {
          name: 'data-0',
          namespace: 'kyma-system',
          labels: { 'app.kubernetes.io/part-of': 'telemetry', 'app.kubernetes.io/managed-by': 'sluice' },
        },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      };
      await plane.apply([claim]);
      const removed = await done('cluster', 'uninstall', '--yes');
      expect(removed.stdout).toContain(
        'kept       PersistentVolumeClaim kyma-system/data-0  (may hold data that was not delivered)',
      );
      expect((await get('tracepipeline', 'jaeger')).metadata.finalizers).toEqual(['example.com/other']);
      expect((await get('crd', 'logpipelines.telemetry.kyma-project.io')).spec.conversion).toEqual({
        strategy: 'None',
      });
      const rest = await sluice('cluster', 'uninstall', '--yes', '--delete-backlog');
      expect(rest.stdout).toContain('deleted    PersistentVolumeClaim kyma-system/data-0');
      const left = (await allObjects(plane)).filter((object) => !before.includes(object));
      expect(left.filter((object) => !/ kyma-system\/(default|kube-root-ca\.crt)$/.test(object))).toEqual([
        'CustomResourceDefinition logparsers.telemetry.kyma-project.io',
        'CustomResourceDefinition logpipelines.telemetry.kyma-project.io',
        'CustomResourceDefinition metricpipelines.telemetry.kyma-project.io',
        'CustomResourceDefinition telemetries.operator.kyma-project.io',
        'CustomResourceDefinition tracepipelines.telemetry.kyma-project.io',
        'Namespace kyma-system',
        'TracePipeline jaeger',
      ]);
    });

    it('keeps the conversion of what only the operator can read', async () => {
      await done('cluster', 'install', '--yes');
      const crd = 'logpipelines.telemetry.kyma-project.io';
      const served = (name: string) => ({ name, served: true, storage: name === 'v1alpha1', schema: ANYTHING });
      const pipeline = {
        apiVersion: 'telemetry.kyma-project.io/v1alpha1',
        kind: 'LogPipeline',
        metadata: { name: 'old' },
        spec: { output: { http: { host: { value: 'logs.example.com' } } } },
      };
      const { spec } = await get('crd', crd);
      const stored = (versions: object[], conversion: object) =>
        plane.run(['patch', 'crd', crd, '--type=merge', '-p', JSON.stringify({ spec: { versions, conversion } })]);
      await stored([served('v1alpha1'), served('v1beta1')], { strategy: 'None', webhook: null });
      await plane.apply([pipeline]);
      await stored(spec.versions, spec.conversion);
      const removed = await done('cluster', 'uninstall', '--yes');
      expect(removed.stdout).toContain(
        `kept       CustomResourceDefinition ${crd}  (objects are stored in an older version`,
      );
      expect((await get('crd', crd)).spec.conversion.strategy).toBe('Webhook');
    });

    it('comes back over what stayed', async () => {
      const { stdout } = await done('cluster', 'install', '--yes', '--no-wait');
      expect(stdout).toContain('Applied; whether the operator becomes ready was not awaited.\nNext:  ');
      expect((await get('crd', 'logpipelines.telemetry.kyma-project.io')).spec.conversion.strategy).toBe('Webhook');
      expect((await get('tracepipeline', 'jaeger')).spec.output.otlp.endpoint.value).toBe('http://jaeger.obs:4317');
      await done('cluster', 'uninstall', '--yes');
    });
  });
});
