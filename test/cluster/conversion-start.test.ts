import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certificateFacts } from '../../src/cli/certificate-facts.ts';
import type { KubeClient } from '../../src/kube/index.ts';
import { systemClock } from '../../src/lib/index.ts';
import { installBundle, type RunningOperator, runOperator } from '../../src/operator/index.ts';
import { type ControlPlane, requireControlPlane, startControlPlane } from '../testkit/control-plane.ts';
import { freePort } from '../testkit/free-port.ts';
import { kubeClient, recordedLog } from '../testkit/kube.ts';
import { waitFor } from '../testkit/wait-for.ts';

const peer = requireControlPlane();
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';

const DEFINITION = 'tracepipelines.telemetry.kyma-project.io';
const ANYTHING = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
const version = (name: string) => ({ name, served: true, storage: name === 'v1alpha1', schema: ANYTHING });

describe.skipIf(peer.status === 'missing')(
  `a cluster whose pipelines are stored in an older version${skipNote}`,
  () => {
    let plane: ControlPlane;
    let client: KubeClient;
    let operator: RunningOperator | undefined;
    beforeAll(async () => {
      plane = await startControlPlane({ scheduler: false });
      const bundle = installBundle({ version: '0.0.0' });
      await plane.apply(bundle.filter(({ kind }) => kind === 'Namespace' || kind === 'CustomResourceDefinition'));
      await plane.run(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=20s']);
      const { spec } = JSON.parse(await plane.run(['get', 'crd', DEFINITION, '-o', 'json']));
      const patch = (changed: object) =>
        plane.run(['patch', 'crd', DEFINITION, '--type=merge', '-p', JSON.stringify({ spec: changed })]);
      await patch({ versions: ['v1alpha1', 'v1beta1'].map(version), conversion: { strategy: 'None', webhook: null } });
      await plane.apply([
        {
          apiVersion: 'telemetry.kyma-project.io/v1alpha1',
          kind: 'TracePipeline',
          metadata: { name: 'old' },
          spec: { output: { otlp: { endpoint: { value: 'http://jaeger.obs:4317' } } } },
        },
      ]);
      // The Service leads nowhere: no Pod is ready, as when all of the operator's start at once.
      await patch({ versions: spec.versions, conversion: spec.conversion });
      client = await kubeClient(plane.kubeconfig);
    });
    afterAll(async () => {
      await operator?.stop();
      await client?.close();
      await plane?.stop();
    });

    const readyz = async () => (await fetch(`http://127.0.0.1:${operator!.metricsPort}/readyz`)).status;

    it('has an operator that serves conversions before it can read them: nobody else makes them readable', async () => {
      const log = recordedLog();
      operator = await runOperator({
        client,
        clock: systemClock,
        log,
        random: () => 0.5,
        certificates: certificateFacts,
        namespace: 'kyma-system',
        identity: 'one',
        images: { otelcol: 'otelcol', sluice: 'sluice', fluentBit: 'fluent-bit' },
        webhooks: { host: '127.0.0.1', port: await freePort() },
        metrics: { host: '127.0.0.1', port: 0 },
      });
      expect(await readyz()).toBe(503);
      await waitFor('it is ready', async () => (await readyz()) === 200, { timeoutMs: 20_000 });
      expect(log.lines.some((line) => line.includes('cannot watch'))).toBe(true);
      expect(operator.isLeader).toBe(false);
    });
  },
);
