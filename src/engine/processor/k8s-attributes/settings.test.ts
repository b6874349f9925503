import { describe, expect, it } from 'vitest';
import { configOf } from '../../../../test/testkit/engine.ts';
import type { ComponentConfig } from '../../../otelcol/index.ts';
import { checkEngineConfig } from '../../engine.ts';

function found(settings: ComponentConfig): readonly string[] {
  const config = configOf({
    processors: { 'k8s_attributes/x': settings },
    exporters: { debug: {} },
    pipelines: { traces: { processors: ['k8s_attributes/x'], exporters: ['debug'] } },
  });
  return checkEngineConfig(config).map(
    ({ code, path = [], message }) => `${code} ${path.slice(2).join('.')}: ${message}`,
  );
}

const sources = (count: number) => ({ sources: new Array(count).fill({ from: 'connection' }) });

describe('settings of k8s_attributes', () => {
  it.each<readonly [string, ComponentConfig, string]>([
    ['an unknown key', { extract: { metadata: [], label: [] } }, 'SL0107 extract.label'],
    ['another way to log in', { auth_type: 'tls' }, 'SL0104 auth_type'],
    ['unknown metadata', { extract: { metadata: ['k8s.pod.colour'] } }, 'SL0104 extract.metadata.0'],
    ['an unknown source', { extract: { labels: [{ from: 'cluster', key: 'x' }] } }, 'SL0104 extract.labels.0.from'],
    ['key and pattern', { extract: { labels: [{ key: 'x', key_regex: 'x' }] } }, 'SL0105 extract.labels.0'],
    ['a pattern that is none', { extract: { annotations: [{ key_regex: '(' }] } }, 'SL0105 extract.annotations.0'],
    ['a pattern of names that is none', { exclude: { pods: [{ name: '[' }] } }, 'SL0105 exclude.pods.0.name'],
    ['too many sources', { pod_association: [sources(4), sources(5)] }, 'SL0105 pod_association.1.sources'],
    ['no duration', { wait_for_metadata_timeout: 'soon' }, 'SL0113 wait_for_metadata_timeout'],
  ])('name %s', (_, settings, place) => {
    expect(found(settings)).toEqual([expect.stringContaining(place)]);
  });
});
