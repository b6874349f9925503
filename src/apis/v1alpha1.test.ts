import { describe, expect, it } from 'vitest';
import { readResources } from './index.ts';

const read = (text: string) => readResources([{ file: 'f.yaml', text }]);
const METRICS = `apiVersion: telemetry.kyma-project.io/v1alpha1
kind: MetricPipeline
metadata: { name: a }
spec:
  input:
    otlp:
      disabled: true
  output: { otlp: { endpoint: { value: "backend:4317" } } }
`;

describe('a pipeline of v1alpha1', () => {
  it('is read as v1beta1 has it', () => {
    const [loaded] = read(METRICS).resources;
    expect(loaded!.resource).toMatchObject({
      apiVersion: 'telemetry.kyma-project.io/v1beta1',
      spec: { input: { otlp: { enabled: false } } },
    });
    expect(loaded!.resource.spec).not.toHaveProperty('input.otlp.disabled');
  });

  it('keeps the places and the words of the user', () => {
    const { document } = read(METRICS).resources[0]!;
    const path = ['spec', 'input', 'otlp', 'enabled'];
    expect(document.spanOf(path, 'key')).toMatchObject({ line: 7, column: 7, endColumn: 15 });
    expect(document.spanOf(path)).toMatchObject({ line: 7, column: 17 });
    expect(document.written(path)).toEqual(['spec', 'input', 'otlp', 'disabled']);
  });

  it('is deprecated, with what to change', () => {
    expect(read(METRICS).issues).toMatchObject([
      {
        code: 'SL0320',
        severity: 'warning',
        span: { line: 1, column: 13 },
        help: 'write `telemetry.kyma-project.io/v1beta1`, `spec.input.otlp.disabled` as `spec.input.otlp.enabled` with the opposite value',
      },
    ]);
  });

  it('can be mended by machine when only the version differs', () => {
    const [issue] = read(METRICS.replace(/ {2}input:\n.*\n.*\n/, '')).issues;
    expect(issue!.fix).toEqual({
      applicability: 'MachineApplicable',
      span: issue!.span,
      newText: 'telemetry.kyma-project.io/v1beta1',
    });
  });

  it('brings back what an earlier conversion kept', () => {
    const kept = { spec: { output: { otlp: { endpoint: { value: 'backend:4317' }, compression: 'zstd' } } } };
    const data = JSON.stringify({ apiVersion: 'telemetry.kyma-project.io/v1beta1', ...kept });
    const { resources } = read(`apiVersion: telemetry.kyma-project.io/v1alpha1
kind: TracePipeline
metadata: { name: a, annotations: { telemetry.kyma-project.io/conversion-data: '${data}' } }
spec: { output: { otlp: { endpoint: { value: "backend:4317" } } } }
`);
    expect(resources[0]!.resource.spec.output.otlp!.compression).toBe('zstd');
  });

  it('shares its names with those of the other version', () => {
    const { issues } = read(`${METRICS}---\n${METRICS.replace('v1alpha1', 'v1beta1').replace('disabled', 'enabled')}`);
    expect(issues.map(({ code }) => code)).toContain('SL0403');
  });
});
