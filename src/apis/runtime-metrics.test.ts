import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { RUNTIME_METRICS, UNREAD_RUNTIME_METRICS } from './runtime-metrics.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/spec/metric-agent.md'), 'utf8');

it('are those that docs/spec/metric-agent.md lists, no more and no less', () => {
  const names = [...page.matchAll(/`((?:k8s|container)\.[a-z0-9_.]+[a-z])`/g)].map((match) => match[1]!);
  const attributes = ['k8s.container.name'];
  const known = [...RUNTIME_METRICS.keys(), ...UNREAD_RUNTIME_METRICS];
  expect([...new Set(names)].filter((name) => !attributes.includes(name)).sort()).toEqual(known.sort());
});
