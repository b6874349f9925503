export { describeFlow, flowNodeId } from './diagram/describe.ts';
export { drawDot } from './diagram/dot.ts';
export { onlyPipelines, pipelineKey } from './diagram/lanes.ts';
export { drawMermaid } from './diagram/mermaid.ts';
export { drawSvg } from './diagram/svg.ts';
export { drawTree } from './diagram/tree.ts';
export { pipelineKey as fluentBitKey } from './fluentbit/names.ts';
export { renderFluentBit } from './fluentbit/render-fluent-bit.ts';
export type { RenderedFluentBit } from './fluentbit/rendered-fluent-bit.ts';
export { installManifests } from './install/install-manifests.ts';
export type { InstallImages, InstallOptions } from './install/install-options.ts';
export {
  DEFAULT_NAMESPACE,
  INSTALLED_LABELS,
  METRICS_PORT,
  OPERATOR,
  OPERATOR_LABELS,
  OWNER_LABELS,
  WEBHOOK_PORT,
  WEBHOOK_SERVICE,
} from './install/names.ts';
export { unionOfRules } from './install/policy-rule.ts';
export { type AccessRule, mostAccess } from './manifests/access.ts';
export type {
  ClusterObjects,
  ClusterRendering,
  ManifestOptions,
  WorkloadObjects,
  WorkloadRole,
  WorkloadVolume,
} from './manifests/cluster-objects.ts';
export { ENDPOINT_PODS, objectName, podSelector, SERVING_PODS, workloadOf } from './manifests/labels.ts';
export type { Manifest } from './manifests/manifest.ts';
export type { MountedConfig, MountedFiles } from './manifests/mounted-config.ts';
export { renderClusterObjects } from './manifests/render-cluster-objects.ts';
export { type MachineFolder, machineState } from './otelcol/machine-state.ts';
export { POD_ADDRESSES, podAddresses } from './otelcol/pod-addresses.ts';
export { queueFolderName } from './otelcol/queue-storage.ts';
export { renderOtelcol } from './otelcol/render-otelcol.ts';
export type { RenderedConfig, RenderedPipeline, RenderOptions, StateFolders } from './otelcol/rendered-config.ts';
export { describeSecret, renderedYaml } from './otelcol/rendered-yaml.ts';
export { ruleProcessorId } from './otelcol/user-rules.ts';
