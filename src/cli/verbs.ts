import type { VerbEntry } from './verb.ts';

/** Verbs in the order of the overview. They are loaded when they are called, so that `sluice version` does not pay for the engine. */
export const VERBS: Readonly<Record<string, VerbEntry>> = {
  up: {
    group: 'Run',
    summary: 'run pipelines and the UI on this machine, in the foreground',
    load: async () => (await import('./commands/up.ts')).upVerb,
  },
  status: {
    group: 'Run',
    summary: 'is any pipeline losing data, and why?',
    load: async () => (await import('./commands/status.ts')).statusVerb,
  },
  apply: {
    group: 'Run',
    summary: 'change what runs: put resources over those of the files',
    load: async () => (await import('./commands/apply.ts')).applyVerb,
  },
  diff: {
    group: 'Run',
    summary: 'what apply would change, field by field',
    load: async () => (await import('./commands/diff.ts')).diffVerb,
  },
  delete: {
    group: 'Run',
    summary: 'end a pipeline that apply brought',
    load: async () => (await import('./commands/delete.ts')).deleteVerb,
  },
  down: {
    group: 'Run',
    summary: 'stop the engine that runs, delivering what is queued',
    load: async () => (await import('./commands/down.ts')).downVerb,
  },
  deadletter: {
    group: 'Run',
    summary: 'what backends rejected for good: list it, look at it, send it again',
    load: async () => (await import('./commands/deadletter.ts')).deadletterVerb,
  },
  engine: {
    group: 'Run',
    summary: 'execute a Collector configuration on this machine',
    load: async () => (await import('./commands/engine.ts')).engineVerb,
  },
  init: {
    group: 'Write and check',
    summary: 'print a first pipeline file, or write it',
    load: async () => (await import('./commands/init.ts')).initVerb,
  },
  validate: {
    group: 'Write and check',
    summary: 'find every mistake in pipeline files, without running them',
    load: async () => (await import('./commands/validate.ts')).validateVerb,
  },
  render: {
    group: 'Write and check',
    summary: 'print the Collector or Fluent Bit configuration that would run',
    load: async () => (await import('./commands/render.ts')).renderVerb,
  },
  graph: {
    group: 'Write and check',
    summary: 'draw pipelines: as a tree, Mermaid, Graphviz or SVG, with rates when they run',
    load: async () => (await import('./commands/graph.ts')).graphVerb,
  },
  test: {
    group: 'Write and check',
    summary: 'run unit tests of pipelines: what their rules do to given items',
    load: async () => (await import('./commands/test.ts')).testVerb,
  },
  explain: {
    group: 'Write and check',
    summary: 'what a diagnostic code, field, condition reason or concept means',
    load: async () => (await import('./commands/explain.ts')).explainVerb,
  },
  cluster: {
    group: 'Kubernetes',
    summary: 'install, upgrade or uninstall Sluice in a cluster, or print what that takes',
    load: async () => (await import('./commands/cluster.ts')).clusterVerb,
  },
  check: {
    group: 'Kubernetes',
    summary: 'can this cluster be installed to, and is what is installed ready?',
    load: async () => (await import('./commands/check.ts')).checkVerb,
  },
  operator: {
    group: 'Kubernetes',
    summary: 'make workloads of the resources in a cluster; what its container runs',
    load: async () => (await import('./commands/operator.ts')).operatorVerb,
  },
  gen: {
    group: 'Try things',
    summary: 'generate traces, metrics and logs',
    load: async () => (await import('./commands/gen.ts')).genVerb,
  },
  sink: {
    group: 'Try things',
    summary: 'a test backend that can fail on purpose',
    load: async () => (await import('./commands/sink.ts')).sinkVerb,
  },
  lab: {
    group: 'Try things',
    summary: 'answer questions by measurement: experiments, intervals, reports',
    load: async () => (await import('./commands/lab.ts')).labVerb,
  },
  completion: {
    group: 'About',
    summary: 'a completion script for bash, zsh or fish',
    load: async () => (await import('./commands/completion.ts')).completionVerb(VERBS),
  },
  version: {
    group: 'About',
    summary: 'print versions',
    load: async () => (await import('./commands/version.ts')).versionVerb,
  },
};
