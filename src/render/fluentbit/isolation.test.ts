import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkConfig, matchesTag, parseClassic, type Section } from '../../fluentbit/index.ts';
import type { FluentBitGraph } from '../../pipeline/index.ts';
import type { ClusterSettings } from '../../topology/index.ts';
import { CONFIG_FILE, environmentName, filePath, pipelineKey, tlsPath } from './names.ts';
import { renderFluentBit } from './render-fluent-bit.ts';

/** Names as Kubernetes takes them, many of them alike: parts of few letters, joined by what identifiers are made of. */
const part = fc.stringMatching(/^[ab1](-{0,3}[ab1]){0,3}$/);
const longPart = fc.stringMatching(/^a{50,63}b?$/);
const pipelineName = fc
  .array(fc.oneof({ weight: 4, arbitrary: part }, { weight: 1, arbitrary: longPart }), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join('.'))
  .filter((name) => name.length <= 253);
const names = fc.uniqueArray(
  fc.oneof(pipelineName, fc.constantFrom('foo', 'foo.bar', 'foo-bar', 'foo.bar.baz', 'foo-x5f')),
  {
    minLength: 2,
    maxLength: 6,
  },
);

const cluster: ClusterSettings = {
  namespace: 'kyma-system',
  clusterName: 'c',
  serviceEnrichment: 'otel',
  podLabels: [],
  collectionInterval: { runtime: '30s', prometheus: '30s', istio: '30s' },
  istio: false,
};

const secret = { text: 'v', from: [] };

function graphOf(name: string): FluentBitGraph {
  const entry = (key: string, value: string) => ({ key, value: [value] });
  return {
    kind: 'LogPipeline',
    name,
    input: {
      kind: 'receiver',
      type: 'container-logs',
      namespaces: {},
      containers: {},
      keepOriginalBody: true,
      keepAnnotations: false,
      dropLabels: false,
    },
    filters: [
      { plugin: 'grep', entries: [entry('regex', 'log a')] },
      { plugin: 'lua', entries: [{ key: 'script', value: [{ file: 'a.lua' }] }, entry('call', 'f')] },
      {
        plugin: 'nightfall',
        entries: [{ key: 'nightfall_api_key', value: [{ secret: 'CANARY' }] }, entry('policy_id', 'x')],
      },
      { plugin: 'modify', entries: [{ key: 'add', value: ['a ', { variable: 'A_b' }, { variable: 'a.b' }] }] },
    ],
    output: {
      kind: 'exporter',
      type: 'http',
      host: secret,
      user: secret,
      password: secret,
      uri: '/',
      port: 443,
      compress: 'none',
      format: 'json',
      tls: { insecure: false, insecureSkipVerify: false, ca: secret, cert: secret, key: secret },
      dedot: true,
    },
    files: [{ name: 'a.lua', content: 'x', script: true }],
    variables: [
      { name: 'A_b', value: secret },
      { name: 'a.b', value: secret },
    ],
  };
}

function sectionsOf(pipelines: readonly FluentBitGraph[]): readonly Section[] {
  const parsed = parseClassic(renderFluentBit({ pipelines, parsers: [], cluster }).files[CONFIG_FILE]!);
  expect(parsed.problems).toEqual([]);
  expect(checkConfig(parsed)).toEqual([]);
  return parsed.sections;
}

function valueIn({ entries }: Section, key: string): string | undefined {
  return entries.find((entry) => entry.key === key)?.value;
}

/** A tail replaces the star of its tag by the path of the file, with dots for slashes. */
const tagOf = (input: Section) => valueIn(input, 'tag')!.replace('*', 'var.log.pods.ns_pod.a_uid.app.0.log');

describe('pipelines of any names', () => {
  it("get each record in exactly their own filters and output (upstream's defect d: `foo.*` takes that of foo.bar)", () => {
    fc.assert(
      fc.property(names, (some) => {
        for (const name of some)
          expect(matchesTag(`${pipelineKey({ name })}.*`, `${pipelineKey({ name })}.x`)).toBe(true);
        const sections = sectionsOf(some.map(graphOf));
        const inputs = sections.filter(({ name }) => name === 'INPUT');
        const takers = sections.filter(({ name }) => name === 'FILTER' || name === 'OUTPUT');
        expect(inputs).toHaveLength(some.length);
        for (const input of inputs) {
          const taking = takers.filter((taker) => matchesTag(valueIn(taker, 'match')!, tagOf(input)));
          expect(new Set(taking.map((taker) => valueIn(taker, 'match')))).toEqual(new Set([valueIn(input, 'tag')]));
          expect(taking.filter(({ name }) => name === 'OUTPUT').map((out) => valueIn(out, 'alias'))).toEqual([
            valueIn(input, 'alias'),
          ]);
          expect(taking.length).toBe(takers.length / some.length);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("share no tag, alias, database, file or variable, whatever the case of the system (upstream's defect c)", () => {
    fc.assert(
      fc.property(names, (some) => {
        const identifiers = some.flatMap((name) => {
          const graph = { name };
          return [
            pipelineKey(graph),
            `/data/flb_${pipelineKey(graph)}.db`,
            filePath(graph, 'a.lua'),
            tlsPath(graph, 'ca.crt'),
            tlsPath(graph, 'tls.crt'),
            tlsPath(graph, 'tls.key'),
            environmentName(graph, { field: 'http_user' }),
            environmentName(graph, { field: 'http_password' }),
            environmentName(graph, { field: 'http_host' }),
          ].map((identifier) => identifier.toLowerCase());
        });
        expect(new Set(identifiers).size).toBe(identifiers.length);
      }),
      { numRuns: 500 },
    );
  });

  it('share no variable with those that a user names', () => {
    const variable = fc.stringMatching(/^[-._aA1x2ed]{1,6}$/);
    const pairs = fc.uniqueArray(fc.tuple(pipelineName, variable), {
      selector: (pair) => pair.join('/'),
      maxLength: 12,
    });
    fc.assert(
      fc.property(pairs, (some) => {
        const variables = some.map(([name, of]) => environmentName({ name }, { field: 'var', name: of }));
        expect(new Set(variables).size).toBe(variables.length);
        const all = new Set([
          ...variables,
          ...some.map(([name]) => environmentName({ name }, { field: 'http_password' })),
        ]);
        expect(all.size).toBe(variables.length + new Set(some.map(([name]) => name)).size);
      }),
      { numRuns: 500 },
    );
  });

  it('have identifiers that the systems below take', () => {
    fc.assert(
      fc.property(pipelineName, fc.stringMatching(/^[-._a-zA-Z0-9]{1,253}$/), (name, variable) => {
        const key = pipelineKey({ name });
        expect(key).toMatch(/^[a-z0-9_-]{1,63}$/);
        for (const field of [{ field: 'http_password' } as const, { field: 'var', name: variable } as const]) {
          expect(environmentName({ name }, field)).toMatch(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('are rendered in bytes that no other pipeline changes', () => {
    const alone = sectionsOf([graphOf('foo')]);
    const together = sectionsOf([graphOf('foo'), graphOf('foo.bar'), graphOf('foo-bar')]);
    const plain = (sections: readonly Section[]) =>
      sections.map(({ name, entries }) => [name, entries.map(({ key, value }) => [key, value])]);
    expect(plain(together).slice(0, alone.length)).toEqual(plain(alone));
  });
});
