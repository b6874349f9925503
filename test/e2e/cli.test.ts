import { readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { freePort, listen } from '../testkit/free-port.ts';
import { type RunningProcess, startProcess } from '../testkit/process.ts';
import { createHome, type Home, type RunningUp, runSluice, SLUICE, startUp } from '../testkit/sluice.ts';

const PIPELINE = (name: string, spec: string) =>
  `apiVersion: telemetry.kyma-project.io/v1beta1\nkind: TracePipeline\nmetadata: {name: ${name}}\nspec: {${spec}}\n`;
const GOOD = PIPELINE('good', 'output: {stdout: {}}');
const BAD = PIPELINE('bad', 'outputs: {}');
const REFUSED = PIPELINE('refused', 'output: {otlp: {endpoint: {value: "http://127.0.0.1:1"}}}');
const LINT = PIPELINE('lint', 'output: {file: {path: x.jsonl}}');
const ANY_PORTS = ['--otlp-grpc', '0', '--otlp-http', '0', '--ui', '0', '--no-open'];

let home: Home;
beforeAll(() => {
  home = createHome();
  for (const [name, text] of Object.entries({ GOOD, BAD, LINT, REFUSED }))
    home.write(`${name.toLowerCase()}.yaml`, text);
});
afterAll(() => home.remove());

const run = (...args: string[]) => runSluice(home, args);

describe('exit codes', () => {
  it.each([
    [0, 'version'],
    [0, 'help exit-codes'],
    [0, 'up --help'],
    [0, 'explain sl0101'],
    [0, 'validate -f good.yaml'],
    [0, 'explain queue'],
    [0, 'explain tp.spec.output -o json'],
    [0, 'validate -f lint.yaml'],
    [0, 'validate -f lint.yaml --strict --suppress SL0305'],
    [0, 'validate -f bad.yaml --only SL03'],
    [0, 'graph -f good.yaml'],
    [0, 'init trace'],
    [0, 'completion bash'],
    [7, 'validate -f lint.yaml --strict'],
    [1, 'validate -f good.yaml -f bad.yaml'],
    [1, 'validate -f good.yaml --upstream'],
    [1, 'up -f good.yaml --topology per-signal --max-memory 64Mi'],
    [2, 'up --max-memory 5'],
    [1, 'validate -f refused.yaml --online'],
    [1, 'graph -f good.yaml -f bad.yaml'],
    [1, 'render -f good.yaml -f bad.yaml'],
    [1, `up -f bad.yaml ${ANY_PORTS.join(' ')}`],
    [2, 'validate -f gone.yaml'],
    [2, 'statsu'],
    [2, 'help statsu'],
    [2, 'up good.yaml'],
    [2, 'version -o xml'],
    [2, 'validate --fiel good.yaml'],
    [2, 'up --port-offset 90000'],
    [2, 'engine'],
    [2, 'explain SL9999'],
    [2, 'explain tp.spec.outptu'],
    [2, 'validate -f good.yaml --only SL99'],
    [2, 'validate -f good.yaml --suppress SL0101'],
    [2, 'graph -f good.yaml --format png'],
    [2, 'graph -f good.yaml --pipeline tp/none'],
    [2, 'init spans'],
    [2, 'init trace --to otlp=http://'],
    [2, 'completion powershell'],
    [0, 'cluster install --export=rbac'],
    [2, 'cluster instal'],
    [2, 'cluster install --replicas 0'],
    [2, 'cluster install --image sluce=x'],
    [2, 'operator --webhooks 9443'],
    [3, 'check --pre --kubeconfig gone'],
    [3, 'graph --rates'],
    [2, 'graph --rates -f telemetry.yaml'],
    [3, 'status'],
    [3, 'gen --once --otlp-endpoint 127.0.0.1:1'],
    [4, 'up --data good.yaml'],
    [4, 'sink --host 192.0.2.1'],
  ])('%i: sluice %s', async (code, line) => {
    const exit = await run(...line.split(' '));
    expect({ line, code: exit.code, stderr: exit.stderr }).toMatchObject({ line, code });
    // Whoever is refused is told why, with a code to look up, and nothing of it is on stdout.
    if (code >= 2 && code !== 7)
      expect([exit.stdout, exit.stderr]).toEqual(['', expect.stringMatching(/^error\[SL\d{4}\]: /m)]);
  });
});

describe('stdout', () => {
  it.each([
    ['version', ['version']],
    ['validate', ['validate', '-f', 'good.yaml', '-f', 'bad.yaml']],
  ])('of %s is one document with -o json and -o yaml', async (_verb, args) => {
    const [json, yaml] = await Promise.all([run(...args, '-o', 'json'), run(...args, '-o', 'yaml')]);
    expect(json.code).toBe(yaml.code);
    const document = JSON.parse(json.stdout);
    expect(document).toMatchObject({ apiVersion: 'cli.sluice.io/v1', metadata: { cliVersion: expect.any(String) } });
    expect({ ...parse(yaml.stdout), metadata: 0 }).toEqual({ ...document, metadata: 0 });
  });

  it('of render is the configuration alone; findings go to stderr, and warnings nowhere with -q', async () => {
    const loud = await run('render', '-f', 'lint.yaml');
    const quiet = await run('render', '-f', 'lint.yaml', '-q');
    expect(loud.stderr).toContain('warning[SL0305]');
    expect(quiet.stderr).toBe('');
    expect(quiet.stdout).toBe(loud.stdout);
    expect(Object.keys(parse(loud.stdout))).toContain('service');
  });

  it('has colours only when they are asked for, and no symbols with --ascii', async () => {
    const plain = await run('validate', '-f', 'bad.yaml');
    const colored = await run('validate', '-f', 'bad.yaml', '--color', 'always');
    const ascii = await run('validate', '-f', 'bad.yaml', '--ascii');
    const start = '\u001b[';
    expect([plain.stdout.includes(start), colored.stdout.includes(start)]).toEqual([false, true]);
    expect(/^[\n -~]*$/.test(ascii.stdout)).toBe(true);
  });

  it('may be closed by its reader without an error', async () => {
    const shell = await startProcess('sh', ['-c', `${SLUICE} explain | head -1`], { cwd: home.path, env: home.env });
    await shell.exited;
    expect([shell.stdout(), shell.stderr()]).toEqual([expect.stringMatching(/^SL0000 {2}/), '']);
  });

  it('takes options from the environment and says so when a value is wrong', async () => {
    const shell = (text: string) => startProcess('sh', ['-c', text], { cwd: home.path, env: home.env });
    const json = await shell(`SLUICE_OUTPUT=json ${SLUICE} version`);
    await json.exited;
    expect(JSON.parse(json.stdout())).toMatchObject({ kind: 'VersionReport' });
    const wrong = await shell(`SLUICE_PORT=many ${SLUICE} sink`);
    expect((await wrong.exited).code).toBe(2);
    expect(wrong.stderr()).toContain('the value comes from SLUICE_PORT in the environment');
  });
});

describe('sluice engine', () => {
  it('names everything it cannot execute at once, wrong references too', async () => {
    const config = `receivers: { otlp: { protocols: { grpc: { endpoint: "127.0.0.1:0" } } }, jaeger: {} }
exporters: { otlphttp: { endpoint: "http://localhost:1", retry_on_failur: {} } }
service: { pipelines: { traces: { receivers: [otlp], exporters: [otlphttp, nope] } } }
`;
    const { code, stderr } = await runSluice(home, ['engine', '--config', home.write('otelcol.yaml', config)]);
    expect(code).toBe(1);
    for (const found of [
      'no receiver `jaeger`',
      'no setting `exporters.otlphttp.retry_on_failur`',
      'exporter `nope` is not defined',
    ]) {
      expect(stderr).toContain(found);
    }
  });
});

describe('files', () => {
  it('may come from stdin, and Ctrl-C ends the wait for them', async () => {
    const piped = await startProcess('sh', ['-c', `${SLUICE} validate -f - < bad.yaml`], {
      cwd: home.path,
      env: home.env,
    });
    expect((await piped.exited).code).toBe(1);
    expect(piped.stdout()).toContain('--> <stdin>:');
    const waiting = await startProcess('sh', ['-c', `sleep 60 | exec ${SLUICE} validate -f -`], {
      cwd: home.path,
      env: home.env,
    });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    waiting.kill('SIGINT');
    const exit = await Promise.race([waiting.exited, new Promise((resolve) => setTimeout(resolve, 5000, 'stuck'))]);
    await waiting.stop({ graceMs: 0 });
    expect(exit).not.toBe('stuck');
  });

  it('that render writes for secrets are readable by their owner alone', async () => {
    const header = 'headers: [{name: X-Key, value: "s3cret"}]';
    home.write('secret.yaml', PIPELINE('s', `output: {otlp: {endpoint: {value: "http://localhost:1"}, ${header}}}`));
    const rendered = await run('render', '-f', 'secret.yaml', '--env-file', 'secrets.env');
    expect([rendered.code, rendered.stdout.includes('s3cret')]).toEqual([0, false]);
    expect(readFileSync(`${home.path}/secrets.env`, 'utf8')).toContain('s3cret');
    expect(statSync(`${home.path}/secrets.env`).mode & 0o077).toBe(0);
  });
});

describe('sluice up', () => {
  let up: RunningUp | undefined;
  let sink: RunningProcess | undefined;
  beforeEach(() => {
    up = undefined;
    sink = undefined;
  });
  afterEach(async () => {
    await up?.process.stop({ graceMs: 0 });
    await sink?.stop({ graceMs: 0 });
  });

  it('reports invalid pipelines and runs the rest, beside a built-in viewer of the same name', async () => {
    home.write('viewer.yaml', PIPELINE('viewer', 'output: {stdout: {}}'));
    up = await startUp(home, ['-f', 'viewer.yaml', '-f', 'bad.yaml']);
    expect(up.process.stderr()).toContain('error[SL0101]: unknown field `spec.outputs`');
    const gen = await run('gen', 'traces', '--once', '-o', 'json', '-q', '--expect-delivery');
    expect([gen.code, gen.stderr]).toEqual([0, '']);
    const { summary } = JSON.parse(gen.stdout);
    expect(summary.accepted).toBe(summary.sent);
    expect(await up.ledger()).toMatchObject([{ name: 'viewer', received: summary.sent, delivered: summary.sent }]);
    const seen = (await (await fetch(`${up.api}/api/v1/explore/traces`)).json()) as { total: number };
    expect(seen.total).toBe(1);
  });

  it('leaves standard output to the items where a pipeline prints them', async () => {
    const up = await startUp(home, ['-f', 'good.yaml']);
    await runSluice(home, ['gen', 'traces', '--once', '--otlp-endpoint', `127.0.0.1:${up.ports.grpc}`]);
    await up.stop();
    expect(up.process.stdout()).toMatch(/^Traces\t/);
    expect(up.process.stdout()).not.toContain('balanced');
    expect(up.process.stderr()).toContain('balanced');
  });

  it('starts again after kill -9, with the same data directory and ports', async () => {
    const [grpc, http, ui] = [await freePort(), await freePort(), await freePort()];
    const args = ['--data', 'data', '--otlp-grpc', `${grpc}`, '--otlp-http', `${http}`, '--ui', `${ui}`];
    const killed = await startUp(home, args);
    const second = await run('up', '--data', 'data', ...ANY_PORTS);
    expect([second.code, second.stderr]).toEqual([4, expect.stringContaining('error[SL0603]')]);
    const samePorts = await run('up', ...args.slice(2), '--no-open');
    expect([samePorts.code, samePorts.stderr]).toEqual([4, expect.stringContaining('error[SL0600]')]);
    killed.process.kill('SIGKILL');
    await killed.process.exited;
    up = await startUp(home, args);
    expect(up.ports).toEqual({ grpc, http, ui });
  });

  it('names the port that another program holds and takes nothing with it', async () => {
    const other = createServer();
    const port = await listen(other);
    const exit = await run('up', ...ANY_PORTS, '--ui', `${port}`);
    await new Promise((resolve) => other.close(resolve));
    expect(exit.code).toBe(4);
    expect(exit.stderr).toContain(`error[SL0601]: port ${port} is in use by another program`);
    expect(exit.stderr).toContain(`pid ${process.pid}`);
    expect(exit.stdout).toBe('');
  });

  it('names a file that cannot be written, which is no bug of its own', async () => {
    home.write('plain', 'a file, not a folder');
    home.write('file.yaml', PIPELINE('archive', 'output: {file: {path: plain/spans.jsonl}}'));
    const exit = await run('up', ...ANY_PORTS, '-f', 'file.yaml');
    expect([exit.code, exit.stderr]).toEqual([4, expect.stringContaining('error[SL0605]: cannot write')]);
    expect(exit.stderr).not.toContain('bug');
  });

  it('ends by itself after --for, and with 6 when something was lost and that was asked', async () => {
    expect((await run('up', ...ANY_PORTS, '--for', '300ms', '--fail-on-loss')).code).toBe(0);
    sink = await startProcess(SLUICE, ['sink', '--port', '0', '--mode', '400'], {
      cwd: home.path,
      env: home.env,
      ready: { line: /test backend on localhost:\d+/ },
    });
    const port = /localhost:(\d+)/.exec(sink.stderr())![1];
    home.write('lossy.yaml', PIPELINE('lossy', `output: {otlp: {endpoint: {value: "http://localhost:${port}"}}}`));
    up = await startUp(home, ['-f', 'lossy.yaml', '--fail-on-loss']);
    expect((await run('gen', 'traces', '--once')).code).toBe(0);
    const exit = await up.stop();
    expect([exit.code, up.process.stdout()]).toEqual([6, expect.stringMatching(/lost [1-9]\d* \(/)]);
  });

  it('delivers after the first Ctrl-C and stops at once after the second', async () => {
    sink = await startProcess(SLUICE, ['sink', '--port', '0', '--mode', 'hang'], {
      cwd: home.path,
      env: home.env,
      ready: { line: /test backend on localhost:\d+/ },
    });
    const port = /localhost:(\d+)/.exec(sink.stderr())![1];
    home.write('hang.yaml', PIPELINE('hang', `output: {otlp: {endpoint: {value: "http://localhost:${port}"}}}`));
    up = await startUp(home, ['-f', 'hang.yaml', '--drain-timeout', '60s']);
    await run('gen', 'traces', '--once');
    up.process.kill('SIGINT');
    const early = await Promise.race([
      up.process.exited,
      new Promise((resolve) => setTimeout(resolve, 1000, 'drains')),
    ]);
    expect(early).toBe('drains');
    up.process.kill('SIGINT');
    expect((await up.process.exited).code).toBe(130);
  });

  it.each(['::1', 'localhost'])('listens on %s, where gen and status find it', async (host) => {
    up = await startUp(home, ['--host', host]);
    const gen = await run('gen', 'all', '--once', '--expect-delivery');
    expect([gen.code, gen.stderr]).toEqual([0, expect.stringContaining('(local engine)')]);
    expect((await run('status')).code).toBe(0);
  });

  it('warns when other machines can reach it', async () => {
    up = await startUp(home, ['--host', '0.0.0.0']);
    expect(up.process.stderr()).toContain('! listening on 0.0.0.0');
    expect((await run('status', '-o', 'json')).code).toBe(0);
  });
});
