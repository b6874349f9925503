import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CompileOptions, compileFiles, STOCK_ADDRESSES } from '../../src/cli/compile.ts';
import { renderAddresses } from '../../src/cli/render-addresses.ts';
import { podAddresses, renderedYaml } from '../../src/render/index.ts';
import { requirePeer } from '../../testbed/index.ts';
import { validateWithOtelcol } from '../testkit/collector-validate.ts';
import { readDocuments } from '../testkit/markdown.ts';

const peer = requirePeer('otelcol');
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';

const examples = readDocuments(join(import.meta.dirname, '../..'))
  .filter(({ path }) => path.startsWith('docs/spec/'))
  .flatMap(({ path, blocks }) =>
    blocks
      .filter(({ language, text }) => language === 'yaml' && /^kind: (Trace|Metric|Log)Pipeline$/m.test(text))
      .map(({ text, line }) => ({ title: `${path}:${line}`, text })),
  );

const HERE: CompileOptions = {
  distribution: 'otelcol',
  addresses: renderAddresses({ ...STOCK_ADDRESSES, innerPort: 24317, folder: '/var/lib/telemetry' }),
};
const CLUSTER: CompileOptions = {
  distribution: 'otelcol',
  addresses: podAddresses,
  cluster: { namespace: 'kyma-system', istio: true },
};

/** By the name of the workload. */
function configurations(text: string, options: CompileOptions): readonly (readonly [string, string])[] {
  const { rendered, agents } = compileFiles([{ file: 'example.yaml', text }], options);
  return [...rendered, ...agents].map((one) => [one.workload, renderedYaml(one)]);
}

describe.skipIf(peer.status === 'missing')(`the real Collector accepts the examples of docs/spec${skipNote}`, () => {
  it.each(examples)('$title', ({ text }) => {
    const all = [...configurations(text, HERE), ...configurations(text, CLUSTER)];
    for (const [workload, config] of all)
      expect({ workload, ...validateWithOtelcol(config) }).toEqual({ workload, status: 0, stderr: '' });
  });

  it('are found, and lead to something', () => {
    expect(examples.length).toBeGreaterThan(15);
    const empty = examples.filter(({ text }) => configurations(text, CLUSTER).length === 0);
    expect(empty.map(({ text }) => text).filter((text) => !/^ {4}(http|custom):/m.test(text))).toEqual([]);
  });
});
