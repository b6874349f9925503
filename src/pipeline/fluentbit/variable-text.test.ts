import { describe, expect, it } from 'vitest';
import { splitVariables, variableProblems } from './variable-text.ts';

const names = {
  files: new Set<string>(),
  variables: new Map(),
  parsers: new Set<string>(),
  multilineParsers: new Set<string>(),
};
const entry = (value: string) => ({
  key: 'record',
  value,
  keyAt: { start: 0, end: 6 },
  valueAt: { start: 7, end: 7 + value.length },
});

describe('variables in a section', () => {
  it.each(['HOSTNAME', 'KUBERNETES_SERVICE_HOST', 'KUBERNETES_SERVICE_PORT'])('%s is what every Pod has', (name) => {
    const value = `node \${${name}}`;
    expect(variableProblems(entry(value), names)).toEqual([]);
    expect(splitVariables(value)).toEqual(['node ', { variable: name }]);
  });

  it.each(['HOME', 'hostname', 'KUBERNETES_SERVICE_HOST_'])('%s is not', (name) => {
    expect(variableProblems(entry(`\${${name}}`), names).map(({ code }) => code)).toEqual(['SL0135']);
  });
});
