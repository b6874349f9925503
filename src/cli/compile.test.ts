import { describe, expect, it } from 'vitest';
import { compileFiles, STOCK_ADDRESSES } from './compile.ts';

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
});
