import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderHuman, renderJson, renderShort } from '../diagnostics/index.ts';
import { readResources } from './index.ts';

const MANIFESTS = [
  `apiVersion: telemetry.kyma-project.io/v1beta1
kind: TracePipeline
metadata:
  name: block
spec:
  output:
    otlp:
      endpoint:
        value: https://user:CANARY@backend:4317
      headers:
        - name: Authorization
          value: "Bearer CANARY"
        - name: X-Key
          prefix: CANARY
          value: |-
            CANARY
            CANARY
      authentication:
        basic:
          user:
            value: 'CANARY'
          password:
            value: CANARY
        oauth2:
          clientSecret:
            value: CANARY
      tls:
        key:
          value: |
            -----BEGIN PRIVATE KEY-----
            CANARY
`,
  `{"apiVersion": "telemetry.kyma-project.io/v1beta1", "kind": "LogPipeline", "metadata": {"name": "flow"}, "spec": {
"output": {"otlp": {"headers": [{"name": "Authorization", "value": "CANARY"}, {"name": "b", "value": "CANARY"}],
"authentication": {"basic": {"user": {"value": "CANARY"}, "password": {"value": "CANARY"}}}, "tls": {"key": {"value": "CANARY"}}}}}}
`,
  `apiVersion: telemetry.kyma-project.io/v1alpha1
kind: LogPipeline
metadata:
  name: older
  annotations:
    telemetry.kyma-project.io/conversion-data: '{"spec":{"token":"CANARY"}}'
spec:
  output:
    http:
      host:
        value: backend
      user:
        value: CANARY
      password:
        value: CANARY
      tls:
        disabled: false
        key:
          value: |
            CANARY
`,
  `apiVersion: v1
kind: Secret
metadata: { name: a }
stringData: { user: CANARY, plain: "CANARY" }
`,
];

function everything(text: string): string {
  const { issues, sources } = readResources([{ file: 'f.yaml', text }]);
  const human = renderHuman(issues, { sources, color: false, unicode: true });
  return human + renderShort(issues) + JSON.stringify(renderJson(issues, { cliVersion: '0', files: 1, resources: 1 }));
}

/** A slip of the keyboard: characters taken out, put in, or doubled. Places inside a secret are left alone, so that it stays recognisable. */
const slip = fc.record({
  at: fc.nat(),
  remove: fc.nat({ max: 3 }),
  insert: fc.constantFrom('', ' ', '\t', '\n', '"', "'", ':', '{', ']', 'x', '- ', '#', '&', '*'),
});

function withSlip(text: string, { at, remove, insert }: { at: number; remove: number; insert: string }): string {
  const start = at % text.length;
  const broken = text.slice(0, start) + insert + text.slice(start + remove);
  const marks = (one: string) => one.match(/CANARY(@?)/g)?.join();
  return marks(broken) === marks(text) ? broken : text;
}

describe('secrets in invalid files', () => {
  it('are not shown, wherever the file is broken', () => {
    fc.assert(
      fc.property(fc.constantFrom(...MANIFESTS), fc.array(slip, { maxLength: 1 }), (manifest, slips) => {
        const text = slips.reduce(withSlip, manifest);
        const shown = everything(text);
        if (shown.includes('CANARY'))
          expect.fail(
            `${shown
              .split('\n')
              .filter((line) => line.includes('CANARY'))
              .join('\n')}\nof:\n${text}`,
          );
      }),
      { numRuns: 2000 },
    );
  });
});
