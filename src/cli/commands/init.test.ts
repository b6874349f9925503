import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createCliContext } from '../../../test/testkit/cli-context.ts';
import { compileFiles, STOCK_ADDRESSES } from '../compile.ts';
import { initVerb } from './init.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'sluice-init-'));
  folders.push(path);
  return path;
}

async function init(args: readonly string[], flags: Record<string, unknown> = {}, cwd = '/') {
  const { context, output } = createCliContext({ cwd });
  const code = await initVerb.run({ to: 'stdout', ...flags }, args, context);
  return { code, ...output };
}

const SIGNALS = [[], ['trace'], ['metric'], ['log'], ['all']];
const OUTPUTS = [
  'stdout',
  'file=./x.jsonl',
  'file=data/no-extension',
  'otlp=http://localhost:14317',
  'otlp=localhost:4318',
  'otlp=https://backend.example.com',
  'otlp=https://backend.example.com:4318/otlp',
  'otlp=backend.obs:4317',
];

describe('sluice init', () => {
  const combinations = SIGNALS.flatMap((args) =>
    OUTPUTS.flatMap((to) => [true, false].map((plain) => ({ args, to, plain }))),
  );

  it.each([...combinations, { args: ['trace'], to: 'jaeger', plain: false }])(
    'writes a file without findings: $args --to $to, --export $plain',
    async ({ args, to, plain }) => {
      const { code, stdout } = await init(args, { to, export: plain, name: 'true' });
      expect(code).toBe(0);
      const { issues, resources } = compileFiles([{ file: 'a.yaml', text: stdout }], {
        distribution: 'otelcol',
        capBytes: 2 ** 31,
        addresses: () => STOCK_ADDRESSES,
      });
      expect(issues).toEqual([]);
      expect(resources).toHaveLength(args.length === 0 || args[0] === 'all' ? 3 : 1);
      for (const { resource } of resources) expect(resource.metadata.name).toBe('true');
      expect(stdout.includes('#')).toBe(!plain);
    },
  );

  it('has a comment for each field, in one column', async () => {
    const { stdout, stderr } = await init(['trace'], { to: 'jaeger' });
    expect(stdout).toBe(`apiVersion: telemetry.kyma-project.io/v1beta1
kind: TracePipeline
metadata:
  name: jaeger                          # unique among pipelines of this kind
spec:
  output:
    otlp:                               # where spans go; exactly one output per pipeline
      protocol: grpc                    # grpc (default) or http
      endpoint:
        value: http://localhost:14317   # from a Secret: valueFrom.secretKeyRef
  delivery:
    buffer:
      maxSize: 16Mi                     # what may wait while the backend is down (default)
`);
    expect(stderr).toContain('sluice sink --port 14317');
  });

  it('guesses the protocol from the endpoint', async () => {
    const protocolOf = async (to: string) => parse((await init(['trace'], { to })).stdout).spec.output.otlp.protocol;
    expect(await protocolOf('otlp=http://localhost:4317')).toBe('grpc');
    expect(await protocolOf('otlp=http://localhost:4318')).toBe('http');
    expect(await protocolOf('otlp=https://backend.example.com')).toBe('http');
    expect(await protocolOf('otlp=https://backend.example.com:443')).toBe('grpc');
  });

  it('gives every signal a file of its own', async () => {
    const { stdout } = await init(['all'], { to: 'file=./out.jsonl' });
    expect(stdout.match(/path: \S+/g)).toEqual([
      'path: ./out-traces.jsonl',
      'path: ./out-metrics.jsonl',
      'path: ./out-logs.jsonl',
    ]);
  });

  it.each(['traces', 'metrics', 'logs'])('takes %s as gen does', async (plural) => {
    expect((await init([plural])).stdout).toBe((await init([plural.slice(0, -1)])).stdout);
  });

  it('judges names and endpoints with the words of the findings', async () => {
    await expect(init(['trace'], { name: 'My_Pipeline' })).rejects.toMatchObject({ code: 'SL0116', exitCode: 2 });
    await expect(init(['trace'], { to: 'otlp=http://' })).rejects.toMatchObject({ code: 'SL0110', exitCode: 2 });
    await expect(init(['trace'], { to: 'otlp=http://u:hunter2@h:1' })).rejects.toSatisfy(
      (error) => !String(error).includes('hunter2'),
    );
    await expect(init(['spans'])).rejects.toMatchObject({ code: 'SL0903' });
    await expect(init([], { to: 'kafka' })).rejects.toMatchObject({ code: 'SL0903' });
    await expect(init(['all'], { to: 'jaeger' })).rejects.toThrow('Jaeger takes traces only');
  });

  it('writes a file once, and never over another', async () => {
    const cwd = folder();
    const file = join(cwd, 'telemetry.yaml');
    expect((await init(['trace'], { write: true }, cwd)).code).toBe(0);
    const written = readFileSync(file, 'utf8');
    expect(written).toBe((await init(['trace'])).stdout);
    expect((await init(['trace'], { write: true }, cwd)).code).toBe(0);

    const other = await init(['trace'], { write: true, name: 'else' }, cwd);
    expect(other.code).toBe(1);
    expect(other.stdout).toMatch(/^- {3}name: console .*$/m);
    expect(other.stdout).toMatch(/^\+ {3}name: else .*$/m);
    expect(readFileSync(file, 'utf8')).toBe(written);

    writeFileSync(file, '');
    expect((await init(['trace'], { write: true }, cwd)).code).toBe(1);
    expect(readFileSync(file, 'utf8')).toBe('');
  });
});
