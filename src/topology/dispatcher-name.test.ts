import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PipelineGraph } from '../pipeline/index.ts';
import { dispatcherName } from './dispatcher-name.ts';

const KINDS = { TracePipeline: 'traces', MetricPipeline: 'metrics', LogPipeline: 'logs' } as const;
type Kind = keyof typeof KINDS;

function nameOf(kind: Kind, name: string): string {
  return dispatcherName({ kind, name, signal: KINDS[kind] } as PipelineGraph);
}

/** In a cluster, on the engine. */
function engineNameOf(kind: Kind, name: string): string {
  const runner = { distribution: { name: 'sluice' }, inCluster: true } as const;
  return dispatcherName({ kind, name, signal: KINDS[kind] } as PipelineGraph, runner);
}

const kind = fc.constantFrom<Kind>('TracePipeline', 'MetricPipeline', 'LogPipeline');
/** Kubernetes names of few characters, short and long, so that pairs are close to each other. */
const name = fc.stringMatching(/^[a2](([-.]|-{1,3})?[a2]){0,4}([-.]?[ab]{1,40})?(a{0,200})$/);

describe('dispatcherName', () => {
  it.each([
    ['TracePipeline', 'jaeger', 'trace-dispatcher-jaeger'],
    ['LogPipeline', 'a-b', 'log-dispatcher-a-b'],
    ['MetricPipeline', 'jaeger.eu', 'metric-dispatcher-jaeger-eu-fujcqdqhioqw'],
    ['TracePipeline', 'a'.repeat(253), expect.stringMatching(/^trace-dispatcher-a{12}-[a-z2-7]{12}$/)],
  ] as const)('of %s %.12s reads well', (kind, name, expected) => {
    expect(nameOf(kind, name)).toEqual(expected);
  });

  it('is a DNS label with room around it', () => {
    fc.assert(
      fc.property(kind, name, (...parts) => {
        expect(nameOf(...parts)).toMatch(/^[a-z]([a-z0-9-]*[a-z0-9])?$/);
        expect(nameOf(...parts).length).toBeLessThanOrEqual(42);
      }),
    );
  });

  it('is another one for every pipeline', () => {
    fc.assert(
      fc.property(fc.tuple(kind, name), fc.tuple(kind, name), (a, b) => {
        expect(nameOf(...a) === nameOf(...b)).toBe(a[0] === b[0] && a[1] === b[1]);
      }),
      { numRuns: 3000 },
    );
  });

  it('is another one where the engine runs it, and as good a label', () => {
    fc.assert(
      fc.property(fc.tuple(kind, name), fc.tuple(kind, name), (a, b) => {
        const names = [engineNameOf(...a), engineNameOf(...b)];
        for (const one of names) {
          expect(one).toMatch(/^[a-z]+-engine-dispatcher-([a-z0-9-]*[a-z0-9])?$/);
          expect(one.length).toBeLessThanOrEqual(42);
          expect([nameOf(...a), nameOf(...b)]).not.toContain(one);
        }
        expect(names[0] === names[1]).toBe(a[0] === b[0] && a[1] === b[1]);
      }),
      { numRuns: 3000 },
    );
    expect(engineNameOf('TracePipeline', 'jaeger')).toBe('trace-engine-dispatcher-jaeger');
  });

  it.each(['a.b', 'x'.repeat(100)])('is not taken by a pipeline that is called as the dispatcher of %s', (name) => {
    const taken = nameOf('TracePipeline', name);
    expect(nameOf('TracePipeline', taken.replace('trace-dispatcher-', ''))).not.toBe(taken);
  });
});
