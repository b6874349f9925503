import { describe, expect, it } from 'vitest';
import { Associations } from './association.ts';
import type { KnownPod } from './known-pod.ts';
import type { K8sAttributesConfig } from './settings.ts';

const pod = (more: Partial<KnownPod>): KnownPod => ({
  uid: 'uid-1',
  name: 'checkout',
  namespace: 'shop',
  ip: '10.0.0.7',
  hostNetwork: false,
  startedMs: 0,
  createdAt: undefined,
  hostname: '',
  nodeName: 'node-1',
  owners: [],
  tags: {} as KnownPod['tags'],
  nameLabel: undefined,
  versionLabel: undefined,
  containers: [],
  ignored: false,
  ...more,
});

const attribute = (...names: readonly string[]) => ({
  sources: names.map((name) =>
    name === 'connection' ? { from: 'connection' as const } : { from: 'resource_attribute' as const, name },
  ),
});

function keys(configured: K8sAttributesConfig['pod_association'], more: Partial<KnownPod> = {}): readonly string[] {
  return new Associations(configured).ofPod(pod(more), () => undefined);
}

describe('the keys of a Pod', () => {
  const BY_ADDRESS = [attribute('k8s.pod.ip'), attribute('host.name'), attribute('connection')];

  it('are its addresses and its uid', () => {
    const found = keys([attribute('k8s.pod.uid'), ...BY_ADDRESS]);
    expect(found).toEqual(['k8s.pod.uid=uid-1', 'k8s.pod.ip=10.0.0.7', 'host.name=10.0.0.7', '@10.0.0.7']);
  });

  it('are not the address of its node, in whose network it is with others', () => {
    expect(keys([attribute('k8s.pod.uid'), ...BY_ADDRESS], { hostNetwork: true })).toEqual(['k8s.pod.uid=uid-1']);
  });

  it('have that address beside what tells it from the others', () => {
    const found = keys([attribute('k8s.pod.ip', 'k8s.pod.name')], { hostNetwork: true });
    expect(found).toHaveLength(2);
    expect(found[0]).toContain('k8s.pod.name=checkout');
  });
});
