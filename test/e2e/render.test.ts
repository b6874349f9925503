import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHome, type Home, runSluice } from '../testkit/sluice.ts';

const SECRET = `apiVersion: v1
kind: Secret
metadata: {name: jaeger, namespace: obs}
stringData: {token: "it's $1"}
`;
const PIPELINES = `apiVersion: telemetry.kyma-project.io/v1beta1
kind: TracePipeline
metadata: {name: jaeger}
spec:
  output:
    otlp:
      endpoint: {value: "http://localhost:14317"}
      headers: [{name: x, prefix: Bearer, valueFrom: {secretKeyRef: {name: jaeger, namespace: obs, key: token}}}]
---
apiVersion: telemetry.kyma-project.io/v1beta1
kind: MetricPipeline
metadata: {name: console}
spec: {output: {stdout: {}}}
`;

let home: Home;
beforeAll(() => {
  home = createHome();
  home.write('telemetry.yaml', PIPELINES);
  home.write('secrets.yaml', SECRET);
});
afterAll(() => home.remove());

const render = (...args: string[]) => runSluice(home, ['render', ...args]);
const componentsOf = (yaml: string) => [...yaml.matchAll(/· component (\S+) ·/g)].map((match) => match[1]);

describe('sluice render', () => {
  it.each([
    ['shared', ['otlp-gateway']],
    ['per-signal', ['trace-gateway', 'metric-gateway', 'otlp-router']],
    ['PerPipeline', ['trace-dispatcher-jaeger', 'metric-dispatcher-console', 'otlp-entry']],
  ])('of the topology %s prints a document for each process, with a header', async (topology, components) => {
    const { code, stdout } = await render('--topology', topology);
    expect([code, componentsOf(stdout)]).toEqual([0, components]);
    expect(stdout.split('\n---\n')).toHaveLength(components.length);
  });

  it('prints one of them, and names them all when there is none of that name', async () => {
    const one = await render('--topology', 'per-signal', '--component', 'otlp-router');
    expect(componentsOf(one.stdout)).toEqual(['otlp-router']);
    const none = await render('--topology', 'per-signal', '--component', 'otlp-ruter');
    expect(none.code).toBe(2);
    expect(none.stderr).toContain('trace-gateway, metric-gateway, otlp-router');
    expect(none.stderr).toContain('did you mean:  --component otlp-router');
  });

  it('gives every process addresses of its own', async () => {
    const { stdout } = await render('--topology', 'per-pipeline', '--inner-port', '31000');
    const listening = stdout.split('\n---\n').flatMap((document) => {
      const [receivers = ''] = document.split('\nprocessors:');
      return [...receivers.matchAll(/endpoint: "(.*)"/g)].map((match) => match[1]);
    });
    expect(listening).toEqual(['127.0.0.1:31000', '127.0.0.1:31003', '127.0.0.1:4317', '127.0.0.1:4318']);
    expect(stdout).toContain('endpoint: "127.0.0.1:31003"\n    tls:');
  });

  it('writes a file each, and the secrets of all into a file of their own', async () => {
    const written = await render(
      ...[
        '--topology',
        'per-signal',
        '--output-dir',
        'out/a',
        '--secrets',
        'secrets.yaml',
        '--env-file',
        'secrets.env',
      ],
    );
    expect([written.code, written.stdout]).toEqual([
      0,
      'out/a/trace-gateway.yaml\nout/a/metric-gateway.yaml\nout/a/otlp-router.yaml\n',
    ]);
    const folder = join(home.path, 'out/a');
    expect(readdirSync(folder).sort()).toEqual(['metric-gateway.yaml', 'otlp-router.yaml', 'trace-gateway.yaml']);
    const env = join(home.path, 'secrets.env');
    expect(readFileSync(env, 'utf8')).toMatch(
      /^export SLUICE_TRACEPIPELINE_JAEGER_header_X='.*Bearer it'\\''s \$\$1'\n$/,
    );
    expect(statSync(env).mode & 0o777).toBe(0o600);
    for (const file of readdirSync(folder)) expect(readFileSync(join(folder, file), 'utf8')).not.toContain("it's");
  });

  it('works without the Secrets, and says what each variable must hold', async () => {
    const { code, stdout } = await render('--env-file', 'without.env');
    expect(code).toBe(0);
    const note = 'its prefix, a space, and key token of Secret obs/jaeger';
    expect(stdout).toContain(`#   SLUICE_TRACEPIPELINE_JAEGER_header_X: ${note}\n`);
    expect(readFileSync(join(home.path, 'without.env'), 'utf8')).toBe(
      `# SLUICE_TRACEPIPELINE_JAEGER_header_X must hold ${note}; give its file with --secrets\n`,
    );
  });

  it('writes nothing that a shell would run, whatever a Secret is called', async () => {
    const ref = { name: 'a\ntouch ran', namespace: 'b\r\ntouch ran', key: 'c\u2028\ntouch ran' };
    const pipeline = {
      apiVersion: 'telemetry.kyma-project.io/v1beta1',
      kind: 'TracePipeline',
      metadata: { name: 'a' },
      spec: { output: { otlp: { endpoint: { valueFrom: { secretKeyRef: ref } } } } },
    };
    home.write('names.yaml', JSON.stringify(pipeline));
    const { code } = await runSluice(home, ['render', '-f', 'names.yaml', '--env-file', 'names.env']);
    expect(code).toBe(0);
    const lines = readFileSync(join(home.path, 'names.env'), 'utf8').split(/[\r\n]+/);
    expect(lines.filter((line) => line !== '' && !line.startsWith('#'))).toEqual([]);
  });

  it('misses a Secret when some are given', async () => {
    home.write('other.yaml', SECRET.replace('name: jaeger', 'name: other'));
    const { code, stdout, stderr } = await render('--secrets', 'other.yaml');
    expect(code).toBe(1);
    expect(stderr).toContain('error[SL0401]: Secret `obs/jaeger` not found');
    expect(stdout).toContain('metricpipeline-console');
    expect(stdout).not.toContain('jaeger');
  });
});

