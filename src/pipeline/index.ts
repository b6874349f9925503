export {
  type Compression,
  type ExporterNode,
  type OtlpExporterNode,
  type PipelineGraph,
  type PipelineKind,
  type QueueSetting,
  qualifiedName,
  type TlsSetting,
} from './graph.ts';
export { resolve, viewerGraph } from './resolve.ts';
