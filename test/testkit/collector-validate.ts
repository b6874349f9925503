import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requirePeer } from '../../testbed/index.ts';

/** What the real Collector says of a configuration that it only reads; accepted is `{ status: 0, stderr: '' }`. */
export function validateWithOtelcol(config: string): { readonly status: number | null; readonly stderr: string } {
  const peer = requirePeer('otelcol');
  if (peer.status === 'missing') throw new Error(peer.reason);
  const folder = mkdtempSync(join(tmpdir(), 'sluice-validate-'));
  try {
    const file = join(folder, 'otelcol.yaml');
    const text = outsideCluster(config, folder);
    writeFileSync(file, text);
    const env = { ...CLUSTER, ...environmentFor(text), PATH: process.env['PATH'] ?? '' };
    const { status, stderr } = spawnSync(peer.path, ['validate', '--config', file], { encoding: 'utf8', env });
    return { status, stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const CLUSTER = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: '443' };

/** The Collector looks for what a Pod has, even when it only validates: its service account, and certificates of a sidecar. */
function outsideCluster(config: string, folder: string): string {
  const certificates = join(folder, 'istio');
  mkdirSync(certificates);
  for (const name of ['root-cert', 'cert-chain', 'key']) writeFileSync(join(certificates, `${name}.pem`), '');
  return config
    .replaceAll('auth_type: serviceAccount', 'auth_type: none')
    .replaceAll('/etc/istio-output-certs', certificates);
}

/** A value for everything the configuration takes from the environment; it stands for an address, a header or a key alike. */
function environmentFor(config: string): Record<string, string> {
  const names = [...config.matchAll(/\$\{env:(\w+)/g)].map((match) => match[1]!);
  const read = [...config.matchAll(/node_from_env_var: "?(\w+)/g)].map((match) => match[1]!);
  return Object.fromEntries([...names, ...read].map((name) => [name, 'http://localhost:4317']));
}
