import { expect, it } from 'vitest';
import { hasIpv6Nodes } from './cluster-facts.ts';

const node = (name: string, ...addresses: readonly string[]) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  status: { addresses: addresses.map((address) => ({ type: 'InternalIP', address })) },
});

it.each([
  ['one of IPv6', true, [node('a', 'fd00::1')]],
  ['one of IPv4', false, [node('a', '10.0.0.1')]],
  ['both, as the first is what Pods are told', false, [node('a', '10.0.0.1', 'fd00::1')]],
  ['different ones, as the first by name speaks for all', true, [node('b', '10.0.0.1'), node('a', 'fd00::1')]],
  ['none yet', false, [node('a')]],
])('nodes with %s: brackets are needed: %s', (_, is, nodes) => {
  expect(hasIpv6Nodes(nodes)).toBe(is);
});

it('no nodes: brackets are not needed', () => {
  expect(hasIpv6Nodes([])).toBe(false);
});
