import type { ReasonEntry } from './reason-entry.ts';

const STATUS = { command: 'sluice status', shows: 'every pipeline with its figures, and what to run next' } as const;
const GRAPH = { command: 'sluice graph --rates', shows: 'where data stops' } as const;
const SINK = { command: 'sluice sink --port PORT', shows: 'a test backend on the port of the endpoint' } as const;
const ONLINE = { command: 'sluice validate --online', shows: 'whether each backend takes an empty request' } as const;
const DESCRIBE = {
  command: 'kubectl describe tracepipeline NAME',
  shows: 'conditions and events of the pipeline',
} as const;

const OTHERS = 'Other pipelines are not affected: each has a queue of its own (sluice explain isolation).';

const BACKEND_CAUSES = [
  'wrong endpoint or port: 4317 is usually gRPC, 4318 HTTP',
  'the backend is down, or nothing listens there',
  'credentials are refused',
  'a network policy or a name that does not resolve',
] as const;

/** Whether data flows: what the engine says in its status, and what the condition TelemetryFlowHealthy says in a cluster. */
export const FLOW_REASONS: readonly ReasonEntry[] = [
  {
    reason: 'FlowHealthy',
    condition: 'TelemetryFlowHealthy',
    status: 'True',
    means: 'Data arrives and reaches the backend, and nothing was lost in the last 5 minutes.',
    causes: [],
    look: [STATUS],
    safe: 'Yes.',
  },
  {
    reason: 'NoDataYet',
    condition: 'TelemetryFlowHealthy',
    status: 'Unknown',
    means:
      'The pipeline is accepted and runs, but nothing has arrived since it started. That is fine for a new pipeline. In a cluster the message says so where something arrived and none was delivered yet.',
    causes: [
      'no application sends yet',
      'the application sends to another address or port',
      'the application sends another signal than the pipeline takes',
    ],
    look: [
      { command: 'sluice gen all --once', shows: 'whether sample data arrives' },
      STATUS,
      { command: 'kubectl get telemetry -n kyma-system', shows: 'in a cluster: where applications send to' },
    ],
    safe: 'Nothing is lost.',
  },
  {
    reason: 'NoDataForAWhile',
    condition: 'TelemetryFlowHealthy',
    status: 'Unknown',
    means: 'Data used to arrive and has stopped.',
    causes: ['the application has stopped or was moved', 'the application cannot reach the endpoint any more'],
    look: [STATUS, GRAPH],
    safe: 'What arrived was delivered or is queued.',
  },
  {
    reason: 'BufferFillingUp',
    condition: 'status',
    status: 'False',
    means:
      'The queue of the pipeline is nearly full, or grows because the backend does not take data, or its disk takes nothing. Nothing is lost so far.',
    causes: [
      ...BACKEND_CAUSES,
      'the backend is slower than what is sent to it',
      'the disk of a queue on disk is full, or fails',
    ],
    look: [STATUS, ONLINE, SINK],
    safe: `Until the queue is full; then the newest items are dropped and counted. ${OTHERS}`,
  },
  {
    reason: 'SomeDataDropped',
    condition: 'status',
    status: 'False',
    means: 'In the last 5 minutes a part of the items was lost, another part was delivered.',
    causes: ['the backend is slower than what is sent to it', 'the backend rejects some items', ...BACKEND_CAUSES],
    look: [STATUS, GRAPH, ONLINE],
    safe: `The lost items are gone, counted by cause. ${OTHERS}`,
  },
  {
    reason: 'AllDataDropped',
    condition: 'status',
    status: 'False',
    means: 'In the last 5 minutes items were lost and none was delivered.',
    causes: BACKEND_CAUSES,
    look: [STATUS, ONLINE, SINK],
    safe: `Data is queued first and dropped when the queue is full or retries end. ${OTHERS}`,
  },
  {
    reason: 'ConfigurationInvalid',
    condition: 'status',
    status: 'False',
    means: 'The pipeline has an error. Its last valid version keeps running; one that was never valid is left out.',
    causes: ['a mistake in the file', 'a Secret or a key that is missing', 'the queues do not fit into the memory'],
    look: [{ command: 'sluice validate', shows: 'every mistake with its line and what to change' }],
    safe: 'Other pipelines run on.',
  },
  {
    reason: 'NotConfigured',
    condition: 'status',
    status: 'Unknown',
    means:
      'The pipeline is in the files no more. What it had queued is still being delivered; then it goes from the status.',
    causes: ['the resource was removed or renamed'],
    look: [STATUS],
    safe: 'What was queued is delivered, or counted as dropped by its cause.',
  },
  {
    reason: 'GatewayAllTelemetryDataDropped',
    condition: 'TelemetryFlowHealthy',
    status: 'False',
    means: 'The gateway lost data of this pipeline in the last 5 minutes, and the backend took none.',
    causes: BACKEND_CAUSES,
    look: [DESCRIBE, ONLINE],
    safe: `Data is queued first, then dropped. ${OTHERS}`,
  },
  {
    reason: 'GatewaySomeTelemetryDataDropped',
    condition: 'TelemetryFlowHealthy',
    status: 'False',
    means: 'The gateway delivers a part of the data of this pipeline and loses another.',
    causes: [
      'the backend is slower than what is sent to it',
      'the backend rejects some items',
      'one replica cannot reach the backend',
    ],
    look: [DESCRIBE, ONLINE],
    safe: `The lost items are gone, counted by cause. ${OTHERS}`,
  },
  {
    reason: 'GatewayThrottling',
    condition: 'TelemetryFlowHealthy',
    status: 'False',
    means:
      'The gateway refuses senders, because it is at its memory limit, its disk takes nothing, or it cannot keep up.',
    causes: [
      'more data than the replicas can take',
      'a pipeline with `onFull: Block` whose queue is full',
      'a volume for queues on disk that is full or fails, which the message names',
    ],
    look: [DESCRIBE, { command: 'kubectl top pod -n kyma-system', shows: 'memory and CPU of the gateway' }],
    safe: 'Senders that retry lose nothing. All pipelines of the signal share the senders and are affected.',
  },
  {
    reason: 'GatewayBufferFillingUp',
    condition: 'TelemetryFlowHealthy',
    status: 'False',
    means:
      'Data waits in the gateway and none was sent for 25 seconds, or a queue is 80 % full. Nothing is lost so far; the message names what the backend said when it was asked.',
    causes: [...BACKEND_CAUSES, 'the backend is slower than what is sent to it'],
    look: [DESCRIBE, ONLINE],
    safe: `Until the queue is full. ${OTHERS}`,
  },
  {
    reason: 'AgentAllTelemetryDataDropped',
    condition: 'TelemetryFlowHealthy',
    status: 'False',
    means: 'The agents lost data of this pipeline in the last 5 minutes, and the backend took none.',
    causes: BACKEND_CAUSES,
    look: [DESCRIBE, ONLINE],
    safe: `Log agents stop reading and go on where they stopped; metrics of the meantime are lost. ${OTHERS}`,
  },
  {
    reason: 'AgentSomeTelemetryDataDropped',
    condition: 'TelemetryFlowHealthy',
    status: 'False',
    means: 'The agents deliver a part of the data of this pipeline and lose another.',
    causes: ['one node cannot reach the backend', 'the backend rejects some items', 'the backend is too slow'],
    look: [
      DESCRIBE,
      { command: 'kubectl get pods -n kyma-system -o wide', shows: 'on which node an agent is not well' },
    ],
    safe: `The lost items are gone, counted by cause. ${OTHERS}`,
  },
  {
    reason: 'AgentNoLogsDelivered',
    condition: 'TelemetryFlowHealthy',
    status: 'False',
    means: 'The log agent has read logs for a minute and delivered none.',
    causes: BACKEND_CAUSES,
    look: [DESCRIBE, ONLINE],
    safe: 'Logs wait in the files and in the buffer of the agent until its limit.',
  },
  {
    reason: 'AgentBufferFillingUp',
    condition: 'TelemetryFlowHealthy',
    status: 'False',
    means:
      'Data waits in an agent and none was sent, its queue is nearly full, or chunks pile up on the disk of a node.',
    causes: ['the backend is slower than what is logged', ...BACKEND_CAUSES],
    look: [DESCRIBE, ONLINE],
    safe: 'Until the buffer is full; then Fluent Bit drops the oldest chunks, another agent the newest items.',
  },
  {
    reason: 'GatewayProbingFailed',
    condition: 'TelemetryFlowHealthy',
    status: 'Unknown',
    means: 'The figures of the gateway could not be read, so nobody can say whether data flows.',
    causes: ['the pods are starting', 'a network policy keeps the operator from their metrics'],
    look: [DESCRIBE, { command: 'kubectl get pods -n kyma-system', shows: 'whether the gateway runs' }],
    safe: 'The pipeline itself is not touched.',
  },
  {
    reason: 'AgentProbingFailed',
    condition: 'TelemetryFlowHealthy',
    status: 'Unknown',
    means: 'The figures of the agents could not be read, so nobody can say whether data flows.',
    causes: ['the pods are starting', 'a network policy keeps the operator from their metrics'],
    look: [DESCRIBE, { command: 'kubectl get pods -n kyma-system', shows: 'whether the agents run' }],
    safe: 'The pipeline itself is not touched.',
  },
  {
    reason: 'ConfigurationNotGenerated',
    condition: 'TelemetryFlowHealthy',
    status: 'False',
    means: 'No data flows, because the pipeline is not part of what runs.',
    causes: ['the condition ConfigurationGenerated is False and says why'],
    look: [DESCRIBE],
    safe: 'Other pipelines run on.',
  },
];
