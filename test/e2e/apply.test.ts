import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { OverviewDocument } from '../../src/server/index.ts';
import { freePort } from '../testkit/free-port.ts';
import { createHome, type Home, type RunningUp, runSluice, startUp } from '../testkit/sluice.ts';
import { waitFor } from '../testkit/wait-for.ts';

describe('resources put over those of the files', () => {
  let home: Home;
  let up: RunningUp | undefined;

  afterEach(async () => {
    await up?.stop();
    up = undefined;
    home?.remove();
  });

  const names = async () => {
    const overview = (await (await fetch(`${up!.api}/api/v1/overview`)).json()) as OverviewDocument;
    return overview.pipelines.map(({ name }) => name).sort();
  };

  it('run at once, win over the file until it changes, and end when they are deleted', {
    timeout: 60_000,
  }, async () => {
    home = createHome();
    const file = home.write('telemetry.yaml', pipeline('one', 1));
    up = await startUp(home, ['-f', file]);
    const port = await freePort();
    const jaeger = home.write('jaeger.yaml', pipeline('jaeger', port));
    const created = await runSluice(home, ['apply', '-f', jaeger]);
    expect(created).toMatchObject({ code: 0, stdout: 'tracepipeline/jaeger created\n' });
    expect(created.stderr).toBe(
      '! the backend of TracePipeline `jaeger` refuses connections (SL0501); spans are queued\n',
    );
    expect(await names()).toEqual(['jaeger', 'one']);
    expect((await runSluice(home, ['apply', '-f', jaeger])).stdout).toBe('tracepipeline/jaeger unchanged\n');

    const other = home.write('other.yaml', pipeline('one', 2));
    expect((await runSluice(home, ['apply', '-f', other, '--dry-run'])).stdout).toContain('configured (dry run)');
    const difference = await runSluice(home, ['diff', '-f', other]);
    expect(difference).toMatchObject({
      code: 1,
      stdout: [
        '± tracepipeline/one  spec.output.otlp.endpoint.value',
        '- http://127.0.0.1:1',
        '+ http://127.0.0.1:2',
        '',
      ].join('\n'),
    });
    expect((await runSluice(home, ['apply', '-f', other])).stdout).toBe('tracepipeline/one configured\n');
    expect(await runSluice(home, ['diff', '-f', other])).toMatchObject({ code: 0, stdout: '' });
    writeFileSync(file, `# changed\n${pipeline('one', 1)}`);
    await waitFor('the file to win', async () => (await runSluice(home, ['diff', '-f', other])).code === 1);

    const kept = await runSluice(home, ['delete', 'tp/one']);
    expect(kept).toMatchObject({ code: 1, stderr: expect.stringContaining('comes from telemetry.yaml:2; remove it') });
    const gone = await runSluice(home, ['delete', 'tp/jaeger', '-o', 'json']);
    expect(JSON.parse(gone.stdout)).toMatchObject({
      kind: 'DeleteReport',
      summary: { deleted: 1 },
      items: [{ kind: 'TracePipeline', name: 'jaeger', action: 'deleted' }],
    });
    expect(await names()).toEqual(['one']);
  });

  it('change nothing when one has an error, which is shown at its line', async () => {
    home = createHome();
    up = await startUp(home, ['-f', home.write('telemetry.yaml', pipeline('one', 1))]);
    const text = `${pipeline('good', 1)}---\n${pipeline('bad', 1).replace('endpoint', 'endpiont')}`;
    const refused = await runSluice(home, ['apply', '-f', home.write('new.yaml', text)]);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('unknown field `spec.output.otlp.endpiont`');
    expect(refused.stderr).toMatch(/--> new\.yaml:\d+:\d+/);
    expect(refused.stderr).toMatch(/nothing was applied\n$/);
    expect(await names()).toEqual(['one']);
    const asJson = JSON.parse(
      (await runSluice(home, ['apply', '-f', join(home.path, 'new.yaml'), '-o', 'json'])).stdout,
    );
    expect(asJson).toMatchObject({ kind: 'ApplyReport', summary: { errors: 2 } });
  });

  it('show no secret in a difference, and bring Secrets that stay in memory', async () => {
    home = createHome();
    up = await startUp(home, ['--data', 'data']);
    const manifest = (value: string) =>
      `${withSecret}---\napiVersion: v1\nkind: Secret\nmetadata: {name: backend}\nstringData: {token: ${value}}\n`;
    const file = home.write('new.yaml', manifest('c4nary-1'));
    expect((await runSluice(home, ['apply', '-f', file])).stdout).toBe('tracepipeline/hidden created\n');
    expect(await names()).toEqual(['hidden']);
    writeFileSync(file, manifest('c4nary-2').replace('"plain"', '"c4nary-3"'));
    const difference = await runSluice(home, ['diff', '-f', file]);
    expect(difference.stdout).toContain('headers[0].value\n- ‹hidden›\n+ ‹hidden›\n');
    expect(difference.stdout).not.toContain('c4nary');
    expect(readFileSync(join(home.path, 'data/applied.yaml'), 'utf8')).not.toContain('c4nary');
  });

  it('are written to the data directory with the configuration that runs; one that is gone is told and stops nobody', async () => {
    home = createHome();
    up = await startUp(home, ['--data', 'data']);
    await runSluice(home, ['apply', '-f', home.write('new.yaml', pipeline('first', 1))]);
    const written = readFileSync(join(home.path, 'data/otelcol.yaml'), 'utf8');
    expect(written).toContain('tracepipeline-first');
    rmSync(join(home.path, 'data'), { recursive: true });
    const second = await runSluice(home, ['apply', '-f', home.write('new.yaml', pipeline('second', 1))]);
    expect(second).toMatchObject({ code: 0, stdout: 'tracepipeline/second created\n' });
    expect(up.process.stderr()).toContain('data/applied.yaml: its folder does not exist; everything runs as it should');
    expect((await runSluice(home, ['delete', 'tracepipeline/first'])).code).toBe(0);
    expect(await names()).toEqual(['second']);
  });

  it('say what of them has no effect', async () => {
    home = createHome();
    up = await startUp(home);
    const telemetry =
      'apiVersion: operator.kyma-project.io/v1beta1\nkind: Telemetry\nmetadata: {name: default, namespace: kyma-system}\nspec: {topology: {type: PerSignal}}\n';
    const { stderr } = await runSluice(home, ['apply', '-f', home.write('new.yaml', telemetry)]);
    expect(stderr).toContain(
      'warning[SL0610]: an applied Telemetry resource does not change the topology; Shared runs',
    );
    const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: backend}\nstringData: {token: x}\n';
    const applied = await runSluice(home, ['apply', '-f', home.write('new.yaml', secret)]);
    expect(applied.stderr).toBe('the files hold no pipeline; their Secrets are known until the engine ends\n');
  });

  it('come back after a restart from the data directory', async () => {
    home = createHome();
    up = await startUp(home, ['--data', 'data']);
    await runSluice(home, ['apply', '-f', home.write('new.yaml', pipeline('kept', 1))]);
    await up.stop();
    up = await startUp(home, ['--data', 'data']);
    expect(await names()).toEqual(['kept']);
  });
});

