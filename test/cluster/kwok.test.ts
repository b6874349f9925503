import { describe, expect, it } from 'vitest';
import { requirePeer } from '../../testbed/index.ts';
import { requireControlPlane, startControlPlane } from '../testkit/control-plane.ts';
import { startKwok } from '../testkit/kwok.ts';
import { waitFor } from '../testkit/wait-for.ts';

const missing = [requireControlPlane(), requirePeer('kwok')].find(({ status }) => status === 'missing');
const skipNote = missing?.status === 'missing' ? ` (skipped: ${missing.reason})` : '';

const daemonSet = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'agent' },
  spec: {
    selector: { matchLabels: { app: 'agent' } },
    template: {
      metadata: { labels: { app: 'agent' } },
      spec: { containers: [{ name: 'agent', image: 'agent' }] },
    },
  },
};

describe.skipIf(missing !== undefined)(`fifty nodes of kwok${skipNote}`, () => {
  it('are Ready, and a DaemonSet has a Ready Pod on each', async () => {
    const plane = await startControlPlane();
    try {
      const kwok = await startKwok(plane, { nodes: 50 });
      await plane.apply([daemonSet]);
      const ready = () => plane.run(['get', 'daemonset', 'agent', '-o', 'jsonpath={.status.numberReady}']);
      await waitFor('fifty Ready Pods', async () => (await ready()) === '50', { timeoutMs: 60_000, pollMs: 200 });
      const nodes = await plane.run(['get', 'pods', '-o', 'jsonpath={.items[*].spec.nodeName}']);
      expect(new Set(nodes.split(' '))).toEqual(new Set(kwok.nodeNames));
      await kwok.stop();
    } finally {
      await plane.stop();
    }
  });
});
