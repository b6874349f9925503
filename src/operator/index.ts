export {
  type Autoscaler,
  type AutoscalerOptions,
  type ScaledWorkload,
  startAutoscaler,
} from './autoscaler/autoscaler.ts';
export {
  type FlowHealth,
  type FlowHealthOptions,
  type MetricsEndpoint,
  type RoundFigures,
  startFlowHealth,
} from './flow-health/flow-health.ts';
export type {
  AskBackend,
  FlowPart,
  FlowRole,
  ObservedBackend,
  ObservedPipeline,
} from './flow-health/observed-pipeline.ts';
export { observedPipelines } from './flow-health/observed-pipelines.ts';
export { checkInstallation } from './install/check-installation.ts';
export type { Finding } from './install/finding.ts';
export { helmChart } from './install/helm-chart.ts';
export { type BundleOptions, defaultImages, installBundle } from './install/install-bundle.ts';
export {
  type InstallClusterOptions,
  type Installed,
  type InstallStep,
  installCluster,
} from './install/install-cluster.ts';
export { type ChangedObject, describeObject } from './install/installed-object.ts';
export { kustomizeBundle } from './install/kustomize-bundle.ts';
export { type BundleFile, PARTS, type Part, partOf, yamlDocuments } from './install/manifest-files.ts';
export { findOtherInstallations, type OtherInstallations } from './install/other-installations.ts';
export { type PreflightOptions, preflight } from './install/preflight.ts';
export { kubernetesVersion } from './install/server-version.ts';
export { type Uninstalled, type UninstallOptions, uninstallCluster } from './install/uninstall-cluster.ts';
export type { Images, OperatorOptions, RunningOperator } from './options.ts';
export { runOperator } from './run-operator.ts';
export { startWebhooks } from './webhooks/start-webhooks.ts';
export { conversionStanza, type WebhookManifestOptions, webhookManifests } from './webhooks/webhook-manifests.ts';
export {
  type RunningWebhooks,
  WEBHOOK_SECRET,
  WEBHOOK_SERVICE,
  WEBHOOK_SERVICE_PORT,
  type WebhookAddress,
  type WebhookOptions,
} from './webhooks/webhook-options.ts';
