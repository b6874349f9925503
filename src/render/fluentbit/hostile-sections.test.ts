// biome-ignore-all lint/suspicious/noTemplateCurlyInString: texts of users, which Fluent Bit would expand
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compileFiles } from '../../cli/compile.ts';
import { parseClassic } from '../../fluentbit/index.ts';
import { podAddresses } from '../otelcol/pod-addresses.ts';
import { CONFIG_FILE } from './names.ts';

const BLANKS = [' ', '\t', '  ', '\u00a0', '\u2003', '\u3000', '\ufeff', '\r', '\v', '\f', '\0', '\u0085', '\u2028'];
const WORDS = [
  ...['Name', 'name', 'Match', 'MATCH', 'Match_Regex', 'match-regex', 'Ma\u0074ch', 'Regex', 'Exclude', 'Alias', 'Add'],
  ...['[OUTPUT]', '[FILTER', ']', '@INCLUDE', '@SET', 'a=b', '#', '*', '.*', 'log', 'stdout', 'grep', 'modify', 'lua'],
  ...['${TOKEN}', '${HOME}', '${', '}', '$$', '$log', 'processors:', '- name: x', '"', "'", '\\', 'x'.repeat(70_000)],
];
const token = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...WORDS) },
  { weight: 5, arbitrary: fc.constant(' ') },
  { weight: 2, arbitrary: fc.constantFrom(...BLANKS) },
  { weight: 2, arbitrary: fc.constant('\n') },
);
const tokens = fc.array(token, { maxLength: 8 }).map((parts) => parts.join(''));
const beginning = (...lines: readonly string[]) => fc.constantFrom(...lines);
const filter = fc
  .tuple(beginning('Name grep\nRegex log a', 'Name modify\nAdd a b', 'Name stdout\n', 'Name grep', ''), tokens)
  .map((parts) => parts.join(''));
const output = fc
  .tuple(beginning('Name stdout\n', 'Name null', 'Name http\nHeader X-A b', 'Name http\nUri /', ''), tokens)
  .map((parts) => parts.join(''));

function rendered(filters: readonly string[], custom: string) {
  const pipelines = [
    { name: 'a', spec: { filters: filters.map((custom) => ({ custom })), output: { custom } } },
    { name: 'b', spec: { output: { custom: 'Name null' } } },
  ];
  const text = pipelines
    .map(({ name, spec }) => ({
      apiVersion: 'telemetry.kyma-project.io/v1beta1',
      kind: 'LogPipeline',
      metadata: { name },
      spec,
    }))
    .map((manifest) => JSON.stringify(manifest))
    .join('\n---\n');
  return compileFiles([{ file: 'a.yaml', text }], {
    distribution: 'otelcol',
    cluster: { namespace: 'kyma-system', istio: false },
    addresses: podAddresses,
  });
}

it('whatever stands in a section that is accepted, it is one section, of its own pipeline, without other variables', () => {
  let acceptedCount = 0;
  fc.assert(
    fc.property(fc.array(filter, { maxLength: 2 }), output, (filters, written) => {
      const { fluentBit } = rendered(filters, written);
      const { sections, problems } = parseClassic(fluentBit!.files[CONFIG_FILE]!);
      expect(problems).toEqual([]);
      const own = sections.filter(({ entries }) => entries.some(({ value }) => value === 'a.*'));
      const takers = sections.filter(({ name }) => name !== 'SERVICE' && name !== 'INPUT');
      if (own.length > 0) acceptedCount += 1;
      const filterCount = filters.filter((text) => text.trim() !== '').length;
      // Its input, two filters of ours, those of the user and one output; of the other pipeline four.
      expect([0, 4 + filterCount]).toContain(own.length);
      expect(sections).toHaveLength(1 + own.length + 4);
      for (const taker of takers) {
        const matches = taker.entries.filter(({ key }) => /^match/i.test(key)).map(({ value }) => value);
        expect(['a.*', 'b.*']).toContain(matches.join());
        expect(taker.entries.filter(({ key }) => key === 'name')).toHaveLength(1);
        const named = taker.entries.flatMap(({ value }) => value.match(/\$\{[^}]*\}?/g) ?? []);
        for (const variable of named) expect(variable).toMatch(/^\$\{(?:KUBERNETES_SERVICE_HOST|SLUICE_FLB_A_\w+)\}$/);
      }
    }),
    { numRuns: 400, examples: [[['Name grep\nRegex log a'], 'Name stdout']] },
  );
  expect(acceptedCount).toBeGreaterThan(0);
});
