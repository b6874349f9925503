import { componentType } from '../../otelcol/index.ts';
import type { Agent } from '../../topology/index.ts';
import { renderedYaml } from '../otelcol/rendered-yaml.ts';
import { accessOf, usesApi } from './access.ts';
import { accessObjects } from './access-objects.ts';
import type { ManifestOptions, WorkloadObjects } from './cluster-objects.ts';
import { CONFIG_FOLDER, collectorContainer, FLUSH_SECONDS, HEALTH_PORT, METRICS_PORT } from './collector-container.ts';
import { daemonSet } from './daemon-set.ts';
import { type CollectorRendering, collectorConfig, quarantine } from './gateway-objects.ts';
import { meshPod } from './istio.ts';
import { MAY_SCRAPE, type ObjectOwner, objectName, roleLabels } from './labels.ts';
import { networkPolicies } from './network-policies.ts';
import { type NodeFolder, nodeFolder, POD_LOGS } from './node-folder.ts';
import { HIGH_PRIORITY, podTemplate } from './pod.ts';
import { metricsService } from './services.ts';

/** Everything of an agent: a DaemonSet. */
export function agentObjects(
  agent: Agent,
  { rendered, manifest }: Omit<CollectorRendering, 'topology'>,
): WorkloadObjects {
  const { name, role, cluster } = agent;
  const owner: ObjectOwner = { namespace: manifest.namespace, workload: name, role };
  const text = renderedYaml(rendered, { sourceMap: false });
  const made = collectorConfig(owner, { rendered, text, manifest });
  const config = manifest.pinned?.[name] ?? made.config;
  const access = accessOf(rendered.config, manifest);
  const mesh = meshPod(cluster, { certificates: role === 'metric-agent' });
  const folder = ownFolder(agent, { rendered, manifest });
  const logs = role === 'log-agent' ? POD_LOGS : { volumes: [], volumeMounts: [] };
  const template = podTemplate(owner, {
    manifest,
    config,
    configFolder: CONFIG_FOLDER,
    container: collectorContainer(agent, {
      manifest,
      otlpPorts: [],
      configuration: text,
      featureGates: rendered.featureGates,
    }),
    initContainers: folder.initContainers,
    volumes: [...logs.volumes, ...folder.volumes, ...mesh.volumes],
    volumeMounts: [...logs.volumeMounts, ...folder.volumeMounts, ...mesh.volumeMounts],
    labels: { ...agentLabels(agent), ...mesh.labels },
    annotations: mesh.annotations,
    usesApi: usesApi(access),
    priorityClassName: HIGH_PRIORITY,
    gracePeriodSeconds: FLUSH_SECONDS + 15,
    readsNode: folder.volumes.length > 0 || logs.volumes.length > 0,
  });
  return {
    workload: name,
    role,
    configHash: made.config.hash,
    config,
    objects: [
      ...accessObjects(owner, access),
      ...(config === made.config ? made.objects : []),
      metricsService(owner, { port: METRICS_PORT, path: '/metrics' }),
      ...networkPolicies(owner, {
        otlpPorts: [],
        healthPort: HEALTH_PORT,
        metricsPort: METRICS_PORT,
        istio: cluster.istio,
      }),
      daemonSet(owner, { config, template }),
    ],
  };
}

/** A metric agent may read metrics of others' Pods, as upstream's labels say it. */
function agentLabels({ role }: Agent): Readonly<Record<string, string>> {
  if (role === 'log-agent') return roleLabels(['logs'], 'export');
  return { ...roleLabels(['metrics'], 'export'), ...MAY_SCRAPE, 'telemetry.kyma-project.io/metric-scrape': 'true' };
}

const NO_FOLDER: NodeFolder = { volumes: [], volumeMounts: [], initContainers: [] };

/** What an agent keeps on its node: how far it has read, and queues on disk. */
function ownFolder(
  { name }: Agent,
  { rendered, manifest }: { readonly rendered: CollectorRendering['rendered']; readonly manifest: ManifestOptions },
): NodeFolder {
  const ids = Object.keys(rendered.config.extensions) as Parameters<typeof componentType>[0][];
  if (!ids.some((id) => componentType(id) === 'file_storage')) return NO_FOLDER;
  const path = `/var/lib/${objectName(name)}`;
  const folder = nodeFolder('state', { onNode: path, inPod: path, manifest });
  const check = quarantine(manifest, [{ name: 'state', mountPath: path }]);
  return { ...folder, initContainers: [...folder.initContainers, check] };
}
