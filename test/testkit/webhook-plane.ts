import { join } from 'node:path';
import { connectKube, type KubeClient } from '../../src/kube/index.ts';
import { systemClock } from '../../src/lib/index.ts';
import { type RunningWebhooks, startWebhooks, webhookManifests } from '../../src/operator/index.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';
import { freePort } from './free-port.ts';

export const DEFINITIONS = join(import.meta.dirname, '../../config/crd');

export const NAMESPACE = 'kyma-system';

/** An API server with our resources, and webhooks that it reaches by URL. */
export interface WebhookPlane {
  readonly plane: ControlPlane;
  readonly client: KubeClient;
  /** Of the webhooks; the configurations name it. */
  readonly port: number;
  /** What the webhooks logged: message and fields as JSON. */
  readonly logged: readonly string[];
  /** On the port, or another one for a further replica; `asService`: as behind a Service, without a URL. */
  start(port?: number, options?: { readonly asService: boolean }): Promise<RunningWebhooks>;
  stop(): Promise<void>;
}

export async function startWebhookPlane(): Promise<WebhookPlane> {
  const plane = await startControlPlane({ controllerManager: false, scheduler: false });
  const { client } = await connectKube({ kubeconfig: plane.kubeconfig, env: {}, clock: systemClock });
  const port = await freePort();
  const running = new Set<RunningWebhooks>();
  const logged: string[] = [];
  const note = (message: string, fields: object = {}) => void logged.push(`${message} ${JSON.stringify(fields)}`);
  await plane.run(['create', 'namespace', NAMESPACE]);
  await plane.run(['apply', '--server-side', '-f', DEFINITIONS]);
  await plane.run(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=20s']);
  // With the address of a Service, as an installation brings them: the webhooks put their own in place.
  await plane.apply(webhookManifests({ namespace: NAMESPACE }));
  return {
    plane,
    client,
    port,
    logged,
    async start(at = port, { asService } = { asService: false }) {
      const webhooks = await startWebhooks({
        client,
        clock: systemClock,
        namespace: NAMESPACE,
        host: '127.0.0.1',
        port: at,
        ...(asService ? {} : { url: `https://127.0.0.1:${port}` }),
        log: { info: note, warn: note, error: note },
      });
      running.add(webhooks);
      return {
        ...webhooks,
        async stop() {
          running.delete(webhooks);
          await webhooks.stop();
        },
      };
    },
    async stop() {
      for (const webhooks of running) await webhooks.stop();
      await client.close();
      await plane.stop();
    },
  };
}
