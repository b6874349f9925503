import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ConfigurationDocument, OverviewDocument } from '../../src/server/index.ts';
import { createHome, type Home, type RunningUp, runSluice, startUp } from '../testkit/sluice.ts';
import { waitFor } from '../testkit/wait-for.ts';

describe('sluice up, whose files are edited', () => {
  let home: Home;
  let up: RunningUp;

  afterEach(async () => {
    await up?.stop();
    home?.remove();
  });

  const start = async (args: readonly string[]) => {
    up = await startUp(home, args);
  };
  const api = async <T>(path: string) => (await (await fetch(`${up.api}/api/v1/${path}`)).json()) as T;
  const names = async () => (await api<OverviewDocument>('overview')).pipelines.map(({ name }) => name).sort();
  const generation = async () => (await api<ConfigurationDocument>('configuration')).generation;
  const becomes = (expected: readonly string[]) =>
    waitFor(`${expected} to run`, async () => JSON.stringify(await names()) === JSON.stringify(expected));
  const output = () => `${up.process.stdout()}${up.process.stderr()}`;

  it('runs what is saved and says so in one line', async () => {
    home = createHome();
    const file = home.write('telemetry.yaml', pipeline('one'));
    await start(['-f', file]);
    writeFileSync(file, `${pipeline('one')}---\n${pipeline('two')}`);
    await becomes(['one', 'two']);
    await waitFor('the line', () => /reloaded telemetry\.yaml in \d+ ms: tracepipeline\/two created\n/.test(output()));
    writeFileSync(file, pipeline('two').replace('stdout: {}', 'stdout: {verbosity: basic}'));
    await becomes(['two']);
    await waitFor('the line', () => output().includes('tracepipeline/one deleted, tracepipeline/two configured\n'));
    writeFileSync(file, `# a comment\n${pipeline('two').replace('stdout: {}', 'stdout: {verbosity: basic}')}`);
    await waitFor('the line', () => output().includes('ms: nothing changed\n'));
  });

  it('keeps the last valid version of what has an error, and tells so below the caret', async () => {
    home = createHome();
    const file = home.write('telemetry.yaml', `${pipeline('one')}---\n${pipeline('two')}`);
    await start(['-f', file]);
    writeFileSync(file, `${pipeline('one').replace('output', 'outptu')}---\n${pipeline('three')}`);
    await becomes(['one', 'three']);
    await waitFor('the finding', () => output().includes('tracepipeline/three created'));
    expect(output()).toContain('error[SL0101]: unknown field `spec.outptu`\n --> telemetry.yaml:6:3');
    expect(output()).toContain('= note: the engine keeps running with the previous version of tracepipeline/one');
    expect(await api<ConfigurationDocument>('configuration')).toMatchObject({
      state: 'partly',
      pipelines: [
        { name: 'one', runs: 'previous' },
        { name: 'three', runs: 'current' },
      ],
    });
    writeFileSync(file, '{ broken');
    await waitFor('the note', () => output().includes('version of tracepipeline/one and tracepipeline/three'));
    expect(await names()).toEqual(['one', 'three']);
    writeFileSync(file, pipeline('one'));
    await becomes(['one']);
  });

  it('follows an editor that saves by renaming, again and again', async () => {
    home = createHome();
    const file = home.write('telemetry.yaml', pipeline('v0'));
    await start(['-f', file]);
    for (const name of ['v1', 'v2', 'v3']) {
      writeFileSync(`${file}.swp`, pipeline(name));
      renameSync(file, `${file}~`);
      renameSync(`${file}.swp`, file);
      await becomes([name]);
    }
  });

  it('takes up files that come to a folder and lets go of those that leave it', async () => {
    home = createHome();
    const folder = join(home.path, 'pipelines');
    mkdirSync(folder);
    writeFileSync(join(folder, 'a.yaml'), pipeline('a'));
    await start(['-f', 'pipelines']);
    writeFileSync(join(folder, 'b.yaml'), pipeline('b'));
    await becomes(['a', 'b']);
    rmSync(join(folder, 'a.yaml'));
    await becomes(['b']);
    const before = await generation();
    writeFileSync(join(folder, 'notes.txt'), 'no pipeline');
    writeFileSync(join(folder, 'c.yaml'), pipeline('c'));
    await becomes(['b', 'c']);
    expect(await generation()).toBe(before + 1);
  });

  it('finds ./telemetry.yaml without being told, also when it is written later', async () => {
    home = createHome();
    mkdirSync(join(home.path, 'telemetry'));
    await start([]);
    expect(await names()).toEqual(['viewer', 'viewer', 'viewer']);
    home.write('telemetry.yaml', pipeline('demo'));
    await becomes(['demo']);
    home.write('telemetry/more.yaml', pipeline('more'));
    await becomes(['demo', 'more']);
    rmSync(join(home.path, 'telemetry'), { recursive: true });
    rmSync(join(home.path, 'telemetry.yaml'));
    await becomes(['viewer', 'viewer', 'viewer']);
  });

  it('counts at its end what pipelines lost that were there for a moment', async () => {
    home = createHome();
    const failing = (name: string) =>
      pipeline(name).replace('stdout: {}', 'otlp: {endpoint: {value: "http://127.0.0.1:9"}}');
    const names = Array.from({ length: 6 }, (_, i) => `brief-${i}`);
    const file = home.write('telemetry.yaml', failing('first'));
    await start(['-f', file, '--no-watch', '--fail-on-loss', '--drain-timeout', '100ms']);
    const span = { traceId: '1'.repeat(32), spanId: '1'.repeat(16), name: 'a' };
    const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
    const headers = { 'content-type': 'application/json' };
    for (const name of names) {
      writeFileSync(file, failing(name));
      process.kill(up.process.pid, 'SIGHUP');
      await waitFor('the line', () => output().includes(`tracepipeline/${name} created`));
      const url = `http://127.0.0.1:${up.ports.http}/v1/traces`;
      expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(200);
    }
    expect((await up.stop()).code).toBe(6);
    for (const name of names) expect(output()).toMatch(new RegExp(`tracepipeline/${name} +in 1 .* lost 1 `));
  });

  it('waits for SIGHUP where it may not watch', async () => {
    home = createHome();
    const file = home.write('telemetry.yaml', pipeline('one'));
    await start(['-f', file, '--no-watch']);
    writeFileSync(file, pipeline('two'));
    process.kill(up.process.pid, 'SIGHUP');
    await becomes(['two']);
  });

  it('keeps everything when a path of its own is gone, and says which', async () => {
    home = createHome();
    const file = home.write('telemetry.yaml', pipeline('one'));
    await start(['-f', file]);
    rmSync(file);
    await waitFor('the finding', () => output().includes('error[SL0604]: no such file'));
    expect(await names()).toEqual(['one']);
    writeFileSync(file, pipeline('two'));
    await becomes(['two']);
  });

  it('runs pipelines whose Secret is there, and takes up a Secret that comes', async () => {
    home = createHome();
    const file = home.write('telemetry.yaml', `${pipeline('plain')}---\n${withSecret('secret')}`);
    const secrets = home.write('secrets.yaml', secretManifest('other'));
    await start(['-f', file, '--secrets', secrets]);
    expect(output()).toContain('SL0612');
    expect(output()).toContain('error[SL0402]');
    const ready = async () => (await api<OverviewDocument>('overview')).pipelines.map(({ reason }) => reason);
    expect(await ready()).toEqual(['NoDataYet', 'ConfigurationInvalid']);
    writeFileSync(secrets, secretManifest('token'));
    await waitFor('it to run', async () => (await ready()).every((reason) => reason === 'NoDataYet'));
    writeFileSync(secrets, secretManifest('other'));
    await waitFor('the note', () => output().includes('previous version of tracepipeline/secret'));
    expect(await ready()).toEqual(['NoDataYet', 'NoDataYet']);
    expect(output()).not.toContain('c4nary');
    const shown = await runSluice(home, ['status', '-o', 'json']);
    expect(shown.stdout).not.toContain('c4nary');
  });

  it('leaves out what the engine refuses, says why, and runs the rest', async () => {
    home = createHome();
    const file = home.write('telemetry.yaml', pipeline('one'));
    home.write('taken', 'a file where a folder would have to be');
    await start(['-f', file]);
    const unwritable = (name: string) =>
      pipeline(name).replace('stdout: {}', `file: {path: ${join(home.path, 'taken/x.jsonl')}}`);
    writeFileSync(file, [pipeline('one'), unwritable('two'), pipeline('three')].join('---\n'));
    await waitFor('the reason', () => output().includes('error[SL0609]: the engine cannot run TracePipeline `two`'));
    const reasons = async () =>
      (await api<OverviewDocument>('overview')).pipelines.map(({ name, reason }) => `${name} ${reason}`).sort();
    expect(await reasons()).toEqual(['one NoDataYet', 'three NoDataYet', 'two ConfigurationInvalid']);
    writeFileSync(file, [unwritable('one'), pipeline('three')].join('---\n'));
    await waitFor('the note', () => output().includes('previous version of tracepipeline/one'));
    expect(await reasons()).toEqual(['one NoDataYet', 'three NoDataYet']);
    const applied = await runSluice(home, ['apply', '-f', home.write('new.yaml', pipeline('four'))]);
    expect(applied).toMatchObject({ code: 0, stdout: 'tracepipeline/four created\n' });
    const refused = await runSluice(home, ['apply', '-f', home.write('new.yaml', unwritable('five'))]);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('error[SL0609]') });
    expect(await names()).toEqual(['four', 'one', 'three']);
    writeFileSync(file, [pipeline('one'), pipeline('two')].join('---\n'));
    await becomes(['four', 'one', 'two']);
    expect((await api<ConfigurationDocument>('configuration')).state).toBe('running');
  });

  it('tells a sender whose signal no pipeline takes', async () => {
    home = createHome();
    await start(['-f', home.write('telemetry.yaml', pipeline('one'))]);
    const send = async (signal: string, body: string) => {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`http://127.0.0.1:${up.ports.http}/v1/${signal}`, { method: 'POST', headers, body });
      return (await answer.json()) as unknown;
    };
    const log = '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"x"}}]}]}]}';
    expect(JSON.stringify(await send('logs', log))).toContain(
      'no LogPipeline is running; only the UI shows these logs. Create one: sluice init log',
    );
    expect(JSON.stringify(await send('traces', '{"resourceSpans":[]}'))).not.toContain('init');
    await send('logs', '{"resourceLogs": 7}');
    const { stdout } = await runSluice(home, ['status']);
    expect(stdout).toMatch(/! 1 request of the last 5 minutes was not taken\n {4}\S.* UTC from 127\.0\.0\.1/);
  });

  it('lets pages of this machine send, and no others', async () => {
    home = createHome();
    await start([]);
    const ask = async (origin: string) => {
      const headers = {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      };
      const answer = await fetch(`http://127.0.0.1:${up.ports.http}/v1/traces`, { method: 'OPTIONS', headers });
      return answer.headers.get('access-control-allow-origin');
    };
    expect(await ask('http://localhost:5173')).toBe('http://localhost:5173');
    expect(await ask('https://127.0.0.1:8443')).toBe('https://127.0.0.1:8443');
    expect(await ask('http://localhost.example.com')).toBeNull();
    expect(await ask('https://example.com')).toBeNull();
  });
});

function pipeline(name: string): string {
  return `apiVersion: telemetry.kyma-project.io/v1beta1
kind: TracePipeline
metadata:
  name: ${name}
spec:
  output:
    stdout: {}
`;
}

function withSecret(name: string): string {
  const ref = 'valueFrom: {secretKeyRef: {namespace: default, name: backend, key: token}}';
  const otlp = `otlp: {endpoint: {value: "http://127.0.0.1:9"}, headers: [{name: x-key, ${ref}}]}`;
  return pipeline(name).replace('stdout: {}', otlp);
}

function secretManifest(key: string): string {
  return `apiVersion: v1\nkind: Secret\nmetadata: {name: backend}\nstringData: {${key}: c4nary}\n`;
}
