import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readResources } from './index.ts';

const file = (text: string, name = 'f.yaml') => ({ file: name, text });
const secret = (name: string, values: object) =>
  JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'obs' }, ...values });

describe('Secrets among the files', () => {
  it('decode any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const data = { key: Buffer.from(text, 'utf8').toString('base64') };
        const { secrets, issues } = readResources([file(secret('a', { data }))]);
        expect(issues).toEqual([]);
        expect(secrets.get('obs', 'a')!.get('key')).toBe(text);
      }),
    );
  });

  it('prefer stringData to data, as the API server does', () => {
    const text = secret('a', { data: { key: 'b2xk', other: 'b2xk' }, stringData: { key: 'new' } });
    const values = readResources([file(text)]).secrets.get('obs', 'a')!;
    expect([...values]).toEqual([
      ['key', 'new'],
      ['other', 'old'],
    ]);
  });

  it('are in namespace default when they name none', () => {
    const text = JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } });
    const { secrets } = readResources([file(text)]);
    expect(secrets.get('default', 'a')).toEqual(new Map());
    expect(secrets.get('obs', 'a')).toBeUndefined();
  });

  it('keep the keys that can be read when one cannot', () => {
    const { secrets, issues } = readResources([file(secret('a', { data: { bad: '?', good: 'b2s=' } }))]);
    expect(issues.map(({ code, path }) => `${code} ${path}`)).toEqual(['SL0105 data,bad']);
    expect([...secrets.get('obs', 'a')!]).toEqual([['good', 'ok']]);
  });

  it('count for nothing as resources', () => {
    expect(readResources([file(secret('a', {}))])).toMatchObject({ resources: [], resourceCount: 0 });
  });
});

describe('files of Secrets', () => {
  const fromFile = { secretFiles: [file(secret('a', { stringData: { key: 'local' } }), 'secrets.yaml')] };

  it('win over Secrets among the other files, without a word', () => {
    const { secrets, issues } = readResources([file(secret('a', { stringData: { key: 'placeholder' } }))], fromFile);
    expect(secrets.get('obs', 'a')!.get('key')).toBe('local');
    expect(issues).toEqual([]);
  });

  it('hold nothing else: the rest is left out with a warning', () => {
    const text = `apiVersion: telemetry.kyma-project.io/v1beta1
kind: TracePipeline
metadata: { name: a }
spec: { output: { stdout: {} } }
`;
    const { resources, issues } = readResources([], { secretFiles: [file(text)] });
    expect(resources).toEqual([]);
    expect(issues).toMatchObject([
      { code: 'SL0117', severity: 'warning', message: 'TracePipeline in a file of Secrets is left out' },
    ]);
  });

  it('have their values masked', () => {
    const { sources } = readResources([], fromFile);
    expect(sources).toHaveLength(1);
    expect(sources[0]!.sensitive).toHaveLength(1);
  });
});
