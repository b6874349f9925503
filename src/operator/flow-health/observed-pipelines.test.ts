import { describe, expect, it } from 'vitest';
import { type ClusterCase, compileCase, EVERYTHING, KEPT } from '../../../test/testkit/cluster-rendering.ts';
import { PIPELINE_KINDS } from '../../apis/index.ts';
import type { ObservedPipeline } from './observed-pipeline.ts';
import { observedPipelines } from './observed-pipelines.ts';

function observe(options: ClusterCase): readonly ObservedPipeline[] {
  const compiled = compileCase(options);
  const resources = compiled.resources.flatMap(({ resource }) => {
    const kind = PIPELINE_KINDS.find((one) => one === resource.kind);
    return kind === undefined ? [] : [{ kind, name: resource.metadata.name }];
  });
  return observedPipelines(compiled, resources);
}

/** `role workload exporters`, and `refuses` where a full queue does. */
function places({ parts }: ObservedPipeline): readonly string[] {
  return parts.map(({ role, workload, exporters, refusesWhenFull }) =>
    [role, workload, ...exporters, ...(refusesWhenFull === true ? ['refuses'] : [])].join(' '),
  );
}

const table = (options: ClusterCase) =>
  Object.fromEntries(observe(options).map((one) => [`${one.kind}/${one.name}`, places(one)]));

describe('where the figures of a pipeline are', () => {
  it('is one gateway, and the agents, of Shared', () => {
    expect(table({ topology: 'Shared' })).toMatchObject({
      'LogPipeline/loki': [
        'gateway otlp-gateway otlp_grpc/logpipeline-loki',
        'log-agent log-agent otlp_grpc/logpipeline-loki refuses',
      ],
      'MetricPipeline/everything': [
        'gateway otlp-gateway otlp_grpc/metricpipeline-everything',
        'metric-agent metric-agent otlp_grpc/metricpipeline-everything',
      ],
      'LogPipeline/files': ['fluent-bit fluent-bit files'],
      'TracePipeline/kept.for-as-long-as-a-name-of-a-pipeline-may-be.example.com': [
        'gateway otlp-gateway otlp_grpc/tracepipeline-kept.for-as-long-as-a-name-of-a-pipeline-may-be.example.com',
      ],
    });
  });

  it('is the router, too, of PerSignal', () => {
    expect(table({ topology: 'PerSignal' })).toMatchObject({
      'TracePipeline/jaeger': ['router otlp-router', 'gateway trace-gateway otlp_grpc/tracepipeline-jaeger'],
    });
  });

  it('is entry and dispatcher of PerPipeline; queues that refuse when they are full are told', () => {
    expect(table({ topology: 'PerPipeline', input: KEPT })).toMatchObject({
      'TracePipeline/archive': [
        'dispatcher trace-dispatcher-archive otlp_grpc/tracepipeline-archive refuses',
        'entry otlp-entry otlp_grpc/tracepipeline-archive refuses',
      ],
      'TracePipeline/jaeger': [
        'dispatcher trace-dispatcher-jaeger otlp_grpc/tracepipeline-jaeger',
        'entry otlp-entry otlp_grpc/tracepipeline-jaeger',
      ],
    });
  });

  it('drops what does not fit where the pipeline says so, though it keeps the rest', () => {
    const [archive] = KEPT.split('---\n');
    const input = archive!.replace('AtLeastOnce }', 'AtLeastOnce, buffer: { onFull: DropOldest } }');
    expect(table({ topology: 'Shared', input, distribution: 'sluice' })).toMatchObject({
      'TracePipeline/archive': ['gateway otlp-engine-gateway otlp_grpc/tracepipeline-archive'],
    });
  });

  it('is nowhere for a resource that is not part of what runs', () => {
    const compiled = compileCase({ input: EVERYTHING });
    expect(observedPipelines(compiled, [{ kind: 'TracePipeline', name: 'missing' }])).toEqual([
      { kind: 'TracePipeline', name: 'missing', signal: 'traces', parts: [] },
    ]);
  });

  it('has a backend to ask where the last of its workloads sends over OTLP or remote write, with the secrets for it', () => {
    for (const topology of ['Shared', 'PerPipeline'] as const) {
      for (const { kind, name, backend, parts } of observe({ topology })) {
        if (parts.some(({ role }) => role === 'fluent-bit')) continue;
        const exporter = parts.at(-1)!.exporters[0]!;
        const isAskable = /^(otlp_|prometheusremotewrite)/.test(exporter);
        expect([kind, name, topology, backend !== undefined]).toEqual([kind, name, topology, isAskable]);
        if (backend === undefined) continue;
        expect(backend.rendered.workload).not.toBe('otlp-entry');
        expect(backend.rendered.config.exporters[backend.exporter]).toBeDefined();
      }
    }
  });
});
