import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ControlPlane, requireControlPlane, startControlPlane } from '../testkit/control-plane.ts';
import { createHome, type Home, runSluice } from '../testkit/sluice.ts';
import { allObjects } from './cluster-state.ts';

const peer = requireControlPlane();
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';

describe.skipIf(peer.status === 'missing')(`an installation in a namespace of its own${skipNote}`, () => {
  let plane: ControlPlane;
  let home: Home;
  beforeAll(async () => {
    plane = await startControlPlane({ scheduler: false });
    home = createHome();
    const installed = await sluice('cluster', 'install', '--yes', '--no-wait', '--namespace', 'observing');
    expect(installed).toMatchObject({ code: 0 });
  });
  afterAll(async () => {
    await plane?.stop();
    home?.remove();
  });

  const sluice = (...args: string[]) => runSluice(home, [...args, '--kubeconfig', plane.kubeconfig]);

  it('is not touched by an uninstall that names another namespace', async () => {
    const before = await allObjects(plane);
    for (const dry of [['--dry-run'], []]) {
      const wrong = await sluice('cluster', 'uninstall', '--yes', ...dry);
      expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('SL0713') });
      expect(wrong.stderr).toContain('sluice cluster uninstall --namespace observing');
    }
    expect(await allObjects(plane)).toEqual(before);
    const crd = [
      'get',
      'crd',
      'tracepipelines.telemetry.kyma-project.io',
      '-o',
      'jsonpath={.spec.conversion.strategy}',
    ];
    expect(await plane.run(crd)).toBe('Webhook');
  });

  it('waits for Pods of the operator also where its Deployment has gone already, and not for what hangs on a dead node', async () => {
    const name = 'telemetry-operator-left';
    const labels = { 'app.kubernetes.io/name': 'telemetry-operator', 'app.kubernetes.io/component': 'operator' };
    await plane.apply([
      { apiVersion: 'v1', kind: 'Node', metadata: { name: 'dead' } },
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: 'observing', labels },
        spec: {
          nodeName: 'dead',
          containers: [{ name: 'operator', image: 'sluice:test' }],
          automountServiceAccountToken: false,
          tolerations: [{ operator: 'Exists' }],
        },
      },
    ]);
    const own = ['cluster', 'uninstall', '--yes', '--namespace', 'observing'];
    expect((await sluice(...own, '--timeout', '2s')).code).toBe(5);
    const again = await sluice(...own, '--timeout', '2s');
    expect(again).toMatchObject({ code: 5, stderr: expect.stringContaining(name) });
    await plane.run(['delete', 'pod', name, '-n', 'observing', '--grace-period=1', '--wait=false']);
    expect(await sluice(...own, '--timeout', '60s')).toMatchObject({ code: 0 });
    expect(await plane.run(['get', 'pod', name, '-n', 'observing', '-o', 'name'])).toBe(`pod/${name}\n`);
    await plane.run(['delete', 'pod', name, '-n', 'observing', '--force']);
    expect(await sluice('cluster', 'install', '--yes', '--no-wait', '--namespace', 'observing')).toMatchObject({
      code: 0,
    });
  }, 120_000);

  it('is removed by one that names its own', async () => {
    const removed = await sluice('cluster', 'uninstall', '--yes', '--namespace', 'observing');
    expect(removed).toMatchObject({ code: 0 });
    expect(removed.stdout).toContain('deleted    ClusterRole telemetry-operator');
  });
});
