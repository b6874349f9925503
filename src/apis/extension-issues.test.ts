import { describe, expect, it } from 'vitest';
import { codeEntry } from '../diagnostics/index.ts';
import { extensionIssues, readResources } from './index.ts';

function messages(text: string): string[] {
  const read = readResources([{ file: 'f.yaml', text }]);
  return extensionIssues(read).map(({ code, message, span, severity }) => {
    expect(codeEntry(code)?.severity).toBe(severity);
    return `${span!.line}:${span!.column} ${message}`;
  });
}

describe('extensions of Sluice', () => {
  it('are found in pipelines, whatever version they are written in', () => {
    expect(
      messages(`apiVersion: telemetry.kyma-project.io/v1beta1
kind: TracePipeline
metadata: { name: a }
spec: { output: { file: { path: a, rotation: {} } } }
---
apiVersion: telemetry.kyma-project.io/v1alpha1
kind: MetricPipeline
metadata: { name: a }
spec:
  delivery: { buffer: { maxSize: 32Mi } }
  input: { otlp: { disabled: true } }
  output: { otlp: { endpoint: { value: "backend:4317" } } }
`),
    ).toEqual(['4:19 `spec.output.file` is an extension of Sluice', '10:3 `spec.delivery` is an extension of Sluice']);
  });

  it('are found in Telemetry, words as well as fields', () => {
    expect(
      messages(`apiVersion: operator.kyma-project.io/v1beta1
kind: Telemetry
metadata: { name: default }
spec:
  enrichments: { extractPodLabels: [{ key: a }] }
  trace: { gateway: { memory: 1Gi, scaling: { type: Auto } } }
  topology: { type: Shared }
`),
    ).toEqual([
      '6:53 `spec.trace.gateway.scaling.type: Auto` is an extension of Sluice',
      '6:23 `spec.trace.gateway.memory` is an extension of Sluice',
      '7:3 `spec.topology` is an extension of Sluice',
    ]);
  });

  it('are not what upstream has, or what has no value', () => {
    expect(
      messages(`apiVersion: telemetry.kyma-project.io/v1beta1
kind: LogPipeline
metadata: { name: a }
spec:
  delivery: null
  input: { runtime: { enabled: false }, otlp: { enabled: true } }
  output: { otlp: { endpoint: { value: "backend:4317" }, compression: zstd, headers: [{ name: a, value: b }] } }
`),
    ).toEqual([]);
  });
});
