import type { Condition, EventFacts } from '../../kube/index.ts';

type Told = Pick<EventFacts, 'type' | 'reason' | 'action' | 'note'>;

/** By reason of ConfigurationGenerated; any other that is False is ConfigurationInvalid. */
const INVALID: Readonly<Record<string, string>> = {
  ReferencedSecretMissing: 'SecretMissing',
  TLSCertificateExpired: 'CertificateExpired',
  MaxPipelinesExceeded: 'MaxPipelinesExceeded',
};

const LOSSES = /(All|Some)TelemetryDataDropped$/;
const FILLING = /BufferFillingUp$|NoLogsDelivered$/;
const SILENT = ['NoDataYet', 'NoDataForAWhile'];

/** What to tell of the change from one status to the next: transitions, and nothing that stays as it was. */
export function pipelineEvents(before: readonly Condition[], after: readonly Condition[]): readonly Told[] {
  const change = (type: string) => ({ was: find(before, type), is: find(after, type) });
  return [
    ...configurationEvents(change('ConfigurationGenerated')),
    ...appliedEvents(before, after),
    ...flowEvents(change('TelemetryFlowHealthy')),
  ];
}

interface Transition {
  readonly was: Condition | undefined;
  readonly is: Condition | undefined;
}

function configurationEvents({ was, is }: Transition): readonly Told[] {
  if (
    is === undefined ||
    (was?.status === is.status && was.reason === is.reason && was.observedGeneration === is.observedGeneration)
  ) {
    return [];
  }
  if (is.status === 'False') return [warning(INVALID[is.reason] ?? 'ConfigurationInvalid', 'Compile', is.message)];
  if (is.reason === 'TLSCertificateAboutToExpire' && was?.reason !== is.reason) {
    return [warning('CertificateExpiresSoon', 'Compile', is.message)];
  }
  return [];
}

/** Every workload that carries the pipeline runs this generation, and did not a moment ago. */
function appliedEvents(before: readonly Condition[], after: readonly Condition[]): readonly Told[] {
  const isRunning = (conditions: readonly Condition[]) =>
    ['GatewayReady', 'AgentReady'].some((reason) =>
      conditions.some((one) => one.reason === reason && one.type !== 'Ready'),
    ) &&
    !conditions.some(({ type }) => type === 'Reconciling') &&
    find(conditions, 'ConfigurationGenerated')?.status === 'True';
  const [was, is] = [find(before, 'ConfigurationGenerated'), find(after, 'ConfigurationGenerated')];
  if (!isRunning(after) || (isRunning(before) && was?.observedGeneration === is?.observedGeneration)) return [];
  return [normal('ConfigurationApplied', 'Apply', `generation ${is?.observedGeneration} is active`)];
}

function flowEvents({ was, is }: Transition): readonly Told[] {
  if (is === undefined || was?.reason === is.reason) return [];
  if (LOSSES.test(is.reason)) return [warning('DataDropped', 'Deliver', is.message)];
  if (FILLING.test(is.reason)) return [warning('QueueFillingUp', 'Deliver', is.message)];
  if (is.reason === 'GatewayThrottling') return [warning('Throttled', 'Receive', is.message)];
  if (is.reason !== 'FlowHealthy' || was === undefined) return [];
  if (was.status === 'False') {
    return was.reason === 'ConfigurationNotGenerated' ? [] : [normal('FlowRecovered', 'Deliver', is.message)];
  }
  return SILENT.includes(was.reason) ? [normal('FirstDataReceived', 'Receive', is.message)] : [];
}

function find(conditions: readonly Condition[], type: string): Condition | undefined {
  return conditions.find((condition) => condition.type === type);
}

function warning(reason: string, action: string, note: string): Told {
  return { type: 'Warning', reason, action, note };
}

function normal(reason: string, action: string, note: string): Told {
  return { type: 'Normal', reason, action, note };
}
