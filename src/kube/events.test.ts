import { expect, it } from 'vitest';
import { systemClock } from '../lib/index.ts';
import { createEventRecorder } from './events.ts';
import type { KubeClient, KubeObject } from './index.ts';

const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

it.each(['a'.repeat(253), `${'a'.repeat(219)}.${'b'.repeat(33)}`, `${'a'.repeat(218)}--${'b'.repeat(33)}`])(
  'an Event about an object with a long name has a name that the API takes (%#)',
  async (name) => {
    const created: string[] = [];
    const client = {
      create: async (_type: unknown, object: KubeObject) => created.push(object.metadata.name),
    } as unknown as KubeClient;
    const log = { info: () => {}, warn: () => {}, error: () => {} };
    const recorder = createEventRecorder({ client, clock: systemClock, log, controller: 'c', instance: 'i' });
    const regarding = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } };
    recorder.record({ regarding, type: 'Normal', reason: 'Test', action: 'Test', note: 'a note' });
    await recorder.stop();
    expect(created).toHaveLength(1);
    expect(created[0]).toMatch(DNS_SUBDOMAIN);
    expect(created[0]!.length).toBeLessThanOrEqual(253);
  },
);
