import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ControlPlane } from '../control-plane.ts';
import { waitFor } from '../wait-for.ts';
import { type SentItem, sentItems } from './sent-items.ts';

/** Pods that send a steady stream through the single endpoint, over both protocols. */
export interface SenderPods {
  /** All attempts so far. */
  attempts(): readonly SentItem[];
  /** Ends the stream; resolves when every item is acknowledged or given up. */
  stop(): Promise<readonly SentItem[]>;
  remove(): void;
}

export interface SenderPodsOptions {
  /** Unique among the senders of a cluster; ids begin with it. */
  readonly name: string;
  /** Has Node as `/usr/local/bin/node`. */
  readonly image: string;
  /** Service of the single endpoint. */
  readonly host: string;
  /** Of each Pod, one item a request, the signals in turn. */
  readonly everyMs?: number;
}

const ROOT = resolve(import.meta.dirname, '../../..');
const NAMESPACE = 'default';

export async function startSenderPods(
  cluster: ControlPlane,
  { name, image, host, everyMs = 100 }: SenderPodsOptions,
): Promise<SenderPods> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-senders-'));
  chmodSync(folder, 0o777);
  const names = (['grpc', 'http'] as const).map((protocol) => ({ protocol, pod: `${name}-${protocol}` }));
  const pods = names.map(({ protocol, pod }) => {
    const env = { NAME: pod, PROTOCOL: protocol, HOST: host, OUT: `/out/${pod}.jsonl`, EVERY_MS: String(everyMs) };
    return repositoryPod({ pod, image, folder, env, program: 'sender-pod.ts' });
  });
  await cluster.apply(pods);
  await waitFor(
    'both senders send',
    () => new Set(sentItems(folder).map(({ id }) => id.replace(/-\d+$/, ''))).size === 2,
    {
      timeoutMs: 90_000,
      pollMs: 250,
    },
  );
  return {
    attempts: () => sentItems(folder),
    async stop() {
      // Deleted with SIGTERM and the time for the last item's last try.
      const removed = await cluster.kubectl(['delete', 'pod', '-n', NAMESPACE, ...names.map(({ pod }) => pod)]);
      if (removed.code !== 0) throw new Error(removed.stderr);
      return sentItems(folder);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export interface RepositoryPodOptions {
  readonly pod: string;
  readonly image: string;
  /** Mounted as `/out`. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** A file beside this one. */
  readonly program: string;
}

/** A Pod that runs a program of this folder, on the repository mounted there. */
export function repositoryPod({ pod, image, folder, env, program }: RepositoryPodOptions): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: pod, namespace: NAMESPACE, labels: { app: 'sender' } },
    spec: {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 90,
      containers: [
        {
          name: 'sender',
          image,
          imagePullPolicy: 'Never',
          command: ['/usr/local/bin/node', `/repository/test/testkit/cluster/${program}`],
          env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
          securityContext: { runAsUser: 0 },
          volumeMounts: [
            { name: 'repository', mountPath: '/repository', readOnly: true },
            { name: 'out', mountPath: '/out' },
          ],
        },
      ],
      volumes: [
        { name: 'repository', hostPath: { path: ROOT } },
        { name: 'out', hostPath: { path: folder } },
      ],
    },
  };
}
