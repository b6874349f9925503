import type { ReasonEntry } from './reason-entry.ts';

const DESCRIBE = {
  command: 'kubectl describe tracepipeline NAME',
  shows: 'conditions and events of the pipeline',
} as const;

const OWN_PROCESS =
  'The topology PerPipeline gives each pipeline a process of its own; its entry has small queues alone.';

/** What a program cannot keep of what a pipeline asks for; docs/delivery.md has the whole of it. */
export const DELIVERY_REASONS: readonly ReasonEntry[] = [
  {
    reason: 'FullQueueRefusesSiblings',
    condition: 'IsolationLimited',
    status: 'True',
    means:
      'The pipeline refuses its senders when its queue is full, and a request is refused for all pipelines of its signal as soon as one refuses it.',
    causes: ['`guarantee: AtLeastOnce` or `onFull: Block` beside other pipelines of the signal'],
    look: [DESCRIBE],
    safe: `Nothing is lost: senders try again, and siblings get those requests more than once where the Collector runs them; the engine gives a request that is sent again only to those that had no room. ${OWN_PROCESS}`,
  },
  {
    reason: 'SiblingQueueRefuses',
    condition: 'IsolationLimited',
    status: 'True',
    means: 'Another pipeline of the signal refuses its senders when its queue is full, and they are the same.',
    causes: ['a pipeline of the signal with `guarantee: AtLeastOnce` or `onFull: Block`'],
    look: [DESCRIBE],
    safe: `What senders send again arrives more than once where the Collector runs the pipeline, once where the engine does; what they give up is missing. ${OWN_PROCESS}`,
  },
  {
    reason: 'CollectedInMemory',
    condition: 'GuaranteeWeakened',
    status: 'True',
    means:
      'Agents collect metrics for the pipeline. Nobody sent them, so nobody could send them again: they wait in memory.',
    causes: ['`guarantee: AtLeastOnce` or `storage: Disk` with the inputs `runtime`, `prometheus` or `istio`'],
    look: [DESCRIBE],
    safe: 'What is pushed is kept as the pipeline says. Of what is collected a crash of an agent, or its full queue, loses some.',
  },
  {
    reason: 'LogFilesRotate',
    condition: 'GuaranteeWeakened',
    status: 'True',
    means: 'The log agent stops reading while its queue is full; meanwhile the kubelet rotates files and deletes them.',
    causes: ['`guarantee: AtLeastOnce` with the input `runtime`'],
    look: [DESCRIBE],
    safe: 'What was read is kept as promised. The files of a container, 50 MiB by default, are the buffer in front of it.',
  },
  {
    reason: 'DeltaStateInMemory',
    condition: 'GuaranteeWeakened',
    status: 'True',
    means:
      'Cumulative metrics are made delta before they are queued, from what is remembered of each series in memory.',
    causes: ['`guarantee: AtLeastOnce` with `output.otlp.temporality: delta`'],
    look: [DESCRIBE],
    safe: 'After a restart the first difference of each series is missing; everything else is kept as promised.',
  },
  {
    reason: 'BacklogsDraining',
    condition: 'Draining',
    status: 'True',
    means:
      'Pipelines that are gone, or changed their protocol, storage or topology, have left data on disk. Their old exporters deliver it, without input, and then go together with their volumes and the dead letters there.',
    causes: [
      'a pipeline with `guarantee: AtLeastOnce` or `storage: Disk` that was deleted or changed while its backend was slow or away',
      'its Secret is gone, so that nothing can be delivered until it is back',
    ],
    look: [
      { command: 'kubectl describe telemetry default', shows: 'the workloads, and the pipelines whose data is left' },
    ],
    safe: 'It waits for as long as it takes. What is not needed any more is given up with the annotation `telemetry.kyma-project.io/give-up-backlogs: WORKLOAD` of the Telemetry resource.',
  },
];
