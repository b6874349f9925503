export type { PipelineKind } from '../apis/index.ts';
export {
  type Compression,
  type ExporterNode,
  type OtlpExporterNode,
  type PipelineGraph,
  type QueueSetting,
  qualifiedName,
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
export { resolve, viewerGraph } from './resolve.ts';
