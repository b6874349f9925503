export type { Autoscaler, AutoscalerOptions, ScaledWorkload } from './autoscaler/autoscaler.ts';
export type { FlowHealth, FlowHealthOptions, MetricsEndpoint } from './flow-health/flow-health.ts';
export type { FlowPart, FlowRole, ObservedPipeline } from './flow-health/observed-pipeline.ts';
export type { ProbeTarget } from './flow-health/probe-target.ts';
export type { Images, OperatorOptions } from './options.ts';
