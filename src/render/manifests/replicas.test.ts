import { expect, it } from 'vitest';
import { replicasOf } from './replicas.ts';

const storage = { sizeBytes: 1, directory: '/queues' };

it.each([
  ['the fixed number', { replicas: { min: 3, max: 3 } }, 5, 3],
  ['the fixed number of volumes', { replicas: { min: 3, max: 3 }, storage }, 2, 3],
  ['those with volumes that run, until they are emptied', { replicas: { min: 3, max: 3 }, storage }, 5, 5],
  ['what is decided', { replicas: { min: 1, max: 9 }, storage }, 4, 4],
  ['the least, before anything is decided', { replicas: { min: 2, max: 9 } }, undefined, 2],
])('a workload has %s', (_what, workload, decided, expected) => {
  expect(replicasOf(workload, decided)).toBe(expected);
});
