import { expect, it } from 'vitest';
import { compileCase, KEPT } from '../../../test/testkit/cluster-rendering.ts';
import type { KubeObject } from '../../kube/index.ts';
import type { Topology } from '../../topology/index.ts';
import { scaledWorkloads } from './scaled-workloads.ts';

const topology = (min: number, max: number, storage?: object) =>
  ({
    workloads: [
      { name: 'g', role: 'gateway', replicas: { min, max }, memory: {}, pipelines: [], ...(storage && { storage }) },
    ],
    agents: [],
  }) as unknown as Topology;
const running = (replicas: number) => () =>
  ({ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'telemetry-g' }, spec: { replicas } }) as KubeObject;
const scaled = (of: Topology, replicas: number) => scaledWorkloads(of, running(replicas)).map(({ name }) => name);

it('scales what has a range of replicas', () => {
  expect(scaled(topology(1, 3), 2)).toEqual(['g']);
  expect(scaled(topology(2, 2), 2)).toEqual([]);
});

it('takes replicas with volumes away one by one, also where the number is fixed and became smaller', () => {
  expect(scaled(topology(2, 2, { sizeBytes: 1 }), 5)).toEqual(['g']);
  expect(scaled(topology(2, 2, { sizeBytes: 1 }), 2)).toEqual([]);
  expect(scaled(topology(2, 2), 5)).toEqual([]);
});

it('knows which exporters have their queue on disk, which fills no memory', () => {
  const [archive, , jaeger] = KEPT.split('---\n');
  const compiled = compileCase({ topology: 'Shared', input: `${archive}---\n${jaeger}` });
  const [gateway] = scaledWorkloads(compiled.topology, running(5));
  expect(compiled.topology.workloads[0]).toMatchObject({ pipelines: { length: 2 } });
  expect([...gateway!.onDisk!]).toEqual(['otlp_grpc/tracepipeline-archive']);
});
