import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compileFiles } from '../../cli/compile.ts';
import { podAddresses } from './pod-addresses.ts';

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
