export {
  type Compression,
  type ExporterNode,
  type FileExporterNode,
  type HeaderSetting,
  type NodeSource,
  type OtlpExporterNode,
  type OtlpReceiverNode,
  type PipelineGraph,
  type PipelineKind,
  type QueueSetting,
  qualifiedName,
  type ReceiverNode,
  SIGNAL_OF_KIND,
  type StdoutExporterNode,
  type TlsSetting,
  type ViewerExporterNode,
} from './graph.ts';
export { type Resolved, resolve, viewerGraph } from './resolve.ts';
