import type { Topology } from '../../topology/index.ts';
import { AWS_CREDENTIALS_FILE, CONFIG_FILE, CONFIG_FOLDER, DATA_FOLDER } from '../fluentbit/names.ts';
import type { RenderedFluentBit } from '../fluentbit/rendered-fluent-bit.ts';
import { accessOfFluentBit, usesApi } from './access.ts';
import { accessObjects } from './access-objects.ts';
import type { ManifestOptions, WorkloadObjects } from './cluster-objects.ts';
import { probes } from './collector-container.ts';
import { configObjects } from './config-objects.ts';
import { daemonSet } from './daemon-set.ts';
import { meshPod } from './istio.ts';
import { type ObjectOwner, roleLabels } from './labels.ts';
import { networkPolicies } from './network-policies.ts';
import { nodeFolder, POD_LOGS } from './node-folder.ts';
import { HIGH_PRIORITY, imageOf, podTemplate } from './pod.ts';
import { metricsService } from './services.ts';

const WORKLOAD = 'fluent-bit';

const METRICS = { port: 2020, path: '/api/v2/metrics/prometheus' } as const;

/** Upstream's folder, with its buffers and offsets. */
const DATA_ON_NODE = '/var/telemetry-fluent-bit';

/** Everything of the Fluent Bit of each node. */
export function fluentBitObjects(
  fluentBit: RenderedFluentBit,
  { topology, manifest }: { readonly topology: Topology; readonly manifest: ManifestOptions },
): WorkloadObjects {
  const owner: ObjectOwner = { namespace: manifest.namespace, workload: WORKLOAD, role: 'fluent-bit' };
  const made = configObjects(owner, filesOf(fluentBit, topology), manifest);
  const config = manifest.pinned?.[WORKLOAD] ?? made.config;
  const access = accessOfFluentBit(fluentBit);
  const istio = topology.fluentBit?.cluster.istio === true;
  const mesh = meshPod({ istio });
  const data = nodeFolder('data', { onNode: DATA_ON_NODE, inPod: DATA_FOLDER, manifest });
  const template = podTemplate(owner, {
    manifest,
    config,
    configFolder: CONFIG_FOLDER,
    container: container(fluentBit, manifest),
    initContainers: data.initContainers,
    volumes: [...POD_LOGS.volumes, ...data.volumes, ...mesh.volumes],
    volumeMounts: [...POD_LOGS.volumeMounts, ...data.volumeMounts, ...mesh.volumeMounts],
    labels: { ...roleLabels(['logs'], 'export'), ...mesh.labels },
    annotations: mesh.annotations,
    usesApi: usesApi(access),
    priorityClassName: HIGH_PRIORITY,
    gracePeriodSeconds: 30,
    readsNode: true,
  });
  return {
    workload: WORKLOAD,
    role: 'fluent-bit',
    configHash: made.config.hash,
    config,
    objects: [
      ...accessObjects(owner, access),
      ...(config === made.config ? made.objects : []),
      metricsService(owner, METRICS),
      ...networkPolicies(owner, { otlpPorts: [], healthPort: METRICS.port, metricsPort: METRICS.port, istio }),
      daemonSet(owner, { config, template }),
    ],
  };
}

/** Everything stands below one folder of the container; what the image brings stands elsewhere and stays. */
function filesOf({ files, secretFiles, secrets, missingSecrets }: RenderedFluentBit, { fluentBit }: Topology) {
  // Where the credentials are is no secret: it stands in the Pod.
  const { AWS_SHARED_CREDENTIALS_FILE: _path, ...values } = secrets;
  const below = <T>(given: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(given).map(([path, text]) => [path.slice(CONFIG_FOLDER.length + 1), text]));
  const missing = Object.keys(missingSecrets).map((name) => [name, undefined] as const);
  return {
    files: below(files),
    secretFiles: below(
      Object.fromEntries(Object.entries(secretFiles).map(([path, { text }]) => [path, text] as const)),
    ),
    environment: { ...Object.fromEntries(missing), ...values },
    madeFrom: (fluentBit?.pipelines ?? []).map(({ name }) => `LogPipeline ${name}`),
  };
}

/** Upstream's sizes. */
function container({ secretFiles }: RenderedFluentBit, manifest: ManifestOptions) {
  const env = Object.hasOwn(secretFiles, AWS_CREDENTIALS_FILE)
    ? { env: [{ name: 'AWS_SHARED_CREDENTIALS_FILE', value: AWS_CREDENTIALS_FILE }] }
    : {};
  return {
    name: 'fluent-bit',
    ...imageOf(manifest, 'fluentBit'),
    command: ['/fluent-bit/bin/fluent-bit'],
    args: ['-c', CONFIG_FILE],
    ...env,
    ports: [{ name: 'http-metrics', containerPort: METRICS.port, protocol: 'TCP' }],
    ...probes({ port: METRICS.port, path: '/' }),
    resources: { requests: { cpu: '100m', memory: '50Mi' }, limits: { memory: '1536Mi' } },
  };
}
