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

const HEAD = 'apiVersion: telemetry.kyma-project.io/v1beta1\nkind: TracePipeline\nmetadata:\n  name: a\n';
const output = (otlp: string) => `spec:\n  output:\n    otlp:\n      endpoint: {value: http://h:4317}\n      ${otlp}\n`;
const secretOf = (rest: string, kind = 'Secret') => `apiVersion: v1\nkind: ${kind}\nmetadata: {name: a}\n${rest}\n`;

/** Every line of the text as a finding about it would show it. */
function allLines(text: string): string {
  const { sources } = readResources([{ file: 'f.yaml', text }]);
  const issues = text.split('\n').map((_, index) => ({
    code: 'SL0101',
    severity: 'error' as const,
    message: `line ${index + 1}`,
    span: { file: 'f.yaml', line: index + 1, column: 1, endLine: index + 1, endColumn: 2 },
  }));
  return renderHuman(issues, { sources, color: false, unicode: true, columns: 60 });
}

describe('a secret is hidden on whatever line is shown', () => {
  it.each([
    ['where an alias takes it from', `${HEAD}x-common: &s CANARY\n${output('headers: [{name: x, value: *s}]')}`],
    [
      'where an alias among the annotations is taken from',
      `${HEAD}  annotations: {x: &s CANARY}\n${output('headers: [{name: x, value: *s}]')}`,
    ],
    ['where a list is merged from', `${HEAD}x-common: &s [{name: x, value: CANARY}]\n${output('headers: *s')}`],
    ['where a mapping is merged from', `${HEAD}x: &s {name: x, value: CANARY}\n${output('headers: [{<<: *s}]')}`],
    ['beside a doubled one that lost its key', `${HEAD}${output('headers: [{name: x, CANARY, CANARY}]')}`],
    ['in the name of a header', `${HEAD}${output('headers: [{name: "Authorization: CANARY", value: x}]')}`],
    ['where a name was meant', `${HEAD}${output('headers: [{name: Bearer CANARY, value: Authorization}]')}`],
    ['where a reference was meant', `${HEAD}${output('headers: [{name: x, valueFrom: CANARY}]')}`],
    ['deeper in a reference', `${HEAD}${output('headers: [{name: x, valueFrom: {secretKeyRef: CANARY}}]')}`],
    ['as a user in front of a host', `${HEAD}${output('')}`.replace('http://h:4317', 'CANARY@h:4317')],
    ['in a label that tells', `${HEAD}  labels: {token: CANARY}\n${output('')}`],
    ['in an annotation that is a manifest', `${HEAD}  annotations: {k: '{"token":"CANARY"}'}\n${output('')}`],
    ['in a section of Fluent Bit', `${HEAD}spec: {output: {custom: "Name http\\nhttp_passwd CANARY"}}\n`],
    ['beside the values of a Secret', secretOf('value: CANARY\nfoo: {a: CANARY}')],
    ['indented too far in a Secret', secretOf('').replace('{name: a}', '\n  name: a\n  stringData: {x: CANARY}')],
    ['in a Secret that is called otherwise', secretOf('foo: CANARY', 'Secrt')],
    ['in a list of texts', '- CANARY\n- CANARY\n'],
    ['where it was commented out', `${HEAD}# value: CANARY\n${output('compression: gzip # password: CANARY')}`],
  ])('%s', (_, text) => {
    for (const variant of [text, text.replaceAll('\n', '\r\n'), `\ufeff${text}`]) {
      expect(allLines(variant)).not.toContain('CANARY');
      expect(everything(variant)).not.toContain('CANARY');
    }
  });

  it('and a comment that only explains stays', () => {
    expect(allLines(`${HEAD}# the token is in the vault\n${output('')}`)).toContain('in the vault');
  });
});
