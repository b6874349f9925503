import { describe, expect, it } from 'vitest';
import { checkGroup } from './check.ts';
import { FUNCTIONS } from './registry.ts';
import type { ContextName } from './row.ts';

const SIGNAL = {
  resource: 'traces',
  scope: 'traces',
  span: 'traces',
  spanevent: 'traces',
  metric: 'metrics',
  datapoint: 'metrics',
  log: 'logs',
} as const;

describe('the functions', () => {
  it('have names of their own', () => {
    expect(new Set(FUNCTIONS.map(({ name }) => name)).size).toBe(FUNCTIONS.length);
  });

  it.each(FUNCTIONS.map((spec) => [spec.name, spec] as const))(
    '%s shows an example that compiles',
    (_, { name, example, contexts }) => {
      const isEditor = /^[a-z]/.test(name);
      const all = contexts ?? (Object.keys(SIGNAL) as ContextName[]);
      for (const context of all) {
        const isCondition = name.startsWith('HasAttr');
        const problems = checkGroup({
          signal: SIGNAL[context],
          for: isCondition ? 'filter' : 'transform',
          context,
          conditions: isCondition ? [example] : [],
          statements: isCondition ? [] : [isEditor ? example : `set(cache["x"], ${example})`],
        }).problems;
        expect(problems.map(({ message }) => `${context}: ${message}`)).toEqual([]);
      }
    },
  );
});
