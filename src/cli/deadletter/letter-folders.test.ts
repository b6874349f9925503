import { describe, expect, it } from 'vitest';
import { isMeant, pipelineOf } from './letter-folders.ts';

describe('whose dead letters they are', () => {
  it.each([
    ['otlp_grpc/tracepipeline-checkout', 'tracepipeline/checkout'],
    ['otlp_http/logpipeline-a-b', 'logpipeline/a-b'],
    ['otlp_http/backend', 'otlp_http/backend'],
    ['otlp_http', 'otlp_http'],
  ])('%s is of %s', (exporter, pipeline) => {
    expect(pipelineOf(exporter)).toBe(pipeline);
  });

  it.each([
    [undefined, true],
    ['checkout', true],
    ['tp/checkout', true],
    ['TracePipeline/checkout', true],
    ['tracepipelines/checkout', true],
    ['otlp_grpc/tracepipeline-checkout', true],
    ['mp/checkout', false],
    ['metricpipeline/checkout', false],
    ['check', false],
    ['tracepipeline-checkout', false],
  ])('%s is meant: %s', (wanted, meant) => {
    expect(isMeant(wanted, 'otlp_grpc/tracepipeline-checkout')).toBe(meant);
  });

  it('takes an exporter that no pipeline of ours made by its whole id', () => {
    expect(isMeant('otlp_http/backend', 'otlp_http/backend')).toBe(true);
    expect(isMeant('otlp_http', 'otlp_http')).toBe(true);
    expect(isMeant('otlp_http', 'otlp_http/backend')).toBe(false);
  });
});
