/** Names of what an installation consists of. Deployed clusters know them: a changed one is a migration. */
export const OPERATOR = 'telemetry-operator';

/** Of the Service in front of the webhooks, 443 → 9443. Upstream's name, which the resource definitions have. */
export const WEBHOOK_SERVICE = 'telemetry-manager-webhook';

export const WEBHOOK_PORT = 9443;

/** `/metrics`, `/healthz` and `/readyz` of the operator. */
export const METRICS_PORT = 8080;

/** Upstream's, so that what users wrote for its namespace goes on meaning it. */
export const DEFAULT_NAMESPACE = 'kyma-system';

/** On every object that is Sluice's, those that the operator makes included: uninstall goes by them. */
export const OWNER_LABELS = {
  'app.kubernetes.io/part-of': 'telemetry',
  'app.kubernetes.io/managed-by': 'sluice',
} as const;

export const PRIORITY_CLASSES = { 'telemetry-priority-class': 2_000_000, 'telemetry-priority-class-high': 2_100_000 };

/** What the operator's own Pods are selected by. */
export const OPERATOR_LABELS = {
  'app.kubernetes.io/name': OPERATOR,
  'app.kubernetes.io/component': 'operator',
} as const;

/** On what an installation consists of and an upgrade may remove again; what the operator makes has another component. */
export const INSTALLED_LABELS = { 'app.kubernetes.io/component': 'operator', ...OWNER_LABELS } as const;

export function operatorLabels(): Readonly<Record<string, string>> {
  return { ...OPERATOR_LABELS, ...OWNER_LABELS };
}
