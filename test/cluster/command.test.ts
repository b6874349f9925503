import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { cacheRoot } from '../../testbed/go-peer.ts';
import { requireControlPlane } from '../testkit/control-plane.ts';

const peer = requireControlPlane();
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';
const script = join(import.meta.dirname, '../../scripts/cluster.ts');
const home = mkdtempSync(join(tmpdir(), 'sluice-cluster-'));
const cluster = (...args: readonly string[]) =>
  spawnSync(process.execPath, [script, ...args], {
    encoding: 'utf8',
    env: { ...process.env, XDG_CACHE_HOME: home, SLUICE_TESTBED_CACHE: cacheRoot() },
  });

describe.skipIf(peer.status === 'missing')(`npm run cluster${skipNote}`, () => {
  afterAll(() => {
    cluster('down');
    rmSync(home, { recursive: true, force: true });
  });

  it('starts a cluster that outlives the command, says how to use it, and takes it down without a trace', () => {
    expect(cluster('status')).toMatchObject({ status: 3, stdout: expect.stringContaining('npm run cluster up') });
    const up = cluster('up');
    expect(up).toMatchObject({ status: 0, stdout: expect.stringContaining(`export KUBECONFIG=${home}`) });
    expect(cluster('up').stdout).toBe(up.stdout);
    const path = cluster('kubeconfig').stdout.trim();
    const [kubectl] = /\S+\/kubectl$/m.exec(up.stdout) ?? [''];
    expect(spawnSync(kubectl, ['--kubeconfig', path, 'get', '--raw', '/readyz'], { encoding: 'utf8' }).stdout).toBe(
      'ok',
    );
    expect(cluster('kubectl', 'get', 'namespaces', '-o', 'name').stdout).toContain('namespace/default');
    expect(cluster('down')).toMatchObject({ status: 0, stderr: 'the cluster is down\n' });
    expect(existsSync(path)).toBe(false);
    expect(cluster('status').status).toBe(3);
  });

  it('refuses what it does not know with how it is used', () => {
    expect(cluster('upp')).toMatchObject({ status: 2, stderr: expect.stringContaining('npm run cluster up') });
  });
});
