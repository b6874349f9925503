import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/testkit/fake-clock.ts';
import { inCluster } from './in-cluster.ts';

const ENV = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' };

describe('a process in a Pod', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-service-account-'));
    writeFileSync(join(folder, 'token'), 'first\n');
    writeFileSync(join(folder, 'ca.crt'), 'authority');
    writeFileSync(join(folder, 'namespace'), 'kyma-system');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('finds the API server, its namespace and its token', async () => {
    const pod = (await inCluster(ENV, createFakeClock(), folder))!;
    expect([pod.server, pod.namespace]).toEqual(['https://10.96.0.1:443', 'kyma-system']);
    expect(await pod.credentials.current()).toEqual({
      headers: { authorization: 'Bearer first' },
      tls: { ca: 'authority' },
    });
  });

  it('writes IPv6 addresses as URLs want them', async () => {
    const pod = await inCluster({ ...ENV, KUBERNETES_SERVICE_HOST: 'fd00::1' }, createFakeClock(), folder);
    expect(pod?.server).toBe('https://[fd00::1]:443');
  });

  it('is none without the variables or without a service account', async () => {
    expect(await inCluster({}, createFakeClock(), folder)).toBeUndefined();
    expect(await inCluster(ENV, createFakeClock(), join(folder, 'none'))).toBeUndefined();
  });

  it('reads the token again after a minute, and at once when the server did not know it', async () => {
    const clock = createFakeClock();
    const { credentials } = (await inCluster(ENV, clock, folder))!;
    const token = async () => (await credentials.current()).headers['authorization'];
    await token();
    writeFileSync(join(folder, 'token'), 'second');
    await clock.advance(59_000);
    expect(await token()).toBe('Bearer first');
    await clock.advance(1000);
    expect(await token()).toBe('Bearer second');
    writeFileSync(join(folder, 'token'), 'third');
    credentials.forget();
    expect(await token()).toBe('Bearer third');
  });

  it('goes on with what it has while the files are exchanged', async () => {
    const clock = createFakeClock();
    const { credentials } = (await inCluster(ENV, clock, folder))!;
    await credentials.current();
    rmSync(join(folder, 'token'));
    await clock.advance(60_000);
    expect((await credentials.current()).headers['authorization']).toBe('Bearer first');
  });

  it('loads neither the client library nor undici before they are needed', () => {
    const script = `
      import { registerHooks } from 'node:module';
      const loaded = [];
      registerHooks({ resolve(specifier, context, next) { loaded.push(specifier); return next(specifier, context); } });
      await import(${JSON.stringify(join(import.meta.dirname, 'index.ts'))});
      console.log(JSON.stringify(loaded.filter((one) => !one.startsWith('.') && !one.startsWith('node:') && !one.startsWith('file:') && !one.startsWith('/'))));`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual([]);
  });
});
