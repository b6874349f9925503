import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/index.ts';
import { runningReplicas } from './running-replicas.ts';
import { applyServing } from './serving.ts';

const LABEL = 'telemetry.kyma-project.io/serving';

function pod(name: string, serving?: string): KubeObject {
  const labels = { app: 'x', ...(serving === undefined ? {} : { [LABEL]: serving }) };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'kyma-system', labels } };
}

function recordingClient(fail = false) {
  const patches: unknown[] = [];
  const mergePatch = async (_: unknown, ref: { readonly name: string }, patch: object): Promise<never> => {
    patches.push([ref.name, patch]);
    if (fail) throw new Error('no');
    return undefined as never;
  };
  return { patches, client: { mergePatch } };
}

const silent = () => {};

describe('the label that Services select', () => {
  it('is taken from Pods that are emptied, given back to others, and left where it is right or never was', async () => {
    const { patches, client } = recordingClient();
    const pods = [pod('a', 'true'), pod('b', 'true'), pod('c', 'false'), pod('d', 'false'), pod('agent')];
    const log = { info: silent, warn: silent, error: silent };
    await applyServing(pods, { client, log, draining: new Set(['b', 'd', 'agent']) });
    expect(patches).toEqual([
      ['b', { metadata: { labels: { [LABEL]: 'false' } } }],
      ['c', { metadata: { labels: { [LABEL]: 'true' } } }],
    ]);
  });

  it('is tried for the next Pod when one cannot be written', async () => {
    const { patches, client } = recordingClient(true);
    const warned: string[] = [];
    const log = { info: silent, warn: (message: string) => warned.push(message), error: silent };
    await applyServing([pod('a', 'true'), pod('b', 'true')], { client, log, draining: new Set(['a', 'b']) });
    expect([patches.length, warned.length]).toEqual([2, 2]);
  });
});

describe('replicas that run', () => {
  it('are read from the controllers, by workload', () => {
    const controller = (name: string, spec: object): KubeObject => ({ ...pod(name), kind: 'Deployment', spec });
    expect(
      runningReplicas([controller('telemetry-trace-gateway', { replicas: 5 }), controller('telemetry-log-agent', {})]),
    ).toEqual({ 'trace-gateway': 5 });
  });
});
