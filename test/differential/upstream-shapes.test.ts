import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileFiles } from '../../src/cli/compile.ts';
import { podAddresses } from '../../src/render/otelcol/pod-addresses.ts';
import { renderedYaml } from '../../src/render/otelcol/rendered-yaml.ts';
import { requirePeer } from '../../testbed/index.ts';
import { validateWithOtelcol } from '../testkit/collector-validate.ts';
import { upstreamPipelines } from '../testkit/upstream-manifests.ts';

const peer = requirePeer('otelcol');
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';

describe.skipIf(peer.status === 'missing')(`the real Collector takes pipelines that upstream takes${skipNote}`, () => {
  it.each([1, 2, 3, 4])('twenty at once, seed %i', (seed) => {
    const pipelines = fc.sample(upstreamPipelines, { numRuns: 20, seed });
    const text = pipelines
      .map((pipeline, index) => JSON.stringify({ ...pipeline, metadata: { name: `p${index}` } }))
      .join('\n---\n');
    const { rendered, agents, statuses } = compileFiles([{ file: 'a.yaml', text }], {
      distribution: 'otelcol',
      capBytes: 4 * 2 ** 30,
      addresses: podAddresses,
      cluster: { namespace: 'kyma-system', istio: true },
    });
    expect(statuses.map(({ conditions }) => conditions[0]?.status)).toEqual(pipelines.map(() => 'True'));
    for (const one of [...rendered, ...agents]) {
      expect(validateWithOtelcol(renderedYaml(one)), one.workload).toEqual({ status: 0, stderr: '' });
    }
  });
});
