import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compileFiles } from '../../cli/compile.ts';
import { podAddresses } from './pod-addresses.ts';
import { renderedYaml } from './rendered-yaml.ts';

/** Shapes that upstream takes or refuses: its samples, its guides, and the tests of its CRDs, webhooks and reconcilers. */
const corpus = join(import.meta.dirname, '../../../test/corpus');
const accepted = readdirSync(corpus).filter((name) => name.startsWith('upstream-') && name !== 'upstream-refused');

interface Document {
  /** The comment in its first line. */
  readonly title: string;
  readonly text: string;
}

function documentsOf(name: string): readonly Document[] {
  const file = readFileSync(join(corpus, name, 'input.yaml'), 'utf8');
  return file.split(/^---\n/m).map((text) => ({ title: /^# (.*)/.exec(text)?.[1] ?? '', text }));
}

function compiled(text: string) {
  return compileFiles([{ file: 'input.yaml', text }], {
    distribution: 'otelcol',
    capBytes: 2 * 2 ** 30,
    addresses: podAddresses,
    cluster: { namespace: 'kyma-system', istio: false },
  });
}

describe.each(accepted)('%s', (name) => {
  it('is taken: no resource has an error, all are part of what runs', () => {
    const { issues, statuses } = compiled(
      documentsOf(name)
        .map(({ text }) => text)
        .join('---\n'),
    );
    expect(issues.filter(({ severity }) => severity === 'error').map(({ message }) => message)).toEqual([]);
    expect(statuses.filter(({ conditions }) => conditions[0]?.status !== 'True').map((one) => one.name)).toEqual([]);
  });
});

describe('v1alpha1', () => {
  const newer = readdirSync(corpus).filter((name) => existsSync(join(corpus, `${name}-older`)));

  it.each(newer)('%s means the same as in v1beta1, but for the compression, which came later', (name) => {
    expect(rendered(`${name}-older`)).toEqual(rendered(name));
    expect(newer.length).toBeGreaterThan(5);
  });
});

/** Everything a cluster runs, without comments, as lines in them name places of the manifest. */
function rendered(name: string): readonly string[] {
  const { rendered: gateways, agents, fluentBit } = compiled(readFileSync(join(corpus, name, 'input.yaml'), 'utf8'));
  const files = [...[...gateways, ...agents].map((one) => renderedYaml(one)), ...Object.values(fluentBit?.files ?? {})];
  return files.flatMap((text) => text.split('\n').filter((line) => !/^\s*(#|compression: )/.test(line)));
}

describe('what upstream refuses', () => {
  it.each(documentsOf('upstream-refused').map((one) => [one.title, one] as const))('%s', (title, { text }) => {
    const [code = ''] = title.split(' ');
    const { issues, statuses } = compiled(text);
    const errors = issues.filter(({ severity }) => severity === 'error');
    expect(errors.map((issue) => issue.code.slice(0, code.length))).toContain(code);
    for (const { span, message } of errors) expect(span, message).toBeDefined();
    expect(statuses.map(({ conditions }) => conditions[0]?.status)).toEqual(['False']);
  });
});
