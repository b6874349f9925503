import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ControlPlane, requireControlPlane, startControlPlane } from '../testkit/control-plane.ts';
import { createHome, type Home, runSluice } from '../testkit/sluice.ts';
import { type ReadyPods, startReadyPods } from './cluster-state.ts';
import {
  DEPLOYMENT,
  KYMA_DEFINITION,
  LEFTOVERS,
  UPSTREAM_DEFINITIONS,
  UPSTREAM_RESOURCES,
} from './upstream-leftovers.ts';

const peer = requireControlPlane();
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';

describe.skipIf(peer.status === 'missing')(`a cluster that had Kyma's telemetry module${skipNote}`, () => {
  let plane: ControlPlane;
  let home: Home;
  let pods: ReadyPods;
  beforeAll(async () => {
    plane = await startControlPlane();
    home = createHome();
    pods = await startReadyPods(plane);
    await plane.apply([
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kyma-system' } },
      ...UPSTREAM_DEFINITIONS,
      KYMA_DEFINITION,
    ]);
    await plane.run(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=20s']);
    await plane.apply(UPSTREAM_RESOURCES);
    await plane.apply([...LEFTOVERS, DEPLOYMENT]);
    await plane.apply([
      {
        apiVersion: 'operator.kyma-project.io/v1beta2',
        kind: 'Kyma',
        metadata: { name: 'default', namespace: 'kyma-system' },
        spec: { modules: [{ name: 'telemetry' }] },
      },
    ]);
  });
  afterAll(async () => {
    await pods?.stop();
    await plane?.stop();
    home?.remove();
  });

  const sluice = (...args: string[]) => runSluice(home, [...args, '--kubeconfig', plane.kubeconfig]);
  const get = async (...args: string[]) => JSON.parse(await plane.run(['get', ...args, '-o', 'json']));

  it('is refused while the module is switched on or its manager runs, also with --adopt, and nothing is changed', async () => {
    for (const adopt of [[], ['--adopt']]) {
      const pre = await sluice('check', '--pre', ...adopt);
      expect(pre.code).toBe(1);
      expect(pre.stdout).toContain('the Kyma module telemetry is switched on in Kyma kyma-system/default');
      expect(pre.stdout).toContain("Deployment kyma-system/telemetry-manager is Kyma's telemetry manager");
      const install = await sluice('cluster', 'install', '--yes', ...adopt);
      expect(install).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('SL0713') });
    }
    expect(await plane.run(['get', 'deployment', '-A', '-o', 'name'])).toBe('deployment.apps/telemetry-manager\n');
  });

  it('is refused without --adopt when the module is gone and what it left is there', async () => {
    await plane.run(['delete', 'kyma', 'default', '-n', 'kyma-system']);
    await plane.run(['delete', 'deployment', 'telemetry-manager', '-n', 'kyma-system', '--wait']);
    const pre = await sluice('check', '--pre');
    expect(pre.code).toBe(1);
    expect(pre.stdout).toContain(
      'there are objects of another installation: CustomResourceDefinition tracepipelines.telemetry.kyma-project.io',
    );
    expect(pre.stdout).toContain('sluice cluster install --adopt');
    expect(await sluice('check', '--pre', '--adopt')).toMatchObject({ code: 0 });
  });

  it('is taken over with --adopt: resources stay, what leads nowhere goes', async () => {
    const specs = async () => {
      const { items } = await get('tracepipelines,logpipelines,telemetries', '-A');
      return items.map(({ metadata, spec }: { metadata: { name: string }; spec: object }) => [metadata.name, spec]);
    };
    const before: object[] = await specs();
    const adopted = await sluice('cluster', 'install', '--adopt', '--yes');
    expect({ code: adopted.code, stderr: adopted.stderr }).toEqual({ code: 0, stderr: expect.anything() });
    expect(adopted.stdout).toContain(
      'deleted    ValidatingWebhookConfiguration telemetry-validating-webhook.kyma-project.io  (of another installation)',
    );
    expect(adopted.stdout).toContain(
      'deleted    DaemonSet kyma-system/telemetry-otlp-gateway  (of another installation)',
    );
    // What is written again gets the defaults of the new definition.
    expect(await specs()).toMatchObject(before);
    const { metadata, spec, status } = await get('crd', 'tracepipelines.telemetry.kyma-project.io');
    expect(metadata.labels).toMatchObject({ 'app.kubernetes.io/managed-by': 'sluice' });
    expect(spec.versions[0].schema.openAPIV3Schema.properties.spec.properties).toHaveProperty('delivery');
    // Nothing of the old schema is left in the new one.
    expect(spec.versions[0].schema.openAPIV3Schema.properties.spec).not.toHaveProperty(
      'x-kubernetes-preserve-unknown-fields',
    );
    expect(status.storedVersions).toEqual(['v1beta1']);
    for (const resource of [
      ['tracepipeline', 'upstream'],
      ['logpipeline', 'upstream'],
      ['telemetry', 'default', '-n', 'kyma-system'],
    ])
      expect((await get(...resource)).metadata.finalizers ?? []).toEqual([]);
    expect(await sluice('check', '--pre')).toMatchObject({ code: 0 });
    expect(await sluice('check')).toMatchObject({ code: 0 });
  });

  it('deletes resources without a hang from then on', async () => {
    await plane.run(['delete', 'tracepipeline', 'upstream', '--timeout=10s']);
    await plane.run(['delete', 'logpipeline', 'upstream', '--timeout=10s']);
  });
});
