import type { ReasonEntry } from './reason-entry.ts';

const DESCRIBE = {
  command: 'kubectl describe tracepipeline NAME',
  shows: 'conditions and events of the pipeline',
} as const;
const VALIDATE = {
  command: 'sluice validate -f FILE',
  shows: 'every mistake with its line and what to change',
} as const;
const PODS = { command: 'kubectl get pods -n kyma-system', shows: 'the pods and why one does not run' } as const;

const LEFT_OUT = 'The pipeline is left out of what runs; others run on.';
const NOTHING_WRONG = 'Yes.';

function fine(reason: string, condition: string, means: string): ReasonEntry {
  return { reason, condition, status: 'True', means, causes: [], look: [DESCRIBE], safe: NOTHING_WRONG };
}

/** Why a pipeline is or is not part of what runs, and whether its workloads do; the words of the conditions in a cluster. */
export const CONFIGURATION_REASONS: readonly ReasonEntry[] = [
  fine('GatewayConfigured', 'ConfigurationGenerated', 'The pipeline is part of the configuration of the gateway.'),
  fine('AgentConfigured', 'ConfigurationGenerated', 'The pipeline is part of the configuration of the log agent.'),
  {
    reason: 'TLSCertificateAboutToExpire',
    condition: 'ConfigurationGenerated',
    status: 'True',
    means: 'The client certificate or the CA of the output expires within two weeks; the message has the date.',
    causes: ['the certificate was not renewed yet'],
    look: [DESCRIBE],
    safe: 'Until that day; then the pipeline is taken out of what runs.',
  },
  {
    reason: 'TLSCertificateExpired',
    condition: 'ConfigurationGenerated',
    status: 'False',
    means: 'The client certificate or the CA of the output has expired.',
    causes: ['the certificate was not renewed', 'the Secret holds the old one'],
    look: [DESCRIBE],
    safe: LEFT_OUT,
  },
  {
    reason: 'TLSConfigurationInvalid',
    condition: 'ConfigurationGenerated',
    status: 'False',
    means: 'Certificate, key or CA of the output cannot be used.',
    causes: [
      'the text is not PEM',
      'the key does not belong to the certificate',
      'only one of `cert` and `key` is set',
    ],
    look: [VALIDATE, DESCRIBE],
    safe: LEFT_OUT,
  },
  {
    reason: 'EndpointInvalid',
    condition: 'ConfigurationGenerated',
    status: 'False',
    means: 'The endpoint does not fit its protocol.',
    causes: ['grpc without a port, or with a path', 'http without a scheme', 'OAuth2 over plain text'],
    look: [VALIDATE, { command: 'sluice explain SL0110', shows: 'how endpoints are written' }],
    safe: LEFT_OUT,
  },
  {
    reason: 'ReferencedSecretMissing',
    condition: 'ConfigurationGenerated',
    status: 'False',
    means: 'A Secret that the pipeline refers to is missing, or has no such key.',
    causes: ['the Secret is not created yet', 'its name, namespace or key is misspelt'],
    look: [
      { command: 'sluice validate -f FILE --secrets SECRETS', shows: 'which reference, and the keys that there are' },
      { command: 'kubectl get secret -n NAMESPACE NAME', shows: 'whether it is there' },
    ],
    safe: 'The last valid version keeps running; what was never valid is left out. It is looked at again when the Secret appears.',
  },
  {
    reason: 'MaxPipelinesExceeded',
    condition: 'ConfigurationGenerated',
    status: 'False',
    means: 'The queues of all pipelines no longer fit into the memory of the process; this one is the one too many.',
    causes: ['many pipelines', 'large `spec.delivery.buffer.maxSize`', 'a small memory limit'],
    look: [{ command: 'sluice validate -f FILE', shows: 'the arithmetic, in the notes of SL0405' }],
    safe: LEFT_OUT,
  },
  {
    reason: 'OTTLSpecInvalid',
    condition: 'ConfigurationGenerated',
    status: 'False',
    means: 'A statement or condition under `transform` or `filter` cannot be read.',
    causes: ['a function name in the wrong case', 'a path without its context', 'a quote that is never closed'],
    look: [VALIDATE],
    safe: LEFT_OUT,
  },
  {
    reason: 'RuntimeAdditionalMetricInvalid',
    condition: 'ConfigurationGenerated',
    status: 'False',
    means: '`spec.input.runtime.additionalMetrics` names a metric that is not among the allowed ones.',
    causes: ['the name is misspelt', 'the metric belongs to a resource that is switched off'],
    look: [VALIDATE],
    safe: LEFT_OUT,
  },
  {
    reason: 'ValidationFailed',
    condition: 'ConfigurationGenerated',
    status: 'False',
    means: 'The pipeline could not be checked, or a check that has no reason of its own failed.',
    causes: ['the API server did not answer', 'a Fluent Bit section that is not allowed'],
    look: [DESCRIBE],
    safe: LEFT_OUT,
  },
  {
    reason: 'CollectorCrashed',
    condition: 'ConfigurationGenerated',
    status: 'False',
    means: 'With this generation of the pipeline a collector ended again and again, so it was taken back.',
    causes: ['a setting that the collector refuses at its start', 'a Secret that holds something else than it should'],
    look: [DESCRIBE, { command: 'kubectl logs -n kyma-system POD --previous', shows: 'why the collector ended' }],
    safe: 'The generation that ran well before keeps running; other pipelines run on. Every edit is tried again.',
  },
  {
    reason: 'FipsModeEnabled',
    condition: 'ConfigurationGenerated',
    status: 'False',
    means: 'The pipeline needs Fluent Bit, which is not available in FIPS mode.',
    causes: ['an `http` or `custom` output'],
    look: [DESCRIBE],
    safe: LEFT_OUT,
  },
  fine('GatewayReady', 'GatewayHealthy', 'The gateway runs with the replicas that it should have.'),
  fine('AgentReady', 'AgentHealthy', 'The agents run on all nodes.'),
  fine('RolloutInProgress', 'GatewayHealthy', 'Pods are being replaced; the old ones serve until the new ones do.'),
  fine('AgentNotRequired', 'AgentHealthy', 'No input of the pipeline needs an agent.'),
  {
    reason: 'GatewayNotReady',
    condition: 'GatewayHealthy',
    status: 'False',
    means: 'The gateway does not run; the message names why.',
    causes: ['no node has room', 'the image cannot be pulled', 'the process ends again and again'],
    look: [PODS, { command: 'kubectl get events -n kyma-system', shows: 'what the scheduler and the kubelet say' }],
    safe: 'Senders are refused and keep what they have, if they retry.',
  },
  {
    reason: 'AgentNotReady',
    condition: 'AgentHealthy',
    status: 'False',
    means: 'An agent does not run on every node; the message names why.',
    causes: ['no room on a node', 'the image cannot be pulled', 'the process ends again and again'],
    look: [PODS],
    safe: 'Logs stay in their files until the agent is back; metrics of the meantime are missing.',
  },
  {
    reason: 'GatewayConfigurationNotGenerated',
    condition: 'GatewayHealthy',
    status: 'False',
    means: 'There is no gateway, because no pipeline gives it a configuration.',
    causes: ['the condition ConfigurationGenerated is False and says why'],
    look: [DESCRIBE],
    safe: LEFT_OUT,
  },
  fine('ComponentsRunning', 'TraceComponentsHealthy', 'Everything that the pipelines of the signal need is running.'),
  fine('NoPipelineDeployed', 'TraceComponentsHealthy', 'There is no pipeline of the signal, so nothing runs for it.'),
  {
    reason: 'ResourceBlocksDeletion',
    condition: 'TraceComponentsHealthy',
    status: 'False',
    means: 'The Telemetry resource is being deleted and waits, because pipelines still exist.',
    causes: ['pipelines that were not deleted'],
    look: [{ command: 'kubectl get kyma-telemetry-pipelines', shows: 'the pipelines that are left' }],
    safe: 'Everything runs until the pipelines are deleted.',
  },
];
