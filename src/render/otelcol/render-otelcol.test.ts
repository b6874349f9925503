import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileFiles, STOCK_ADDRESSES } from '../../cli/compile.ts';
import { TOPOLOGY_TYPES } from '../../topology/index.ts';
import { renderedYaml } from './rendered-yaml.ts';

const KINDS = ['TracePipeline', 'MetricPipeline', 'LogPipeline'] as const;
const options = {
  distribution: 'sluice',
  capBytes: 2 ** 31,
  addresses: () => STOCK_ADDRESSES,
  viewer: true,
} as const;

const output = fc.oneof(
  fc.constant({ stdout: {} }),
  fc.record({
    otlp: fc.record({
      endpoint: fc.constant({ value: 'http://localhost:14317' }),
      headers: fc.uniqueArray(
        fc.record({ name: fc.stringMatching(/^[a.x-]{1,3}$/), value: fc.string({ minLength: 1 }) }),
        {
          maxLength: 3,
          selector: ({ name }) => name,
        },
      ),
    }),
  }),
);
const manifests = fc.uniqueArray(
  fc.record({ kind: fc.constantFrom(...KINDS), name: fc.stringMatching(/^[ab]([-.][ab]){0,2}$/), output }),
  { selector: ({ kind, name }) => `${kind}/${name}`, maxLength: 8 },
);

function toFile({ kind, name, output }: { kind: string; name: string; output: unknown }) {
  const manifest = { apiVersion: 'telemetry.kyma-project.io/v1beta1', kind, metadata: { name }, spec: { output } };
  return { file: `${kind}-${name}.yaml`, text: JSON.stringify(manifest, null, 1) };
}

describe('rendering', () => {
  it('gives the same bytes whatever order the files come in', () => {
    fc.assert(
      fc.property(
        manifests.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        fc.constantFrom(...TOPOLOGY_TYPES),
        ([list, shuffled], topology) => {
          const render = (of: typeof list) =>
            compileFiles(of.map(toFile), { ...options, topology }).rendered.map((one) => renderedYaml(one));
          expect(render(shuffled)).toEqual(render(list));
        },
      ),
    );
  });

  it('never shares a pipeline, exporter, batch or secret between resources', () => {
    fc.assert(
      fc.property(manifests, (list) => {
        const {
          rendered: [rendered],
          issues,
        } = compileFiles(list.map(toFile), options);
        const valid = list.length - new Set(issues.filter((i) => i.severity === 'error').map((i) => i.span?.file)).size;
        const { config, pipelines, secrets } = rendered!;
        expect(new Set(pipelines.map(({ pipelineId }) => pipelineId)).size).toBe(valid + KINDS.length);
        expect(Object.keys(config.exporters)).toHaveLength(valid + KINDS.length);
        const text = renderedYaml(rendered!);
        for (const name of Object.keys(secrets)) expect(text.split(`\${env:${name}}`)).toHaveLength(2);
      }),
    );
  });

  it('never writes a header value into the configuration', () => {
    const file = toFile({
      kind: 'LogPipeline',
      name: 'a',
      output: { otlp: { endpoint: { value: 'h:4317' }, headers: [{ name: 'x', prefix: 'Bearer', value: 'hunter2' }] } },
    });
    const {
      rendered: [rendered],
    } = compileFiles([file], options);
    expect(Object.values(rendered!.secrets)).toEqual(['Bearer hunter2']);
    expect(renderedYaml(rendered!)).not.toContain('hunter2');
  });

  it('names the line each block comes from, unless asked not to', () => {
    const {
      rendered: [rendered],
    } = compileFiles([toFile({ kind: 'LogPipeline', name: 'a', output: { stdout: {} } })], options);
    expect(renderedYaml(rendered!)).toContain('# LogPipeline-a.yaml:9  spec.output.stdout');
    expect(renderedYaml(rendered!, { sourceMap: false })).not.toContain('# ');
  });

  it('has an input for the signals that some pipeline takes, and for no other', () => {
    const files = [toFile({ kind: 'LogPipeline', name: 'a', output: { stdout: {} } })];
    const {
      rendered: [rendered],
    } = compileFiles(files, { ...options, viewer: false });
    expect(Object.keys(rendered!.config.service.pipelines)).toEqual(['logs/input', 'logs/logpipeline-a']);
  });
});
