export { type PipelineKind, RUNTIME_METRICS, type RuntimeMetric } from '../apis/index.ts';
export type { CertificateFacts } from './certificate-facts.ts';
export type {
  CustomOutputNode,
  CustomSection,
  FluentBitGraph,
  FluentBitInput,
  FluentBitPlan,
  HttpOutputNode,
  LogParserNode,
  PipelineFile,
  SectionEntry,
  SectionText,
} from './fluentbit/graph.ts';
export { type FluentBitOptions, type ResolvedFluentBit, resolveFluentBit } from './fluentbit/resolve-fluent-bit.ts';
export { POD_VARIABLES } from './fluentbit/variable-text.ts';
export {
  type CollectingReceiverNode,
  type Compression,
  type ContainerLogsReceiverNode,
  type DiskSetting,
  type ExporterNode,
  type FilterNode,
  feedsViewer,
  hasBatch,
  type IstioReceiverNode,
  type NamespaceSelection,
  type NodeSource,
  type OAuth2Setting,
  type OtlpExporterNode,
  type OtlpReceiverNode,
  type PipelineGraph,
  type ProcessorNode,
  type PrometheusReceiverNode,
  type QueueSetting,
  qualifiedName,
  type ReceiverNode,
  type RemoteWriteExporterNode,
  RUNTIME_RESOURCES,
  type RuntimeReceiverNode,
  type RuntimeResource,
  type SecretText,
  SIGNAL_OF_KIND,
  type TlsSetting,
  type TransformNode,
} from './graph.ts';
export {
  type FoundResource,
  identityOf,
  lastValid,
  type Reading,
  type ResourceIdentity,
  type RunningResource,
} from './last-valid.ts';
export { type Resolved, type ResolveOptions, resolve } from './resolve.ts';
export { type Condition, type ConfigurationReason, type PipelineStatus, pipelineStatus } from './status.ts';
export { type ViewerOptions, viewerGraph } from './viewer-graph.ts';
