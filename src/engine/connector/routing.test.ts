import { describe, expect, it } from 'vitest';
import { batchOf, testDeps } from '../../../test/testkit/engine.ts';
import type { ComponentConfig, ComponentId, PipelineId } from '../../otelcol/index.ts';
import { parseRequestCondition } from './request-condition.ts';
import { routingConnector } from './routing.ts';

const PIPELINES = ['traces/a', 'traces/b', 'traces/rest'] as PipelineId[];
const USE = { signals: ['traces'], receivedBy: PIPELINES } as const;

function route(settings: object, metadata?: Readonly<Record<string, readonly string[]>>) {
  const context = { id: 'routing' as ComponentId, deps: testDeps(), signal: 'traces', pipelines: PIPELINES } as const;
  const connector = routingConnector.create(settings as ComponentConfig, context);
  return connector.route({ ...batchOf(['one']), ...(metadata !== undefined && { metadata }) });
}

const tenant = (comparison: string, pipelines: readonly string[], more: object = {}) => ({
  context: 'request',
  condition: `request["X-Tenant"] ${comparison}`,
  pipelines,
  ...more,
});

describe('routing by a request', () => {
  const settings = {
    table: [tenant('== "acme"', ['traces/a']), tenant('!= "other"', ['traces/b'])],
    default_pipelines: ['traces/rest'],
  };

  it.each([
    ['the first entry that is met', { 'x-tenant': ['acme'] }, ['traces/a']],
    ['a comparison with what it is not', { 'x-tenant': ['third'] }, ['traces/b']],
    ['one value of several', { 'x-tenant': ['other', 'acme'] }, ['traces/a']],
    ['the default where nothing is met', { 'x-tenant': ['other'] }, ['traces/rest']],
    ['the default without the header, even for !=', { host: ['h'] }, ['traces/rest']],
    ['the default without metadata', undefined, ['traces/rest']],
  ])('takes %s', (_, metadata, expected) => {
    expect(route(settings, metadata)).toEqual(expected);
  });

  it('goes on after a copy, to the default too', () => {
    const table = [tenant('== "acme"', ['traces/a'], { action: 'copy' }), tenant('== "other"', ['traces/b'])];
    expect(route({ table, default_pipelines: ['traces/rest'] }, { 'x-tenant': ['acme'] })).toEqual([
      'traces/a',
      'traces/rest',
    ]);
    expect(route({ table }, { 'x-tenant': ['acme', 'other'] })).toEqual(['traces/a', 'traces/b']);
  });

  it('gives a pipeline that is reached in two ways the data once', () => {
    const table = [tenant('== "acme"', ['traces/a'], { action: 'copy' })];
    expect(route({ table, default_pipelines: ['traces/a'] }, { 'x-tenant': ['acme'] })).toEqual(['traces/a']);
  });

  it('has no route without a default', () => {
    expect(route({ table: [tenant('== "acme"', ['traces/a'])] }, {})).toEqual([]);
  });

  it('ignores an entry whose condition stands in the table already', () => {
    const table = [tenant('== "acme"', ['traces/a']), tenant('== "acme"', ['traces/b'])];
    expect(route({ table }, { 'x-tenant': ['acme'] })).toEqual(['traces/a']);
  });

  it.each([
    ['', /must have the form/],
    ['request["a"]', /must have the form/],
    ['request["a"] == "b" == "c"', /more than one comparator/],
    ['header["a"] == "b"', /must have the form/],
    ['request["a"] == b', /must have the form/],
  ])('refuses the condition %j', (condition, message) => {
    expect(() => parseRequestCondition(condition)).toThrow(message);
  });

  it.each([
    [{}, 'SL0102'],
    [{ table: [{ condition: 'attributes["a"] == "b"', pipelines: ['traces/a'] }] }, 'SL0107'],
    [{ table: [{ context: 'request', pipelines: ['traces/a'] }] }, 'SL0102'],
    [{ table: [tenant('== "acme"', [])] }, 'SL0102'],
    [{ table: [tenant('= "acme"', ['traces/a'])] }, 'SL0105'],
    [{ table: [tenant('== "acme"', ['traces/nobody'])] }, 'SL0406'],
    [{ table: [tenant('== "acme"', ['traces/a'], { statement: 'route()' })] }, 'SL0105'],
  ])('refuses %o', (config, code) => {
    expect(routingConnector.check?.(config as ComponentConfig, USE).map((issue) => issue.code)).toEqual([code]);
  });
});
