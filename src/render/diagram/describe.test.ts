import { describe, expect, it } from 'vitest';
import { compileFiles, STOCK_ADDRESSES } from '../../cli/compile.ts';
import { componentType } from '../../otelcol/index.ts';
import { TOPOLOGY_TYPES } from '../../topology/index.ts';
import { describeFlow } from './describe.ts';

const pipeline = (kind: string, name: string, output: string, rest = '') =>
  `apiVersion: telemetry.kyma-project.io/v1beta1\nkind: ${kind}\nmetadata: {name: ${name}}\nspec: {output: ${output}${rest}}\n`;

const NAMESPACES = ', input: {otlp: {namespaces: {exclude: [kube-system]}}}';
const RULES = `,
  transform: [{statements: ['set(resource.attributes["a"], "b")', 'set(resource.attributes["c"], "d")']}],
  filter: [{conditions: ['resource.attributes["x"] == "y"']}]`;

const TEXT = [
  pipeline('TracePipeline', 'jaeger', '{otlp: {endpoint: {value: "http://localhost:14317"}}}'),
  pipeline('MetricPipeline', 'console', '{stdout: {}}'),
  pipeline('TracePipeline', 'rules', '{stdout: {}}', RULES),
  pipeline(
    'MetricPipeline',
    'delta',
    '{otlp: {endpoint: {value: "http://localhost:14317"}, temporality: delta}}',
    NAMESPACES + RULES,
  ),
  pipeline('LogPipeline', 'archive', '{file: {path: x.jsonl, rotation: {}}}'),
].join('---\n');

/** What people read of a stage. */
const TYPE_OF: Readonly<Record<string, string>> = {
  'transform (2)': 'transform',
  namespaces: 'filter',
  delta: 'cumulativetodelta',
};

describe.each(TOPOLOGY_TYPES)('the picture of %s', (topology) => {
  const compiled = compileFiles([{ file: 'a.yaml', text: TEXT }], {
    distribution: 'sluice',
    capBytes: 2 ** 31,
    viewer: true,
    topology,
    addresses: (_, { workloads }) => ({
      ...STOCK_ADDRESSES,
      peers: Object.fromEntries(workloads.map(({ name }) => [name, 'localhost:1'])),
    }),
  });
  const graph = describeFlow(compiled.topology);

  it('is one of pipelines without mistakes', () => {
    expect(compiled.issues.filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  it('has an input for every process', () => {
    const inputs = graph.nodes.filter(({ stage }) => stage === 'input').map(({ workload }) => workload);
    expect(inputs.toSorted()).toEqual(compiled.topology.workloads.map(({ name }) => name).toSorted());
  });

  it('shows the processors that are rendered, in the process that runs them', () => {
    for (const { workload, config, pipelines } of compiled.rendered) {
      for (const { kind, name, pipelineId } of pipelines) {
        const shown = graph.nodes.filter(
          (node) =>
            node.stage === 'processor' &&
            node.workload === workload &&
            node.pipeline?.kind === kind &&
            node.pipeline.name === name,
        );
        const role = compiled.topology.workloads.find((one) => one.name === workload)!.role;
        if (role === 'entry' && name !== '_viewer') expect(shown).toEqual([]);
        else
          expect(shown.map(({ label }) => TYPE_OF[label] ?? label)).toEqual(
            config.service.pipelines[pipelineId]!.processors.map(componentType),
          );
      }
    }
  });
});
