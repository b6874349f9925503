export { crdYaml } from './crd.ts';
export type { Endpoint } from './endpoint.ts';
export { parseEndpoint } from './endpoint.ts';
export { KINDS, type KindInfo, PIPELINE_KINDS } from './kinds.ts';
export { literal } from './literal.ts';
export { type OutputChoice, outputOf } from './output.ts';
export { quantityBytes } from './quantity.ts';
export { type LoadedResource, type ReadResources, readResources, type TextFile } from './read-resources.ts';
export {
  API_VERSION,
  type Delivery,
  type FileOutput,
  type LogPipeline,
  type MetricPipeline,
  type OtlpInput,
  type OtlpOutput,
  type PipelineKind,
  type PipelineOutput,
  type PipelineResource,
  type ResourceMetadata,
  type StdoutOutput,
  type TracePipeline,
} from './resource.ts';
export type { Header } from './value-type.ts';
