export type { PipelineKind } from '../apis/index.ts';
export type { CertificateFacts } from './certificate-facts.ts';
export {
  type Compression,
  type ExporterNode,
  feedsViewer,
  type NodeSource,
  type OAuth2Setting,
  type OtlpExporterNode,
  type PipelineGraph,
  type QueueSetting,
  qualifiedName,
  type SecretText,
  SIGNAL_OF_KIND,
  type TlsSetting,
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
export { type ViewerOptions, viewerGraph } from './viewer-graph.ts';
