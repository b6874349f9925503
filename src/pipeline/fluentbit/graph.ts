import type { ContainerLogsReceiverNode, NodeSource, SecretText, TlsSetting } from '../graph.ts';

/** A text of a section: written, with the pipeline's own variables between. Nothing else of it is ever expanded. */
export type SectionText = readonly (
  | string
  | { readonly variable: string }
  | { readonly file: string }
  /** Written in the manifest, and never printed all the same. */
  | { readonly secret: string }
)[];

/** One line of a section. */
export interface SectionEntry {
  readonly key: string;
  readonly value: SectionText;
}

/** A filter or output as a user wrote it, checked: it reaches nothing but its own pipeline's records and files. */
export interface CustomSection {
  /** Name of the plugin, in lower case. */
  readonly plugin: string;
  /** Without `name`; keys in lower case, in the order they were written. */
  readonly entries: readonly SectionEntry[];
  readonly source?: NodeSource;
}

/** What containers write, read for one pipeline alone. */
export interface FluentBitInput extends ContainerLogsReceiverNode {
  readonly keepAnnotations: boolean;
  readonly dropLabels: boolean;
}

export interface HttpOutputNode {
  readonly kind: 'exporter';
  readonly type: 'http';
  readonly host: SecretText;
  readonly user?: SecretText;
  readonly password?: SecretText;
  readonly uri: string;
  readonly port: number;
  readonly compress: string;
  readonly format: string;
  readonly tls: TlsSetting;
  readonly dedot: boolean;
  readonly source?: NodeSource;
}

export interface CustomOutputNode extends CustomSection {
  readonly kind: 'exporter';
  readonly type: 'custom';
}

/** A file that sections of the same pipeline may name. */
export interface PipelineFile {
  readonly name: string;
  readonly content: string;
  /** A script of a Lua filter: it runs in a process it shares, so what reaches outside its filter is taken from it. */
  readonly script: boolean;
}

/** What a LogPipeline does that Fluent Bit carries out, without saying where it runs. Frozen. */
export interface FluentBitGraph {
  readonly kind: 'LogPipeline';
  readonly name: string;
  readonly input: FluentBitInput;
  /** In the order they run; multiline filters stand first. */
  readonly filters: readonly CustomSection[];
  readonly output: HttpOutputNode | CustomOutputNode;
  readonly files: readonly PipelineFile[];
  /** What the user's sections call a variable, with the Secret behind it. */
  readonly variables: readonly { readonly name: string; readonly value: SecretText }[];
}

/** A parser section of a LogParser, checked. */
export interface LogParserNode {
  readonly name: string;
  readonly kind: 'parser' | 'multiline';
  readonly entries: readonly { readonly key: string; readonly value: string }[];
}

/** The Fluent Bit agent of a cluster: every pipeline with such an output in one process, each with its own input and buffer. */
export interface FluentBitPlan {
  /** Sorted by name. */
  readonly pipelines: readonly FluentBitGraph[];
  /** Sorted by name. */
  readonly parsers: readonly LogParserNode[];
}
