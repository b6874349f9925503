import { PIPELINE_KINDS, RESOURCE_KINDS, RESOURCES, type ResourceKind } from '../../apis/index.ts';
import type { Manifest } from '../../render/index.ts';
import {
  MUTATING_CONFIGURATION,
  VALIDATING_CONFIGURATION,
  WEBHOOK_SERVICE,
  WEBHOOK_SERVICE_PORT,
  type WebhookAddress,
} from './webhook-options.ts';

export type AdmissionPhase = 'mutate' | 'validate';

export interface WebhookManifestOptions extends WebhookAddress {
  readonly labels?: Readonly<Record<string, string>>;
}

/** The API server waits no longer, in each phase; then the object counts as not checked. A megabyte takes a third of it. */
const TIMEOUT_SECONDS = 5;

export const CONVERT_PATH = '/convert';

/**
 * The configurations that send objects to the operator, without the CA: the operator writes that. While the operator does not
 * answer, objects are accepted as the CRDs alone judge them, and the reconciler finds the rest.
 */
export function webhookManifests(options: WebhookManifestOptions): readonly Manifest[] {
  return [
    configuration('MutatingWebhookConfiguration', MUTATING_CONFIGURATION, 'mutate', options),
    configuration('ValidatingWebhookConfiguration', VALIDATING_CONFIGURATION, 'validate', options),
  ];
}

/** What stands in `spec.conversion` of the CRDs of pipelines; the operator adds the CA. */
export function conversionStanza(options: WebhookAddress): object {
  return {
    strategy: 'Webhook',
    webhook: { conversionReviewVersions: ['v1'], clientConfig: clientConfig(options, CONVERT_PATH) },
  };
}

/** The CRDs that have two versions to convert between; those of Telemetry are the same but for their name. */
export const CONVERTED_DEFINITIONS: readonly string[] = PIPELINE_KINDS.map(
  (kind) => `${RESOURCES[kind].plural}.${RESOURCES[kind].group}`,
);

/** As upstream has it: `/validate-telemetry-kyma-project-io-v1beta1-tracepipeline`. */
export function admissionPath(phase: AdmissionPhase, kind: ResourceKind, version: string): string {
  const { group, singular } = RESOURCES[kind];
  return `/${phase}-${group.replaceAll('.', '-')}-${version}-${singular}`;
}

function configuration(kind: string, name: string, phase: AdmissionPhase, options: WebhookManifestOptions): Manifest {
  const { labels } = options;
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind,
    metadata: { name, ...(labels === undefined ? {} : { labels }) },
    webhooks: RESOURCE_KINDS.flatMap((resource) =>
      Object.keys(RESOURCES[resource].versions).map((version) => webhook(phase, resource, version, options)),
    ),
  };
}

function webhook(phase: AdmissionPhase, kind: ResourceKind, version: string, options: WebhookManifestOptions): object {
  const { group, plural, singular, scope } = RESOURCES[kind];
  return {
    name: `${phase}-${version}-${singular}.${group}`,
    admissionReviewVersions: ['v1'],
    clientConfig: clientConfig(options, admissionPath(phase, kind, version)),
    rules: [
      {
        apiGroups: [group],
        apiVersions: [version],
        operations: ['CREATE', 'UPDATE'],
        resources: [plural],
        scope,
      },
    ],
    failurePolicy: 'Ignore',
    // Each version has its own path, so that field names in answers are those that were written.
    matchPolicy: 'Exact',
    sideEffects: 'None',
    timeoutSeconds: TIMEOUT_SECONDS,
  };
}

/** Where the API server finds a path of the webhooks. */
export function clientConfig({ namespace, serviceName = WEBHOOK_SERVICE, url }: WebhookAddress, path: string): object {
  if (url !== undefined) return { url: `${url}${path}` };
  return { service: { namespace, name: serviceName, path, port: WEBHOOK_SERVICE_PORT } };
}
