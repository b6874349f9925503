import { parse } from 'yaml';
import { crdYaml, RESOURCE_KINDS, type ResourceKind } from '../../apis/index.ts';
import {
  DEFAULT_NAMESPACE,
  INSTALLED_LABELS,
  type InstallImages,
  installManifests,
  type Manifest,
  mostAccess,
} from '../../render/index.ts';
import { webhookManifests } from '../webhooks/webhook-manifests.ts';

/** On the resource definitions: which version of Sluice they are from, and that they are not upstream's. */
export const VERSION_ANNOTATION = 'sluice.io/version';

export interface BundleOptions {
  /** Of Sluice; names the image. */
  readonly version: string;
  readonly namespace?: string;
  readonly images?: Partial<InstallImages>;
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never';
  /** Of the operator and its workloads; default none. */
  readonly imagePullSecrets?: readonly string[];
  readonly replicas?: number;
  readonly telemetry?: boolean;
  /** Of the API server's version, 1.<minor>: older kubelets know fewer permissions. Default 33. */
  readonly kubernetesMinor?: number;
}

/** What Pods run unless an installation says otherwise. The stock programs are the versions that the tests know. */
export function defaultImages(version: string): InstallImages {
  return {
    sluice: `sluice:${version}`,
    otelcol: 'docker.io/otel/opentelemetry-collector-contrib:0.149.0',
    fluentBit: 'docker.io/fluent/fluent-bit:5.1.1',
  };
}

/** The installation of this version: its resource definitions, webhooks and permissions with the objects around them. */
export function installBundle({
  version,
  namespace = DEFAULT_NAMESPACE,
  images = {},
  imagePullPolicy = 'IfNotPresent',
  imagePullSecrets = [],
  replicas = 2,
  telemetry = true,
  kubernetesMinor = 33,
}: BundleOptions): readonly Manifest[] {
  return installManifests({
    namespace,
    images: { ...defaultImages(version), ...images },
    imagePullPolicy,
    imagePullSecrets,
    replicas,
    crds: RESOURCE_KINDS.map((kind) => definition(kind, version)),
    webhooks: webhookManifests({ namespace, labels: INSTALLED_LABELS }),
    granted: mostAccess({ kubernetesMinor }),
    telemetry,
  });
}

function definition(kind: ResourceKind, version: string): Manifest {
  const crd = parse(crdYaml(kind)) as Manifest;
  return { ...crd, metadata: { ...crd.metadata, annotations: { [VERSION_ANNOTATION]: version } } };
}
