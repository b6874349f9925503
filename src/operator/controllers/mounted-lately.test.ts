import { expect, it } from 'vitest';
import type { KubeObject } from '../../kube/index.ts';
import { MountedLately } from './mounted-lately.ts';

const pod = (config: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p' },
  spec: {
    volumes: [{ configMap: { name: config } }],
    containers: [{ envFrom: [{ secretRef: { name: `${config}-env` } }] }],
  },
});

it('knows what Pods mount, and for a while what Pods mounted that are gone', () => {
  const mounted = new MountedLately();
  expect([...mounted.look([pod('old')], 0)]).toEqual(['old', 'old-env']);
  expect([...mounted.look([], 599_000)]).toEqual(['old', 'old-env']);
  expect([...mounted.look([pod('new')], 601_000)]).toEqual(['new', 'new-env']);
});