describe('sluice render for a cluster', () => {
  const CLUSTER = `apiVersion: telemetry.kyma-project.io/v1beta1
kind: MetricPipeline
metadata: {name: prom}
spec:
  input: {runtime: {enabled: true}}
  output: {otlp: {endpoint: {value: "http://localhost:14317"}}}
---
apiVersion: telemetry.kyma-project.io/v1beta1
kind: LogPipeline
metadata: {name: files}
spec:
  filters: [{custom: "Name grep\\nExclude log healthz"}]
  output:
    http:
      host: {value: logs.example.com}
      user: {value: me}
      password: {valueFrom: {secretKeyRef: {name: logs, namespace: obs, key: password}}}
`;
  beforeAll(() => {
    home.write('cluster.yaml', CLUSTER);
  });
  const inCluster = (...args: string[]) => render('-f', 'cluster.yaml', ...args);

  it('prints gateways with enrichment, and agents', async () => {
    const { code, stdout, stderr } = await inCluster('--for', 'otelcol', '--cluster');
    expect([code, stderr]).toEqual([0, 'on Fluent Bit: LogPipeline `files`; print it with --for fluentbit\n']);
    expect(componentsOf(stdout)).toContain('metric-agent');
    expect(stdout).toContain('k8s_attributes');
    expect((await inCluster('--for', 'otelcol')).stdout).not.toContain('k8s_attributes');
  });

  it('prints the files of Fluent Bit, and writes each where it belongs', async () => {
    const { code, stdout } = await inCluster('--for', 'fluentbit');
    expect(code).toBe(0);
    expect([...stdout.matchAll(/^# --- (.*)$/gm)].map((match) => match[1])).toContain(
      'fluent-bit/sluice/fluent-bit.conf',
    );
    expect(stdout).toMatch(/name +grep\n +match +files\.\*\n +exclude +log healthz/);
    expect(stdout).toContain('key password of Secret obs/logs');
    await inCluster('--for', 'fluentbit', '--output-dir', 'flb');
    const lua = readFileSync(join(home.path, 'flb/fluent-bit/sluice/enrich.lua'), 'utf8');
    expect(lua).not.toContain('#');
  });

  it('prints objects whose names only change with what runs', async () => {
    const { code, stdout } = await inCluster('--for', 'k8s', '--namespace', 'mine');
    expect(code).toBe(0);
    const names = (text: string) =>
      [...text.matchAll(/^ {2}name: (telemetry-.*)-[0-9a-f]{10}$/gm)].map(([line]) => line);
    expect(names(stdout).join()).toMatch(/metric-agent.*fluent-bit/);
    expect(stdout).toContain('namespace: mine');
    expect(stdout).toMatch(/^# Secret telemetry-fluent-bit-[0-9a-f]{10} must hold, as environment of its Pods:$/m);
    for (const kind of ['Deployment', 'DaemonSet', 'NetworkPolicy', 'ClusterRole']) {
      expect(stdout).toMatch(new RegExp(`^kind: ${kind}$`, 'm'));
    }
    expect(stdout).not.toMatch(/^kind: Secret$/m);
    home.write('cluster.yaml', `# a comment\n${CLUSTER}`);
    expect(names((await inCluster('--for', 'k8s', '--namespace', 'mine')).stdout)).toEqual(names(stdout));
    home.write('cluster.yaml', CLUSTER.replace('healthz', 'readyz'));
    const changed = names((await inCluster('--for', 'k8s', '--namespace', 'mine')).stdout);
    expect(changed.filter((name) => !names(stdout).includes(name))).toEqual([expect.stringContaining('fluent-bit')]);
  });
});
