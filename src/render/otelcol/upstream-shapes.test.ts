import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { upstreamPipelines } from '../../../test/testkit/upstream-manifests.ts';
import { type Compiled, compileFiles } from '../../cli/compile.ts';
import { checkConfig, parseClassic } from '../../fluentbit/index.ts';
import { loadConfig } from '../../otelcol/index.ts';
import { podAddresses } from './pod-addresses.ts';
import { renderedYaml } from './rendered-yaml.ts';

function compiled(pipeline: object): Compiled {
  return compileFiles([{ file: 'a.yaml', text: JSON.stringify(pipeline) }], {
    distribution: 'otelcol',
    capBytes: 2 * 2 ** 30,
    addresses: podAddresses,
    cluster: { namespace: 'kyma-system', istio: true },
  });
}

describe('any pipeline that upstream takes', () => {
  it('compiles without an error, and is part of what runs', () => {
    fc.assert(
      fc.property(upstreamPipelines, (pipeline) => {
        const { issues, statuses } = compiled(pipeline);
        expect(issues.filter(({ severity }) => severity === 'error').map(({ message }) => message)).toEqual([]);
        expect(statuses.map(({ conditions }) => conditions[0]?.status)).toEqual(['True']);
      }),
      { numRuns: 400 },
    );
  });

  it('renders what the Collector and Fluent Bit read', () => {
    fc.assert(
      fc.property(upstreamPipelines, (pipeline) => {
        const { rendered, agents, fluentBit } = compiled(pipeline);
        for (const one of [...rendered, ...agents]) {
          const names = [
            ...Object.keys(one.secrets),
            ...Object.keys(one.missingSecrets),
            'MY_NODE_NAME',
            'MY_NODE_ADDRESS',
          ];
          const env = Object.fromEntries(names.map((name) => [name, 'x']));
          expect(loadConfig(renderedYaml(one), 'a.yaml', { env }).issues).toEqual([]);
        }
        for (const [path, text] of Object.entries(fluentBit?.files ?? {})) {
          if (!path.endsWith('.conf')) continue;
          const parsed = parseClassic(text);
          expect([...parsed.problems, ...checkConfig(parsed)]).toEqual([]);
        }
      }),
      { numRuns: 200 },
    );
  });
});
