import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { headerVariable } from './secret-names.ts';

const kind = fc.constantFrom('TracePipeline' as const, 'MetricPipeline' as const, 'LogPipeline' as const);
/** Kubernetes names made of few characters, so that pairs are close to each other. */
const name = fc.stringMatching(/^[axe02]([-.axe02]{0,6}[axe02])?$/);
const header = fc.stringMatching(/^[aAxX_2e.!-]{1,6}$/);

describe('headerVariable', () => {
  it('is a name that the Collector takes', () => {
    fc.assert(
      fc.property(kind, name, fc.oneof(header, fc.string({ unit: 'binary', minLength: 1 })), (...parts) => {
        expect(headerVariable(...parts)).toMatch(/^[a-zA-Z_][a-zA-Z0-9_]*$/);
      }),
    );
  });

  it('is the same for two headers only if they are the same header of the same pipeline', () => {
    fc.assert(
      fc.property(fc.tuple(kind, name, header), fc.tuple(kind, name, header), (a, b) => {
        const same = a[0] === b[0] && a[1] === b[1] && a[2].toLowerCase() === b[2].toLowerCase();
        expect(headerVariable(...a) === headerVariable(...b)).toBe(same);
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    ['foo-bar', 'x', 'foo.bar', 'x'],
    ['foo', 'bar-header-x', 'foo-bar', 'header-x'],
    ['a', 'b_c', 'a', 'b-c'],
    ['a', 'x2d', 'a', '-'],
  ])('tells %s/%s from %s/%s', (name1, header1, name2, header2) => {
    expect(headerVariable('LogPipeline', name1, header1)).not.toBe(headerVariable('LogPipeline', name2, header2));
  });
});
