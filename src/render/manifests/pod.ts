import { type MemoryBudget, neededBytes } from '../../topology/index.ts';
import type { PRIORITY_CLASSES } from '../install/names.ts';
import type { ManifestOptions } from './cluster-objects.ts';
import type { ObjectOwner } from './labels.ts';
import { labelsOf, objectName, podSelector } from './labels.ts';
import type { MountedConfig } from './mounted-config.ts';
import { JOIN_PARTS } from './pod-scripts.ts';

/** A part of a Pod, as the API has it. */
export type PodPart = Readonly<Record<string, unknown>>;

/** What tells one Pod from another; everything else is the same for all. */
export interface PodOptions {
  readonly manifest: ManifestOptions;
  readonly config: MountedConfig;
  /** Where the container has its configuration. */
  readonly configFolder: string;
  readonly container: PodPart;
  readonly initContainers?: readonly PodPart[];
  readonly volumes?: readonly PodPart[];
  readonly volumeMounts?: readonly PodPart[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** It asks the API server. */
  readonly usesApi: boolean;
  readonly priorityClassName: string;
  /** From the order to end on; more than what it waits and flushes. */
  readonly gracePeriodSeconds: number;
  /** Reads files that belong to root, by its group. */
  readonly readsNode?: boolean;
  readonly fields?: PodPart;
}

/** Upstream's class for what is on every node, where nothing can take its place. */
export const HIGH_PRIORITY = 'telemetry-priority-class-high' satisfies keyof typeof PRIORITY_CLASSES;

/** Upstream's class for everything else. */
export const NORMAL_PRIORITY = 'telemetry-priority-class' satisfies keyof typeof PRIORITY_CLASSES;

/** Nobody in particular; upstream's. */
const USER = 10001;

const RESTRICTED = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  privileged: false,
  readOnlyRootFilesystem: true,
} as const;

/** The template of a workload's Pods: `restricted` Pod Security but for folders of the node. */
export function podTemplate(owner: ObjectOwner, options: PodOptions): PodPart {
  const { annotations = {}, initContainers = [], volumes = [], volumeMounts = [], readsNode = false } = options;
  const { container, config, configFolder, fields = {} } = options;
  const { imagePullSecrets = [] } = options.manifest;
  const configuration = configVolumes(options);
  const inits = [...configuration.initContainers, ...initContainers];
  const all = {
    ...container,
    envFrom: config.environment.map((name) => ({ secretRef: { name } })),
    securityContext: RESTRICTED,
    volumeMounts: [{ name: 'configuration', mountPath: configFolder, readOnly: true }, ...volumeMounts],
    terminationMessagePolicy: 'FallbackToLogsOnError',
  };
  return {
    metadata: { labels: { ...labelsOf(owner), ...options.labels }, ...(isEmpty(annotations) ? {} : { annotations }) },
    spec: {
      serviceAccountName: objectName(owner.workload),
      automountServiceAccountToken: options.usesApi,
      // Variables of every Service of the namespace would be in the way of what a configuration refers to.
      enableServiceLinks: false,
      priorityClassName: options.priorityClassName,
      ...(imagePullSecrets.length === 0 ? {} : { imagePullSecrets: imagePullSecrets.map((name) => ({ name })) }),
      terminationGracePeriodSeconds: options.gracePeriodSeconds,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: USER,
        runAsGroup: readsNode ? 0 : USER,
        seccompProfile: { type: 'RuntimeDefault' },
        ...(readsNode ? {} : { fsGroup: USER, fsGroupChangePolicy: 'OnRootMismatch' }),
      },
      ...(inits.length === 0 ? {} : { initContainers: inits }),
      containers: [all],
      volumes: [...configuration.volumes, ...volumes],
      ...fields,
    },
  };
}

function configVolumes({ config, manifest, readsNode = false }: PodOptions) {
  const sources = config.files.map(({ kind, name, items }) => ({
    [kind === 'Secret' ? 'secret' : 'configMap']: { name, items },
  }));
  const projected = { sources, defaultMode: readsNode ? 0o440 : 0o444 };
  if (!config.inParts) return { volumes: [{ name: 'configuration', projected }], initContainers: [] };
  return {
    // In memory, as secrets are where they come from.
    volumes: [
      { name: 'configuration', emptyDir: { medium: 'Memory' } },
      { name: 'parts', projected },
    ],
    initContainers: [
      scriptContainer('join-configuration', {
        manifest,
        script: JOIN_PARTS,
        folders: ['/parts', '/joined'],
        volumeMounts: [
          { name: 'parts', mountPath: '/parts', readOnly: true },
          { name: 'configuration', mountPath: '/joined' },
        ],
      }),
    ],
  };
}

/** An init container that runs a program of Sluice's own. */
export function scriptContainer(
  name: string,
  options: {
    readonly manifest: ManifestOptions;
    readonly script: string;
    readonly folders: readonly string[];
    readonly volumeMounts: readonly PodPart[];
    readonly securityContext?: PodPart;
  },
): PodPart {
  const { manifest, script, folders, volumeMounts, securityContext = {} } = options;
  return {
    name,
    ...imageOf(manifest, 'sluice'),
    command: ['node', '-e', script.trim(), ...folders],
    resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '256Mi' } },
    securityContext: { ...RESTRICTED, ...securityContext },
    volumeMounts,
    terminationMessagePolicy: 'FallbackToLogsOnError',
  };
}

export function imageOf(
  { images, imagePullPolicy = 'IfNotPresent' }: ManifestOptions,
  program: keyof ManifestOptions['images'],
): PodPart {
  return { image: images[program], imagePullPolicy };
}

/** Over nodes and zones as evenly as there is room; of one revision, so that an update does not end lopsided. */
export function spread(
  workload: string,
  revision: 'pod-template-hash' | 'controller-revision-hash',
): readonly PodPart[] {
  return ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: podSelector(workload) },
    matchLabelKeys: [revision],
  }));
}

const MIB = 1024 * 1024;

/**
 * What takes the data of many is given all its memory from the start. What there are many of, a dispatcher for each pipeline
 * and an agent on each node, is given what full queues take, and may grow to the limit.
 */
export function resourcesOf(
  budget: MemoryBudget,
  { cpu, memory }: { readonly cpu: string; readonly memory: 'limit' | 'budget' },
): PodPart {
  const { capBytes, softLimitBytes } = budget;
  const needed = neededBytes(budget) * (capBytes / softLimitBytes);
  const request = memory === 'limit' ? capBytes : Math.min(capBytes, Math.ceil(needed / MIB) * MIB);
  return { requests: { cpu, memory: quantity(request) }, limits: { memory: quantity(capBytes) } };
}

/** Bytes as Kubernetes writes them itself, so that what is read back is what was written. */
export function quantity(bytes: number): string {
  const units = ['', 'Ki', 'Mi', 'Gi', 'Ti'];
  let [value, unit] = [Math.floor(bytes), 0];
  while (value !== 0 && value % 1024 === 0 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value}${units[unit]}`;
}

/** Go's collector works harder in front of this, so that peaks do not end at the limit. */
export function goMemoryLimit({ capBytes }: MemoryBudget): string {
  return `${Math.floor((capBytes * 0.8) / MIB)}MiB`;
}

function isEmpty(record: Readonly<Record<string, string>>): boolean {
  return Object.keys(record).length === 0;
}
