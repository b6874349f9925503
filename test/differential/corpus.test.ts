import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { requirePeer } from '../../testbed/index.ts';

const corpus = join(import.meta.dirname, '../corpus');
const goldens = readdirSync(corpus, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\b(otelcol\.yaml|(otelcol|cluster)\/[^/]+\.yaml)$/.test(path))
  .sort();
const peer = requirePeer('otelcol');
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';
const folder = mkdtempSync(join(tmpdir(), 'sluice-validate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(peer.status === 'missing')(`the real Collector accepts what is rendered${skipNote}`, () => {
  it('finds the goldens', () => {
    expect(goldens.length).toBeGreaterThan(10);
  });

  it.each(goldens)('%s', (golden) => {
    const text = outsideCluster(readFileSync(join(corpus, golden), 'utf8'));
    expect(validate(text, environmentFor(text))).toEqual({ status: 0, stderr: '' });
  });

  it('refuses a golden with a misspelt setting, so that its consent means something', () => {
    const misspelt = readFileSync(join(corpus, goldens[0]!), 'utf8').replace('check_interval', 'check_intervall');
    expect(validate(misspelt, environmentFor(misspelt)).stderr).toContain('check_intervall');
  });
});

/** The Collector looks for what a Pod has, even when it only validates: its service account, and certificates of a sidecar. */
function outsideCluster(config: string): string {
  const certificates = join(folder, 'istio');
  mkdirSync(certificates, { recursive: true });
  for (const name of ['root-cert', 'cert-chain', 'key']) writeFileSync(join(certificates, `${name}.pem`), '');
  return config
    .replaceAll('auth_type: serviceAccount', 'auth_type: none')
    .replaceAll('/etc/istio-output-certs', certificates);
}

function validate(config: string, env: Readonly<Record<string, string>>) {
  if (peer.status === 'missing') throw new Error(peer.reason);
  const file = join(folder, 'otelcol.yaml');
  writeFileSync(file, config);
  const { status, stderr } = spawnSync(peer.path, ['validate', '--config', file], {
    encoding: 'utf8',
    env: {
      PATH: process.env['PATH'] ?? '',
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: '443',
      ...env,
    },
  });
  return { status, stderr };
}

/** A value for everything the configuration takes from the environment; it stands for an address, a header or a key alike. */
function environmentFor(config: string): Record<string, string> {
  const names = [...config.matchAll(/\$\{env:(\w+)/g)].map((match) => match[1]!);
  const read = [...config.matchAll(/node_from_env_var: "?(\w+)/g)].map((match) => match[1]!);
  return Object.fromEntries([...names, ...read].map((name) => [name, 'http://localhost:4317']));
}
