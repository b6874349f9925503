import { describe, expect, it } from 'vitest';
import { changesBetween } from './changes.ts';
import { type GenerationOptions, readGeneration } from './generation.ts';

const generation = (text: string, secret = 'v', before: GenerationOptions['before'] = []) =>
  readGeneration(
    {
      files: [{ file: 'a.yaml', text }],
      secretFiles: [
        {
          file: 's.yaml',
          text: `apiVersion: v1\nkind: Secret\nmetadata: { name: s }\nstringData: { k: "${secret}" }\n`,
        },
      ],
      overlays: [],
    },
    { capBytes: 2 ** 29, before },
  );
const pipeline = (otlp: string, name = 'a') => `apiVersion: telemetry.kyma-project.io/v1beta1
kind: TracePipeline
metadata: { name: ${name} }
spec: { output: { otlp: { ${otlp} } } }
`;
const PLAIN = 'endpoint: { value: "http://127.0.0.1:1" }';

describe('changes', () => {
  it('name what comes, goes, differs and stays, by field', () => {
    const before = generation([pipeline(PLAIN), pipeline(PLAIN, 'b'), pipeline(PLAIN, 'c')].join('---\n'));
    const after = generation(
      [`# moved\n${pipeline(PLAIN)}`, pipeline(`${PLAIN}, compression: zstd`, 'b'), pipeline(PLAIN, 'd')].join('---\n'),
    );
    expect(changesBetween(before, after)).toEqual([
      { kind: 'TracePipeline', name: 'a', action: 'unchanged', fields: [] },
      {
        kind: 'TracePipeline',
        name: 'b',
        action: 'configured',
        fields: [{ path: 'spec.output.otlp.compression', before: 'gzip', after: 'zstd' }],
      },
      { kind: 'TracePipeline', name: 'c', action: 'deleted', fields: [] },
      { kind: 'TracePipeline', name: 'd', action: 'created', fields: [] },
    ]);
  });

  it('see a change of an absent field as an addition or removal', () => {
    const one = generation(pipeline(PLAIN));
    const two = generation(pipeline(`${PLAIN}, path: /x`).replace('endpoint', 'protocol: http, endpoint'));
    const added = changesBetween(one, two)[0]!.fields.find(({ path }) => path.endsWith('path'));
    const removed = changesBetween(two, one)[0]!.fields.find(({ path }) => path.endsWith('path'));
    expect(added).toEqual({ path: 'spec.output.otlp.path', after: '/x' });
    expect(removed).toEqual({ path: 'spec.output.otlp.path', before: '/x' });
  });

  it.each([
    'headers: [{ name: x, value: CANARY }]',
    'headers: [{ name: x, prefix: CANARY, value: y }]',
    'authentication: { basic: { user: { value: CANARY }, password: { value: p } } }',
    'tls: { ca: { value: CANARY } }',
  ])('hide secrets: %s', (setting) => {
    const before = generation(pipeline(PLAIN));
    const one = generation(pipeline(`${setting}, ${PLAIN}`));
    const two = generation(pipeline(`${setting.replace('CANARY', 'CANARY2')}, ${PLAIN}`));
    for (const [from, to] of [
      [before, one],
      [one, two],
      [two, before],
    ] as const) {
      expect(JSON.stringify(changesBetween(from, to))).not.toContain('CANARY');
    }
  });

  it('hide secrets of a version that stands in the files no more', () => {
    const oauth2 = 'tokenURL: { value: "http://h/t" }, clientID: { value: i }, clientSecret: { value: s }';
    const text = pipeline(`${PLAIN}, protocol: http, authentication: { oauth2: { ${oauth2}, params: { a: CANARY } } }`);
    const first = generation(text);
    const broken = generation(`# moved\n# down\n# here\n${pipeline('typo: 1')}`, 'v', first.pipelines);
    expect(broken.pipelines).toMatchObject([{ runs: 'previous' }]);
    for (const [from, to] of [
      [broken, generation(pipeline(PLAIN))],
      [generation(pipeline(PLAIN)), broken],
    ] as const) {
      expect(JSON.stringify(changesBetween(from, to))).toContain('params.a');
      expect(JSON.stringify(changesBetween(from, to))).not.toContain('CANARY');
    }
  });

  it('tell a Secret that holds something else, without its value', () => {
    const ref = 'headers: [{ name: x, valueFrom: { secretKeyRef: { namespace: default, name: s, key: k } } }]';
    const text = pipeline(`${ref}, ${PLAIN}`);
    const [change] = changesBetween(generation(text, 'one'), generation(text, 'two'));
    expect(change).toEqual({ kind: 'TracePipeline', name: 'a', action: 'configured', fields: [] });
  });
});
