import { readExperiment } from '../../src/lab/index.ts';

/** An experiment that varies three axes, small enough to count its cells by hand. */
export const EXPERIMENT_TEXT = `question: isolation
title: Does one bad backend hurt the others?
hypothesis: A healthy pipeline does not notice its siblings.
why: It decides whether pipelines may share a gateway.
axes:
  runner: [engine, otelcol]
  topology: [Shared, PerSignal]
  scenario: [none, dead]
  load: [spans]
exclude:
  - {runner: otelcol, topology: PerSignal}
include:
  - {runner: engine, scenario: dead, replicas: 2}
scenarios:
  none:
    title: all backends accept
    backends: [{name: healthy, signal: traces}, {name: other, signal: traces}]
  dead:
    title: one backend refuses from the middle on
    backends: [{name: healthy, signal: traces}, {name: other, signal: traces}]
    faults: [{after: 50%, kind: backend, target: other, mode: 503}]
loads:
  spans: [{signal: traces, shape: t40-100, itemsPerRequest: 100, itemsPerSecond: 10000}]
profiles:
  quick: {warmUp: 1s, duration: 10s, repetitions: 1, overhead: 4s, cells: [{topology: [Shared]}]}
  full: {warmUp: 5s, duration: 1m, repetitions: 3}
figures:
  - {name: goodput_percent, title: Goodput of the healthy pipeline, unit: '%', better: more, tolerance: 1, max: 100}
  - {name: rss_peak_mib, title: Memory at its highest, unit: MiB, better: less}
comparisons:
  - {title: Engine beside the Collector, axis: runner, baseline: otelcol}
needs: [otelcol]
limits: [more than two pipelines]
`;

export function exampleExperiment() {
  const { experiment, issues } = readExperiment({ file: 'experiment.yaml', text: EXPERIMENT_TEXT }, 'isolation');
  if (experiment === undefined) throw new Error(`the example is no experiment: ${JSON.stringify(issues)}`);
  return experiment;
}
