export type { LoadedLogParser, LogParser } from './check-log-parser.ts';
export { convertManifest } from './conversion.ts';
export { crdFileName, crdYaml } from './crd.ts';
export { describeField, type FieldDescription, type FieldSummary, resourceKindOf } from './describe-field.ts';
export { endpointProblem, parseEndpoint } from './endpoint.ts';
export { extensionIssues } from './extension-issues.ts';
export { fieldsPage } from './fields-page.ts';
export { KINDS, PIPELINE_KINDS, RESOURCE_KINDS, RESOURCES, type ResourceKind } from './kinds.ts';
export { literal } from './literal.ts';
export { maskedPlaces } from './masked-places.ts';
export { type OutputChoice, outputOf } from './output.ts';
export { quantityBytes } from './quantity.ts';
export {
  type LoadedResource,
  type LoadedTelemetry,
  type ReadOptions,
  type ReadResources,
  type RejectedResource,
  readResources,
} from './read-resources.ts';
export type {
  FileOutput,
  HttpOutput,
  OtlpOutput,
  PipelineKind,
  PipelineResource,
  RemoteWriteOutput,
} from './resource.ts';
export { RUNTIME_METRICS, type RuntimeMetric } from './runtime-metrics.ts';
export type { SecretKeyRef, SecretStore } from './secret-store.ts';
export type { Telemetry } from './telemetry.ts';
export type { Header } from './value-type.ts';
