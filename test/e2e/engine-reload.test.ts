import { renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../testkit/free-port.ts';
import { accepts, type RunningProcess, startProcess } from '../testkit/process.ts';
import { createHome, type Home, SLUICE } from '../testkit/sluice.ts';
import { waitFor } from '../testkit/wait-for.ts';

describe('sluice engine, whose configuration changes', () => {
  let home: Home;
  let engine: RunningProcess | undefined;

  afterEach(async () => {
    await engine?.stop();
    home?.remove();
  });

  const start = async (args: readonly string[], port: number) => {
    engine = await startProcess(SLUICE, ['engine', ...args], {
      cwd: home.path,
      env: home.env,
      ready: { ports: [port] },
    });
  };

  it('takes it up at SIGHUP, and keeps the previous one when there is an error', async () => {
    home = createHome();
    const [first, second] = [await freePort(), await freePort()];
    const file = home.write('otelcol.yaml', config(first));
    await start(['--config', file], first);
    writeFileSync(file, config(second));
    process.kill(engine!.pid, 'SIGHUP');
    await waitFor('the other port', async () => (await accepts(second)) && !(await accepts(first)));
    expect(engine!.stderr()).toContain('"msg":"engine reloaded"');
    writeFileSync(file, config(first).replace('debug: {}', 'nope: {}'));
    process.kill(engine!.pid, 'SIGHUP');
    await waitFor('the finding', () => engine!.stderr().includes('the previous one runs on'));
    expect(await accepts(second)).toBe(true);
  });

  it('takes it up by itself with --watch, also through the links of a mounted folder', async () => {
    home = createHome();
    const [first, second] = [await freePort(), await freePort()];
    home.write('v1.yaml', config(first));
    home.write('v2.yaml', config(second));
    symlinkSync('v1.yaml', join(home.path, '..data'));
    symlinkSync('..data', join(home.path, 'otelcol.yaml'));
    await start(['--config', 'otelcol.yaml', '--watch'], first);
    symlinkSync('v2.yaml', join(home.path, '..data_tmp'));
    renameSync(join(home.path, '..data_tmp'), join(home.path, '..data'));
    await waitFor('the other port', async () => (await accepts(second)) && !(await accepts(first)));
  });
});

function config(port: number): string {
  return `receivers:
  otlp:
    protocols: { http: { endpoint: "127.0.0.1:${port}" } }
exporters:
  debug: {}
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [debug] }
`;
}
