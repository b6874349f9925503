import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PipelineKind } from '../../pipeline/index.ts';
import { type SecretField, secretVariable } from './secret-names.ts';

const kind = fc.constantFrom('TracePipeline' as const, 'MetricPipeline' as const, 'LogPipeline' as const);
/** Kubernetes names made of few characters, so that pairs are close to each other. */
const name = fc.stringMatching(/^[axe02]([-.axe02]{0,6}[axe02])?$/);
const word = fc.stringMatching(/^[aAxX_2e.!-]{1,6}$/);
const plain = fc.constantFrom('endpoint', 'ca', 'cert', 'key', 'token_url', 'client_id', 'client_secret' as const);
const field: fc.Arbitrary<SecretField> = fc.oneof(
  plain.map((one): SecretField => ({ field: one })),
  fc.record({ field: fc.constantFrom('header' as const, 'param' as const), name: word }),
);

function variable([kind, name, field]: readonly [PipelineKind, string, SecretField]): string {
  return secretVariable({ kind, name }, field);
}

/** Case does not matter in the names of headers. */
function identity([kind, name, field]: readonly [PipelineKind, string, SecretField]): string {
  const detail = 'name' in field ? field.name : '';
  return JSON.stringify([kind, name, field.field, field.field === 'header' ? detail.toLowerCase() : detail]);
}

describe('secretVariable', () => {
  it('is a name that the Collector takes', () => {
    const any = fc.record({
      field: fc.constantFrom('header' as const, 'param' as const),
      name: fc.string({ unit: 'binary', minLength: 1 }),
    });
    fc.assert(
      fc.property(kind, name, fc.oneof(field, any), (...parts) => {
        expect(variable(parts)).toMatch(/^[a-zA-Z_][a-zA-Z0-9_]*$/);
      }),
    );
  });

  it('is the same for two secrets only if they are the same field of the same pipeline', () => {
    fc.assert(
      fc.property(fc.tuple(kind, name, field), fc.tuple(kind, name, field), (a, b) => {
        expect(variable(a) === variable(b)).toBe(identity(a) === identity(b));
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    ['foo-bar', 'x', 'foo.bar', 'x'],
    ['foo', 'bar-header-x', 'foo-bar', 'header-x'],
    ['a', 'b_c', 'a', 'b-c'],
    ['a', 'x2d', 'a', '-'],
  ])('tells header %s/%s from %s/%s', (name1, header1, name2, header2) => {
    const of = (name: string, header: string) => variable(['LogPipeline', name, { field: 'header', name: header }]);
    expect(of(name1, header1)).not.toBe(of(name2, header2));
  });
});
