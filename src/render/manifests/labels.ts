import type { Signal } from '../../pdata/index.ts';
import { OPERATOR } from '../install/names.ts';
import type { WorkloadRole } from './cluster-objects.ts';
import type { Manifest } from './manifest.ts';

/** Whose object something is, and where it is. */
export interface ObjectOwner {
  readonly namespace: string;
  /** `otlp-gateway` */
  readonly workload: string;
  readonly role: WorkloadRole;
}

/** Who manages these objects: the label that finds all of them. */
const MANAGED = {
  'app.kubernetes.io/part-of': 'telemetry',
  'app.kubernetes.io/managed-by': 'sluice',
  'kyma-project.io/module': 'telemetry',
} as const;

/** Pods whose label lets them read metrics, as upstream's Kyma has it. */
export const MAY_SCRAPE = { 'networking.kyma-project.io/metrics-scraping': 'allowed' } as const;

/** Pods of the operator, which reads the metrics of what it runs. */
export const OPERATOR_PODS = { 'app.kubernetes.io/name': OPERATOR } as const;

/** Pods that the single endpoint leads to. */
export const ENDPOINT_PODS = { 'telemetry.kyma-project.io/otlp-endpoint': 'true' } as const;

/** Pods that Services lead to; one that is emptied before it is removed has another value. */
export const SERVING_PODS = { 'telemetry.kyma-project.io/serving': 'true' } as const;

const PREFIX = 'telemetry-';

/** `telemetry-otlp-gateway`, for every kind of object of the workload. */
export function objectName(workload: string): string {
  return `${PREFIX}${workload}`;
}

/** The workload that the object with these labels is one of; undefined: of none, as the operator's own are. */
export function workloadOf(object: { readonly metadata: Manifest['metadata'] }): string | undefined {
  const name = object.metadata.labels?.['app.kubernetes.io/name'];
  if (name === undefined || name === OPERATOR || !name.startsWith(PREFIX)) return undefined;
  return name.slice(PREFIX.length);
}

/** Finds the Pods of a workload; never changes, since selectors may not. */
export function podSelector(workload: string): Readonly<Record<string, string>> {
  return { 'app.kubernetes.io/name': objectName(workload) };
}

export function labelsOf({ workload, role }: Pick<ObjectOwner, 'workload' | 'role'>): Readonly<Record<string, string>> {
  return { ...podSelector(workload), 'app.kubernetes.io/component': componentOf(role), ...MANAGED };
}

/** Of what belongs to no workload, such as the endpoint. */
export function sharedLabels(name: string, component: string): Readonly<Record<string, string>> {
  return { 'app.kubernetes.io/name': name, 'app.kubernetes.io/component': component, ...MANAGED };
}

function componentOf(role: WorkloadRole): string {
  switch (role) {
    case 'metric-agent':
    case 'log-agent':
    case 'fluent-bit':
      return 'agent';
    default:
      return role;
  }
}

const SIGNAL_WORD = { traces: 'trace', metrics: 'metric', logs: 'log' } as const satisfies Record<Signal, string>;

/** What Pods do with a signal, for users' own network policies: `ingest` takes it from senders, `export` sends it to backends. */
export function roleLabels(signals: readonly Signal[], does: 'ingest' | 'export'): Readonly<Record<string, string>> {
  return Object.fromEntries(signals.map((signal) => [signalLabel(signal, does), 'true']));
}

export function signalLabel(signal: Signal, does: 'ingest' | 'export'): string {
  return `telemetry.kyma-project.io/${SIGNAL_WORD[signal]}-${does}`;
}

/** An object of a workload, in its namespace. */
export function ownedObject(
  owner: ObjectOwner,
  { apiVersion, kind, suffix = '' }: { readonly apiVersion: string; readonly kind: string; readonly suffix?: string },
): Pick<Manifest, 'apiVersion' | 'kind'> & { readonly metadata: Manifest['metadata'] } {
  const { namespace, workload } = owner;
  return {
    apiVersion,
    kind,
    metadata: { name: `${objectName(workload)}${suffix}`, namespace, labels: labelsOf(owner) },
  };
}