describe('sluice down', () => {
  let home: Home;
  const ups: RunningUp[] = [];

  afterEach(async () => {
    await Promise.all(ups.splice(0).map((up) => up.stop()));
    home?.remove();
  });

  it('stops the engine that runs and tells what became of everything; 3 when there is none', async () => {
    home = createHome();
    const up = await startUp(home);
    ups.push(up);
    const down = await runSluice(home, ['down']);
    expect(down.code).toBe(0);
    expect(down.stdout).toContain(`stopped: pid ${up.process.pid}, built-in pipelines\n`);
    expect(down.stdout).toContain('balanced');
    expect((await up.process.exited).code).toBe(143);
    const again = await runSluice(home, ['down']);
    expect(again).toMatchObject({ code: 3, stderr: expect.stringContaining('error[SL0701]') });
  });

  it('wants to know which of several, as every write does', async () => {
    home = createHome();
    ups.push(await startUp(home), await startUp(home));
    for (const verb of [['down'], ['delete', 'tp/x'], ['apply', '-f', home.write('a.yaml', pipeline('a', 1))]]) {
      const unclear = await runSluice(home, verb);
      expect(unclear).toMatchObject({ code: 2, stderr: expect.stringContaining('error[SL0703]: 2 engines run') });
    }
    const pid = String(ups[0]!.process.pid);
    expect((await runSluice(home, ['down', '--pid', pid, '-o', 'json'])).stdout).toContain(`"pid": ${pid}`);
    expect((await runSluice(home, ['down', '--all'])).code).toBe(0);
  });
});

function pipeline(name: string, port: number): string {
  return `apiVersion: telemetry.kyma-project.io/v1beta1
kind: TracePipeline
metadata:
  name: ${name}
spec:
  output:
    otlp:
      endpoint:
        value: http://127.0.0.1:${port}
`;
}

const withSecret = pipeline('hidden', 1).replace(
  'otlp:\n',
  `otlp:
      headers:
        - { name: x-plain, value: "plain" }
        - { name: x-key, valueFrom: { secretKeyRef: { namespace: default, name: backend, key: token } } }
`,
);
