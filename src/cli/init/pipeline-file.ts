import { stringify } from 'yaml';
import { type PipelineKind, RESOURCES } from '../../apis/index.ts';
import { SIGNALS, type Signal } from '../../pdata/index.ts';

/** Where the pipelines of a new file send to. */
export type InitOutput =
  | { readonly kind: 'otlp'; readonly protocol: 'grpc' | 'http'; readonly endpoint: string }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'stdout' };

export interface InitPlan {
  readonly signals: readonly Signal[];
  readonly name: string;
  readonly output: InitOutput;
  /** A word on each field. */
  readonly comments: boolean;
}

interface Line {
  readonly text: string;
  readonly comment?: string;
}

const KIND_OF_SIGNAL: Readonly<Record<Signal, PipelineKind>> = {
  traces: 'TracePipeline',
  metrics: 'MetricPipeline',
  logs: 'LogPipeline',
};

const ITEMS: Readonly<Record<Signal, string>> = { traces: 'spans', metrics: 'metrics', logs: 'log records' };

/** The text of a file with one pipeline a signal; it validates without findings when name and output are usable. */
export function pipelineFile({ signals, name, output, comments }: InitPlan): string {
  const documents = SIGNALS.filter((signal) => signals.includes(signal)).map((signal) => {
    const lines = [...head(signal, name), ...outputLines(signal, ownOutput(output, signal, signals))];
    return lines.map((line) => (comments ? withComment(line, lines) : line.text)).join('\n');
  });
  return `${documents.join('\n---\n')}\n`;
}

function withComment({ text, comment }: Line, all: readonly Line[]): string {
  if (comment === undefined) return text;
  const width = Math.max(...all.filter((line) => line.comment !== undefined).map((line) => line.text.length));
  return `${text.padEnd(width)}   # ${comment}`;
}

function head(signal: Signal, name: string): readonly Line[] {
  const input: readonly Line[] = [
    { text: '  input:' },
    { text: '    otlp:' },
    { text: '      enabled: true', comment: `take the ${ITEMS[signal]} that applications push` },
  ];
  return [
    { text: `apiVersion: ${newestVersion(KIND_OF_SIGNAL[signal])}` },
    { text: `kind: ${KIND_OF_SIGNAL[signal]}` },
    { text: 'metadata:' },
    { text: `  name: ${scalar(name)}`, comment: 'unique among pipelines of this kind' },
    { text: 'spec:' },
    ...(signal === 'traces' ? [] : input),
  ];
}

function newestVersion(kind: PipelineKind): string {
  const { group, versions } = RESOURCES[kind];
  return `${group}/${Object.keys(versions)[0]}`;
}

function outputLines(signal: Signal, output: InitOutput): readonly Line[] {
  const where = `where ${ITEMS[signal]} go; exactly one output per pipeline`;
  switch (output.kind) {
    case 'otlp':
      return [
        { text: '  output:' },
        { text: '    otlp:', comment: where },
        { text: `      protocol: ${output.protocol}`, comment: 'grpc (default) or http' },
        { text: '      endpoint:' },
        { text: `        value: ${scalar(output.endpoint)}`, comment: 'from a Secret: valueFrom.secretKeyRef' },
        { text: '  delivery:' },
        { text: '    buffer:' },
        { text: '      maxSize: 16Mi', comment: 'what may wait while the backend is down (default)' },
      ];
    case 'file':
      return [
        { text: '  output:' },
        { text: '    file:', comment: where },
        { text: `      path: ${scalar(output.path)}`, comment: 'relative to where the engine is started' },
        { text: '      rotation:' },
        { text: '        maxSize: 100Mi', comment: 'a new file from this size on' },
        { text: '        maxBackups: 10', comment: 'older ones are deleted' },
      ];
    case 'stdout':
      return [
        { text: '  output:' },
        { text: '    stdout:', comment: where },
        { text: '      verbosity: normal', comment: 'basic, normal (default) or detailed' },
      ];
  }
}

/** Signals that share a name for their file each get one of their own: `all.jsonl` → `all-traces.jsonl`. */
function ownOutput(output: InitOutput, signal: Signal, signals: readonly Signal[]): InitOutput {
  if (output.kind !== 'file' || signals.length < 2) return output;
  return { kind: 'file', path: output.path.replace(/(\.[^./]+)?$/, (extension) => `-${signal}${extension}`) };
}

function scalar(text: string): string {
  return stringify(text, { lineWidth: 0, defaultStringType: 'PLAIN' }).trimEnd();
}
