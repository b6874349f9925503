// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the Collector's references look like template strings
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/otelcol/index.ts';
import { requirePeer } from '../../testbed/index.ts';

const otelcol = requirePeer('otelcol');
const folder = mkdtempSync(join(tmpdir(), 'sluice-expansion-'));
const run = promisify(execFile);

const ENV = {
  WORD: 'hello',
  NUMBER: '17',
  OCTAL: '0017',
  FLOAT: '1.50',
  BOOL: 'true',
  YES: 'yes',
  LIST: '[1, two, "3"]',
  MAP: '{a: 1, b: {c: x}}',
  QUOTED: '"in quotes"',
  BROKEN: 'a: [b',
  EMPTY: '',
  BLANK: '  spaces  ',
  COMMENT: '# not a comment',
  DOLLARS: 'a$b$$c$1',
  NESTED: '${env:WORD}-${env:NUMBER}',
  NESTED_NUMBER: '${env:NUMBER}',
  NESTED_LIST: '["${env:WORD}", $$x]',
  ESCAPED: '$${env:WORD}',
  SELF: '${env:SELF}',
};

const TEXTS = [
  ...Object.keys(ENV).map((name) => `\${env:${name}}`),
  ...Object.keys(ENV).map((name) => `<\${env:${name}}>`),
  '${WORD}',
  '${env:UNSET_NAME}',
  '<${env:UNSET_NAME}>',
  '${env:UNSET_NAME:-5}',
  '${env:UNSET_NAME:-}',
  '${env:NUMBER:-5}',
  '${UNSET_NAME:-5}',
  '${env:WORD}${env:NUMBER}',
  '${env:${env:WORD}}',
  '$',
  '$$',
  '$$$',
  '$$$$',
  '$1 $2',
  '$${env:WORD}',
  '$$${env:WORD}',
  '$$$${env:WORD}',
  '$${env:WORD} ${env:WORD}',
  '${env:WORD} $${env:WORD}',
  '} ${env:WORD}',
  '${ ${env:WORD}',
  '${env:WORD',
  '{env:WORD}',
  '${}',
  '${env:}',
  '${env:A-B}',
  '${env:1A}',
  '${nope:WORD}',
  '${env:WO$RD}',
  '${env:WORD}}',
] as const;

/** The value of an attribute may be of any type. What text settings get is not printed; test/e2e/escaping.test.ts sees it arrive. */
function config(text: string): string {
  return `
receivers: { otlp: { protocols: { http: } } }
processors: { attributes: { actions: [{ key: k, action: insert, value: ${JSON.stringify(text)} }] } }
exporters: { debug: }
service: { pipelines: { traces: { receivers: [otlp], processors: [attributes], exporters: [debug] } } }
`;
}

const REFUSED = Symbol('refused');

function attributeValue(resolved: object): unknown {
  const { processors } = resolved as {
    readonly processors: { readonly attributes: { readonly actions: readonly { readonly value: unknown }[] } };
  };
  return processors.attributes.actions[0]?.value;
}

async function real(text: string): Promise<unknown> {
  if (otelcol.status === 'missing') throw new Error(otelcol.reason);
  const file = join(folder, 'config.yaml');
  writeFileSync(file, config(text));
  const args = ['print-config', '--mode=unredacted', '--format=json', '--validate=false', '--config', file];
  try {
    const { stdout } = await run(otelcol.path, args, { env: ENV });
    return attributeValue(JSON.parse(stdout));
  } catch (error) {
    if ((error as { code?: unknown }).code === 1) return REFUSED;
    throw error;
  }
}

function ours(text: string): unknown {
  const loaded = loadConfig(config(text), 'config.yaml', { env: ENV });
  return loaded.config === undefined ? REFUSED : attributeValue(loaded.config);
}

describe.skipIf(otelcol.status === 'missing')('expansion in a configuration file', () => {
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(TEXTS)('takes %s as the real Collector does', async (text) => {
    expect(ours(text)).toEqual(await real(text));
  });
});
