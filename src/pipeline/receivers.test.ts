import { describe, expect, it } from 'vitest';
import { readResources } from '../apis/index.ts';
import { RUNTIME_RESOURCES } from './graph.ts';
import { receiversOf } from './receivers.ts';

function receivers(kind: string, input?: object, apiVersion = 'telemetry.kyma-project.io/v1beta1') {
  const spec = { ...(input === undefined ? {} : { input }), output: { otlp: { endpoint: { value: 'backend:4317' } } } };
  const text = JSON.stringify({ apiVersion, kind, metadata: { name: 'p' }, spec }, null, 2);
  const { resources, issues } = readResources([{ file: 'a.yaml', text }]);
  expect(issues.filter(({ severity }) => severity === 'error')).toEqual([]);
  return receiversOf(resources[0]!);
}

const SYSTEM = { exclude: ['kyma-system', 'kube-system', 'istio-system'] };
const off = { otlp: { enabled: false } };

describe('the inputs of a pipeline', () => {
  it('are what is pushed, for traces always', () => {
    expect(receivers('TracePipeline')).toEqual([{ kind: 'receiver', type: 'otlp' }]);
    expect(receivers('MetricPipeline')).toEqual([{ kind: 'receiver', type: 'otlp' }]);
    expect(receivers('MetricPipeline', off)).toEqual([]);
  });

  it('are the logs of containers where a LogPipeline says nothing, without a place in the file', () => {
    const [, containers] = receivers('LogPipeline');
    expect(containers).toEqual({
      kind: 'receiver',
      type: 'container-logs',
      namespaces: SYSTEM,
      containers: {},
      keepOriginalBody: true,
    });
    expect(receivers('LogPipeline', { ...off, runtime: { enabled: false } })).toEqual([]);
  });

  it('take of containers what is selected, sorted and each name once', () => {
    const [containers] = receivers('LogPipeline', {
      ...off,
      runtime: {
        namespaces: { include: ['b', 'a', 'b'] },
        containers: { exclude: ['z', 'y'] },
        keepOriginalBody: false,
      },
    });
    expect(containers).toMatchObject({
      namespaces: { include: ['a', 'b'] },
      containers: { exclude: ['y', 'z'] },
      keepOriginalBody: false,
      source: { field: 'spec.input.runtime', span: { line: 12 } },
    });
  });

  it('take every namespace where the selector is there and empty', () => {
    expect(receivers('LogPipeline', { ...off, runtime: { namespaces: {} } })).toMatchObject([{ namespaces: {} }]);
    expect(receivers('MetricPipeline', { ...off, prometheus: { enabled: true, namespaces: {} } })).toMatchObject([
      { namespaces: {} },
    ]);
    expect(receivers('MetricPipeline', { otlp: { namespaces: { include: [] } } })).not.toMatchObject([
      { namespaces: {} },
    ]);
  });

  it('are of metrics only those that are switched on, with the defaults of each', () => {
    expect(receivers('MetricPipeline', { ...off, runtime: {}, prometheus: {}, istio: { enabled: false } })).toEqual([]);
    const on = { enabled: true };
    expect(receivers('MetricPipeline', { ...off, runtime: on, prometheus: on, istio: on })).toMatchObject([
      {
        type: 'runtime',
        namespaces: SYSTEM,
        resources: ['pod', 'container', 'node', 'volume', 'daemonset', 'deployment', 'statefulset', 'job'],
        additionalMetrics: [],
      },
      { type: 'prometheus', namespaces: SYSTEM, diagnosticMetrics: false },
      { type: 'istio', namespaces: SYSTEM, diagnosticMetrics: false, envoyMetrics: false },
    ]);
  });

  it('leave out the resources that are switched off and metrics of a later version', () => {
    const runtime = {
      enabled: true,
      resources: { pod: { enabled: false }, job: {}, volume: { enabled: false } },
      additionalMetrics: ['k8s.pod.uptime', 'k8s.persistentvolume.status.phase', 'container.uptime', 'k8s.pod.uptime'],
    };
    expect(receivers('MetricPipeline', { ...off, runtime })).toMatchObject([
      {
        resources: ['container', 'node', 'daemonset', 'deployment', 'statefulset', 'job'],
        additionalMetrics: ['container.uptime', 'k8s.pod.uptime'],
      },
    ]);
  });

  it('have no runtime where all its resources are switched off', () => {
    const resources = Object.fromEntries(RUNTIME_RESOURCES.map((name) => [name, { enabled: false }]));
    expect(receivers('MetricPipeline', { ...off, runtime: { enabled: true, resources } })).toEqual([]);
  });

  it('mean the same in the older words', () => {
    const input = { otlp: { disabled: true }, application: { namespaces: { system: true }, keepOriginalBody: false } };
    expect(receivers('LogPipeline', input, 'telemetry.kyma-project.io/v1alpha1')).toMatchObject([
      { type: 'container-logs', namespaces: {}, keepOriginalBody: false },
    ]);
  });
});
