import { encodeEnvValue } from '../../otelcol/index.ts';
import { SIGNALS, type Signal } from '../../pdata/index.ts';
import { feedsViewer } from '../../pipeline/index.ts';
import type { Topology, Workload } from '../../topology/index.ts';
import type { RenderedConfig } from '../otelcol/rendered-config.ts';
import { renderedYaml } from '../otelcol/rendered-yaml.ts';
import { accessOf, usesApi } from './access.ts';
import { accessObjects } from './access-objects.ts';
import type { ManifestOptions, WorkloadObjects } from './cluster-objects.ts';
import {
  CONFIG_FOLDER,
  CONFIG_KEY,
  collectorContainer,
  FLUSH_SECONDS,
  HEALTH_PORT,
  LEAVE_SECONDS,
  METRICS_PORT,
} from './collector-container.ts';
import { type ConfigObjects, configObjects } from './config-objects.ts';
import { OTLP_PORTS } from './endpoint-objects.ts';
import { meshPod, plainService } from './istio.ts';
import {
  ENDPOINT_PODS,
  labelsOf,
  type ObjectOwner,
  objectName,
  ownedObject,
  podSelector,
  roleLabels,
  SERVING_PODS,
} from './labels.ts';
import type { Manifest } from './manifest.ts';
import type { MountedConfig } from './mounted-config.ts';
import { networkPolicies } from './network-policies.ts';
import { NORMAL_PRIORITY, podTemplate, quantity, scriptContainer, spread } from './pod.ts';
import { QUARANTINE } from './pod-scripts.ts';
import { replicasOf } from './replicas.ts';
import { headlessService, metricsService } from './services.ts';

export interface CollectorRendering {
  readonly rendered: RenderedConfig;
  readonly topology: Topology;
  readonly manifest: ManifestOptions;
}

/**
 * A new Pod is ready this long before the next one goes: clients look for new addresses at most that often, and until then one
 * replica that they know must be there.
 */
const APART_SECONDS = 30;

const METRICS = { port: METRICS_PORT, path: '/metrics' } as const;

/** Everything of a workload that data is pushed to. */
export function gatewayObjects(workload: Workload, rendering: CollectorRendering): WorkloadObjects {
  const { rendered, topology, manifest } = rendering;
  const { name, role } = workload;
  const owner: ObjectOwner = { namespace: manifest.namespace, workload: name, role };
  const text = renderedYaml(rendered, { sourceMap: false });
  const made = collectorConfig(owner, { rendered, text, manifest });
  const config = manifest.pinned?.[name] ?? made.config;
  const place = placeOf(workload, topology);
  const istio = workload.cluster?.istio === true;
  const isInner = place.sentFrom !== undefined;
  const headless = isInner || workload.storage !== undefined ? [headlessService(owner, place.ports)] : [];
  return {
    workload: name,
    role,
    configHash: made.config.hash,
    config,
    ...volumeOf(workload),
    objects: [
      ...accessObjects(owner, accessOf(rendered.config, manifest)),
      ...(config === made.config ? made.objects : []),
      ...headless,
      metricsService(owner, METRICS),
      ...networkPolicies(owner, {
        otlpPorts: place.ports.map(({ port }) => port),
        ...(place.sentFrom === undefined ? {} : { sentFrom: place.sentFrom }),
        healthPort: HEALTH_PORT,
        metricsPort: METRICS.port,
        istio,
      }),
      ...(istio ? headless.map(plainService) : []),
      ...disruptionBudget(owner, replicasOf(workload, manifest.replicas?.[workload.name])),
      controllerOf(workload, { owner, config, text, place, rendering }),
    ],
  };
}

/** Configuration and environment of a Collector, as objects. */
export function collectorConfig(
  owner: ObjectOwner,
  {
    rendered,
    text,
    manifest,
  }: { readonly rendered: RenderedConfig; readonly text: string; readonly manifest: ManifestOptions },
): ConfigObjects {
  const { secrets, missingSecrets, pipelines } = rendered;
  const values = Object.entries(secrets).map(([name, value]) => [name, encodeEnvValue(value)] as const);
  const missing = Object.keys(missingSecrets).map((name) => [name, undefined] as const);
  const workload = {
    files: { [CONFIG_KEY]: text },
    secretFiles: {},
    environment: Object.fromEntries([...missing, ...values]),
    madeFrom: pipelines.map(({ kind, name }) => `${kind} ${name}`),
  };
  return configObjects(owner, workload, manifest);
}

