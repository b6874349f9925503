/** Upstream's reasons of the condition TelemetryFlowHealthy, and ours. Source: section 10 of the design. */
export type FlowReason =
  | 'FlowHealthy'
  | 'NoDataYet'
  | 'NoDataForAWhile'
  | 'ConfigurationNotGenerated'
  | 'GatewayProbingFailed'
  | 'AgentProbingFailed'
  | 'GatewayAllTelemetryDataDropped'
  | 'GatewaySomeTelemetryDataDropped'
  | 'GatewayThrottling'
  | 'GatewayBufferFillingUp'
  | 'AgentAllTelemetryDataDropped'
  | 'AgentSomeTelemetryDataDropped'
  | 'AgentNoLogsDelivered'
  | 'AgentBufferFillingUp';

/** What the condition TelemetryFlowHealthy of a pipeline says. */
export interface FlowVerdict {
  readonly reason: FlowReason;
  readonly status: 'True' | 'False' | 'Unknown';
  /** Fact, consequence, next step; at most 256 characters; holds no figure that changes all the time, and no secret. */
  readonly message: string;
}
