// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what users may write looks like template strings
/** What `sluice explain CONCEPT` shows. */
export interface ConceptEntry {
  readonly name: string;
  /** Words that people look up and this text explains. */
  readonly also?: readonly string[];
  readonly title: string;
  readonly paragraphs: readonly string[];
  /** Commands and other words worth a look. */
  readonly see: readonly string[];
}

export const CONCEPTS: readonly ConceptEntry[] = [
  {
    name: 'pipeline',
    also: ['pipelines'],
    title: 'what brings the data of one signal to one backend',
    paragraphs: [
      'A TracePipeline, MetricPipeline or LogPipeline takes what senders push of its signal, and has exactly one output: a backend by OTLP, a file or standard output.',
      'Pipelines of the same signal get a copy each. They do not share a queue, so that a dead backend costs the others nothing.',
    ],
    see: ['sluice init', 'sluice explain tp.spec', 'sluice explain isolation', 'sluice graph'],
  },
  {
    name: 'queue',
    also: ['buffer'],
    title: 'what waits between a pipeline and its backend',
    paragraphs: [
      'Every pipeline with an OTLP output has a queue of its own, bounded in bytes: 16 MiB in memory unless `spec.delivery.buffer.maxSize` says otherwise. Standard output and files need none.',
      'While the backend fails, requests are tried again after 5 s, then up to 30 s apart, for 5 minutes. What a backend refuses for good is not tried again. When the queue is full, the newest items are dropped; every drop is counted by cause.',
      'The queues of all pipelines have to fit into the memory of the process. A pipeline that does not fit is left out and says so (SL0405), so that adding one never shrinks another.',
    ],
    see: [
      'sluice status',
      'sluice graph --rates',
      'sluice explain tp.spec.delivery.buffer',
      'sluice explain isolation',
    ],
  },
  {
    name: 'ottl',
    also: ['transform', 'filter', 'rule', 'rules', 'statement', 'condition', 'function', 'functions', 'path', 'paths'],
    title: 'the language of transform and filter',
    paragraphs: [
      'The OpenTelemetry Transformation Language, as the Collector has it. A statement is an editor with arguments and, if it does not always run, `where` and a condition: `set(span.attributes["team"], "shop") where IsMatch(span.name, "^GET /")`.',
      'Editors begin with a small letter and change something; converters begin with a capital one and make a value. A path begins with what it belongs to: resource, scope, span, spanevent, metric, datapoint or log.',
      'Every transform runs before every filter. A filter drops what one of its conditions is true for. A rule that cannot be evaluated for an item is as if it were not there, and counted (SL0623).',
    ],
    see: ['sluice explain IsMatch', 'sluice explain span', 'sluice explain PipelineTest', 'docs/spec/ottl.md'],
  },
  {
    name: 'pipelinetest',
    also: ['test', 'tests', 'pipelinetests'],
    title: 'a unit test of the rules of a pipeline',
    paragraphs: [
      'A document of kind PipelineTest and apiVersion sluice.io/v1alpha1, in a file named *.test.yaml. `spec.pipeline` names the pipeline, TracePipeline/shop; `spec.input` holds items: `span`, `metric` or `log` with the fields of OTLP, `resource` as a map of attributes, `scope`; or the name of an `otlpFile`.',
      '`spec.expect` says what comes out, in order: only what is written is looked at, and an attribute that is null must be missing. An empty list: everything is dropped. `count` and `dropped` count.',
      'The Draft tab of a pipeline in the UI copies an item and what became of it as such a test.',
    ],
    see: ['sluice test', 'sluice explain ottl', 'docs/cli.md'],
  },
  {
    name: 'isolation',
    title: 'what one pipeline can do to another',
    paragraphs: [
      'Nothing: a backend that is dead, slow or hangs costs its own pipeline data, and no other. Each pipeline has a queue, a batch and connections of its own, and an invalid one is left out while the others run.',
      'How far apart they are is a matter of the topology: in one process (Shared), a process per signal (PerSignal), or a process per pipeline (PerPipeline).',
      'All pipelines of a signal share the senders. When the process is at its memory limit, it refuses senders, and with them every pipeline.',
    ],
    see: ['sluice explain topology', 'sluice explain queue'],
  },
  {
    name: 'topology',
    also: ['router', 'gateway', 'entry', 'dispatcher'],
    title: 'how pipelines are spread over processes',
    paragraphs: [
      'Shared: one gateway for all pipelines.',
      'PerSignal: a router takes everything on the single endpoint and passes each signal to its own gateway. It waits for the gateway’s answer and acknowledges nothing itself.',
      'PerPipeline: an entry takes everything and gives every pipeline its copy; behind it each pipeline has a dispatcher of its own, which queues and delivers.',
      'The Telemetry resource chooses with `spec.topology.type`; `--topology` shows another.',
    ],
    see: ['sluice graph --topology per-signal', 'sluice render --topology per-pipeline'],
  },
  {
    name: 'ledger',
    also: ['unaccounted', 'unknown'],
    title: 'the account of every item',
    paragraphs: [
      'Per pipeline: received + recovered + created = delivered + filtered + merged + dropped (by cause) + refused + queued + unknown.',
      'Items are spans, metric data points and log records. `queued` is measured, never derived, so that the remainder, `unaccounted`, can show a bug: it is 0. `unknown` is what a killed process took with it.',
      'Delivered means that the backend said so. A backend that accepts a request but rejects some of its items is counted as just that.',
    ],
    see: ['sluice status -o json', 'sluice up --fail-on-loss', 'sluice gen all --once --expect-delivery'],
  },
  {
    name: 'secrets',
    also: ['secret'],
    title: 'where secrets come from, and where they never go',
    paragraphs: [
      'A value under `valueFrom.secretKeyRef` comes from a Secret: one among the files, or one of `--secrets FILE`. Without them `validate` and `render` work too, and leave the value to the environment of the process that runs.',
      'Header values, passwords, keys and endpoints with credentials are never printed: not in findings, not in logs, not in the UI, not in what is rendered. There they are references to environment variables whose names cannot collide.',
    ],
    see: ['sluice validate --secrets secrets.yaml', 'sluice render --env-file otelcol.env', 'sluice explain escaping'],
  },
  {
    name: 'escaping',
    title: 'why `$` is nothing special in your files',
    paragraphs: [
      'Text in a pipeline is literal. `${env:HOME}`, `$1` and `${file:…}` arrive as they are written, in headers, endpoints and paths, so that no pipeline can read another’s environment or files.',
      '`$$` means `$`, as manifests written for upstream expect. The Collector configuration that is rendered has what it needs to read the same text back.',
    ],
    see: ['sluice render', 'sluice explain secrets'],
  },
];