interface Place {
  /** Where it takes OTLP; none: it only sends what its volumes hold. */
  readonly ports: readonly (typeof OTLP_PORTS)[number][];
  /** Workloads in front of it; absent: senders are. */
  readonly sentFrom?: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** What of the topology shows in a Pod's ports and labels, and who may send to it. */
function placeOf(workload: Workload, { workloads, endpoint }: Topology): Place {
  const sentFrom = workloads.filter((one) => sendsTo(one, workload)).map(({ name }) => name);
  const taken = takenSignals(workload);
  const exported = roleLabels(exportedSignals(workload), 'export');
  if (taken.length === 0) return { ports: [], labels: exported };
  if (workload.role === 'dispatcher') {
    return sentFrom.length === 0
      ? { ports: [], labels: exported }
      : { ports: OTLP_PORTS.slice(0, 1), sentFrom, labels: exported };
  }
  if (sentFrom.length > 0) return { ports: OTLP_PORTS, sentFrom, labels: exported };
  // Several of them have no endpoint in common.
  const isEndpoint = endpoint === 'Router';
  const labels = { ...exported, ...roleLabels(taken, 'ingest'), ...(isEndpoint ? ENDPOINT_PODS : {}) };
  return { ports: OTLP_PORTS, labels };
}

/** An entry sends to every dispatcher: also to those it has no hop to any more, as long as it holds something for them. */
function sendsTo(from: Workload, { name, role }: Workload): boolean {
  if (from.role === 'router') return from.routes.some(({ to }) => to === name);
  return from.role === 'entry' && role === 'dispatcher';
}

function takenSignals(workload: Workload): readonly Signal[] {
  if (workload.role === 'router') return workload.routes.map(({ signal }) => signal);
  const hops = workload.role === 'entry' ? workload.hops.map(({ pipeline }) => pipeline) : [];
  const taken = new Set([...workload.pipelines, ...hops].map(({ signal }) => signal));
  return SIGNALS.filter((signal) => taken.has(signal));
}

function exportedSignals(workload: Workload): readonly Signal[] {
  const pipelines = workload.role === 'router' ? [] : [...workload.pipelines, ...(workload.draining ?? [])];
  const sent = new Set(pipelines.filter((graph) => !feedsViewer(graph)).map(({ signal }) => signal));
  return SIGNALS.filter((signal) => sent.has(signal));
}

/** Evictions take one Pod at a time. Of a single one they would take all there is, or never end. */
function disruptionBudget(owner: ObjectOwner, replicas: number): readonly Manifest[] {
  if (replicas < 2) return [];
  const selector = { matchLabels: podSelector(owner.workload) };
  return [
    {
      ...ownedObject(owner, { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' }),
      spec: { maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow', selector },
    },
  ];
}

interface ControllerOptions {
  readonly owner: ObjectOwner;
  readonly config: MountedConfig;
  readonly text: string;
  readonly place: Place;
  readonly rendering: CollectorRendering;
}

/** A Deployment, or a StatefulSet where queues are on disk. */
function controllerOf(workload: Workload, options: ControllerOptions): Manifest {
  const { owner, config, rendering } = options;
  const { storage, name } = workload;
  const kind = storage === undefined ? 'Deployment' : 'StatefulSet';
  const { metadata, ...object } = ownedObject(owner, { apiVersion: 'apps/v1', kind });
  const common = {
    replicas: replicasOf(workload, rendering.manifest.replicas?.[name]),
    minReadySeconds: APART_SECONDS,
    revisionHistoryLimit: 2,
    selector: { matchLabels: podSelector(name) },
    template: gatewayPod(workload, options),
  };
  return {
    ...object,
    metadata: { ...metadata, annotations: { 'telemetry.kyma-project.io/config-hash': config.hash } },
    spec:
      storage === undefined
        ? { ...common, strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } } }
        : {
            ...common,
            serviceName: `${objectName(name)}-headless`,
            // A replica that cannot start must not keep the others from starting.
            podManagementPolicy: 'Parallel',
            updateStrategy: { type: 'RollingUpdate' },
            // What is queued on a volume outlives its replica.
            persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
            volumeClaimTemplates: rendering.manifest.claimTemplates?.[name] ?? [queueClaim(owner, storage)],
          },
  };
}

const QUEUE = 'queue';

function volumeOf({ name, storage }: Workload): Pick<WorkloadObjects, 'volume'> {
  if (storage === undefined) return {};
  return { volume: { claim: `${QUEUE}-${objectName(name)}`, sizeBytes: storage.sizeBytes } };
}

function queueClaim(owner: ObjectOwner, { sizeBytes, storageClass }: NonNullable<Workload['storage']>) {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: QUEUE, labels: labelsOf(owner) },
    spec: {
      accessModes: ['ReadWriteOnce'],
      ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
      resources: { requests: { storage: quantity(sizeBytes) } },
    },
  };
}

function gatewayPod(workload: Workload, { owner, config, text, place, rendering }: ControllerOptions) {
  const { manifest, rendered } = rendering;
  const { storage, name, distribution } = workload;
  const mesh = meshPod(workload.cluster ?? { istio: false });
  const volumeMounts = storage === undefined ? [] : [{ name: QUEUE, mountPath: storage.directory }];
  return podTemplate(owner, {
    manifest,
    config,
    configFolder: CONFIG_FOLDER,
    container: collectorContainer(workload, {
      manifest,
      otlpPorts: place.ports,
      configuration: text,
      featureGates: rendered.featureGates,
    }),
    initContainers: storage === undefined || distribution !== 'otelcol' ? [] : [quarantine(manifest, volumeMounts)],
    volumes: mesh.volumes,
    volumeMounts: [...volumeMounts, ...mesh.volumeMounts],
    labels: { ...place.labels, ...SERVING_PODS, ...mesh.labels },
    annotations: mesh.annotations,
    usesApi: usesApi(accessOf(rendered.config, manifest)),
    priorityClassName: NORMAL_PRIORITY,
    gracePeriodSeconds: LEAVE_SECONDS + FLUSH_SECONDS + 15,
    fields: {
      topologySpreadConstraints: spread(name, storage === undefined ? 'pod-template-hash' : 'controller-revision-hash'),
    },
  });
}

/** One file that the Collector cannot open keeps all of its pipelines from starting. The engine skips what it cannot read. */
export function quarantine(
  manifest: ManifestOptions,
  volumeMounts: readonly { readonly name: string; readonly mountPath: string }[],
) {
  const folders = volumeMounts.map(({ mountPath }) => mountPath);
  return scriptContainer('check-queues', { manifest, script: QUARANTINE, folders, volumeMounts });
}
