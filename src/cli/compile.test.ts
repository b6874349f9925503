import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { localhostCertificate } from '../../test/testkit/tls/certificate.ts';
import { compileFiles, STOCK_ADDRESSES } from './compile.ts';

const LOCALHOST = localhostCertificate();

const pipeline = (name: string, spec = 'output: {stdout: {}}') =>
  `apiVersion: telemetry.kyma-project.io/v1beta1\nkind: TracePipeline\nmetadata: {name: ${name}}\nspec: {${spec}}\n`;

const compile = (texts: readonly string[], viewer = false) =>
  compileFiles(
    texts.map((text, i) => ({ file: `${i}.yaml`, text })),
    { distribution: 'sluice', capBytes: 512e6, viewer, addresses: () => STOCK_ADDRESSES },
  );

describe('compileFiles', () => {
  it('reports a resource with an error and compiles the rest', () => {
    const { rendered, issues, resourceCount } = compile([pipeline('good'), pipeline('bad', 'outputs: {}')]);
    expect(rendered[0]?.pipelines.map(({ name }) => name)).toEqual(['good']);
    expect(issues.filter(({ severity }) => severity === 'error').map(({ span }) => span?.file)).toContain('1.yaml');
    expect(resourceCount).toBe(2);
  });

  it('renders nothing when nothing can run, unless the viewer is asked for', () => {
    expect(compile([pipeline('bad', 'outputs: {}')]).rendered).toEqual([]);
    expect(compile([], true).rendered[0]?.pipelines).toHaveLength(3);
  });

  it('keeps a pipeline named viewer apart from the built-in one', () => {
    const { rendered, issues } = compile([pipeline('viewer')], true);
    expect(issues).toEqual([]);
    const ids = rendered[0]!.pipelines.map(({ pipelineId }) => pipelineId);
    expect(new Set(ids).size).toBe(4);
  });

  it('gives the same result for the same files', () => {
    const files = [pipeline('b'), pipeline('a')];
    expect(JSON.stringify(compile(files))).toBe(JSON.stringify(compile(files)));
  });

  it("leaves out a pipeline whose key is not its certificate's: a Collector that is given it does not start", () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = (text: string) => `{value: ${JSON.stringify(text)}}`;
    const tls = (key: string) =>
      `output: {otlp: {endpoint: {value: 'https://h:1'}, tls: {cert: ${pem(LOCALHOST.cert)}, key: ${pem(key)}}}}`;
    const foreign = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const { rendered, issues } = compile([pipeline('own', tls(LOCALHOST.key)), pipeline('foreign', tls(foreign))]);
    expect(rendered[0]?.pipelines.map(({ name }) => name)).toEqual(['own']);
    expect(issues.map(({ code, span }) => [code, span?.file])).toEqual([['SL0407', '1.yaml']]);
  });

  it('takes topology and program from a Telemetry resource, unless the caller chose', () => {
    const telemetry =
      'apiVersion: operator.kyma-project.io/v1beta1\nkind: Telemetry\nmetadata: {name: default}\n' +
      'spec: {topology: {type: PerSignal}, collector: {distribution: sluice}}\n';
    const files = [telemetry, pipeline('a')].map((text, i) => ({ file: `${i}.yaml`, text }));
    const common = { capBytes: 2 ** 30, addresses: () => STOCK_ADDRESSES };
    const written = compileFiles(files, { ...common, distribution: { otherwise: 'otelcol' } });
    expect(written.rendered.map(({ workload }) => workload)).toEqual(['trace-gateway', 'otlp-router']);
    expect(written.rendered[0]!.distribution).toBe('sluice');
    const chosen = compileFiles(files, { ...common, distribution: 'otelcol', topology: 'Shared' });
    expect(chosen.rendered.map(({ workload, distribution }) => [workload, distribution])).toEqual([
      ['otlp-gateway', 'otelcol'],
    ]);
  });

  it('plans for the memory that the program usually has, unless told otherwise', () => {
    const issuesWith = (options: object) =>
      compileFiles([{ file: 'a.yaml', text: pipeline('a', 'output: {otlp: {endpoint: {value: "backend:4317"}}}') }], {
        distribution: { otherwise: 'otelcol' },
        topology: 'PerSignal',
        addresses: () => STOCK_ADDRESSES,
        ...options,
      }).issues.map(({ code }) => code);
    expect(issuesWith({})).toEqual([]);
    expect(issuesWith({ capBytes: 512e6 })).toEqual(['SL0405']);
  });
});
