import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Condition, KubeClient, KubeObject } from '../../../kube/index.ts';
import type { RunPlan } from '../../run.ts';
import { pipelineOf } from '../manifests.ts';
import {
  COMPONENT,
  DEPLOYMENTS,
  NODES,
  OF_SLUICE,
  PIPELINES,
  SERVICES,
  STORAGE_CLASSES,
  TELEMETRIES,
} from './kinds.ts';

/** Pipelines with it are the lab's: what an earlier run left may go. */
const LAB = { 'telemetry.kyma-project.io/lab': 'true' } as const;
const LAB_SELECTOR = 'telemetry.kyma-project.io/lab=true';
const FIELD_MANAGER = 'sluice-lab';
const TELEMETRY = 'default';
const ENDPOINT = 'telemetry-otlp';
const MIB = 2 ** 20;
const GIVE_UP = 'telemetry.kyma-project.io/give-up-backlogs';
const IS_DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';

/** Where Sluice is installed. Rejects with what to do where it is not. */
export async function namespaceOfSluice(client: KubeClient): Promise<string> {
  const { items } = await client.list(DEPLOYMENTS, { labelSelector: `${OF_SLUICE},${COMPONENT}=operator` });
  const namespace = items[0]?.metadata.namespace;
  if (namespace !== undefined) return namespace;
  throw new Error('Sluice is not installed in this cluster; do it first: sluice cluster install');
}

/** The address of this machine that a node of the cluster reaches, and so do its Pods. */
export async function addressForPods(client: KubeClient): Promise<string> {
  const { items } = await client.list<Node>(NODES);
  const node = items[0]?.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
  if (node === undefined) throw new Error('the cluster has no node; the lab needs one that is this machine');
  const socket = createSocket(node.includes(':') ? 'udp6' : 'udp4');
  try {
    // Nothing is sent: it only makes the system choose the address to send from.
    socket.connect(9, node);
    await once(socket, 'connect');
    return socket.address().address;
  } finally {
    socket.close();
  }
}

/** The address of the single endpoint's Service; undefined until there is one. */
export async function endpointOf(client: KubeClient, namespace: string): Promise<string | undefined> {
  return (await client.get<Service>(SERVICES, { namespace, name: ENDPOINT }))?.spec.clusterIP;
}

export async function hasDefaultStorageClass(client: KubeClient): Promise<boolean> {
  const { items } = await client.list(STORAGE_CLASSES);
  return items.some(({ metadata }) => metadata.annotations?.[IS_DEFAULT_CLASS] === 'true');
}

/** Rejects where pipelines are in the cluster that are not the lab's: it changes the Telemetry resource that all of them share. */
export async function refuseOthers(client: KubeClient): Promise<void> {
  for (const type of Object.values(PIPELINES)) {
    const { items } = await client.list(type, { labelSelector: `!${Object.keys(LAB)[0]}` });
    const [other] = items;
    if (other !== undefined)
      throw new Error(
        `the cluster has ${type.kind}/${other.metadata.name}, which is not the lab's; use one for the lab alone`,
      );
  }
}

export interface PipelinesOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly plan: RunPlan;
  readonly delivery: unknown;
  /** Of the backends, as Pods reach it. */
  readonly host: string;
  portOf(backend: string): number;
}

/** The resources of a run: a pipeline for each backend, and what the Telemetry resource has to say meanwhile. */
export class PipelinesOfRun {
  readonly #options: PipelinesOptions;
  #before: KubeObject | undefined;

  constructor(options: PipelinesOptions) {
    this.#options = options;
  }

  async apply(): Promise<void> {
    const { client, plan, delivery, host, portOf } = this.#options;
    this.#before = await this.#telemetry();
    await this.#writeTelemetry({ spec: telemetrySpec(plan), annotations: {} });
    for (const backend of plan.backends) {
      const pipeline = pipelineOf(backend, { delivery, host, port: portOf(backend.name) });
      const metadata = { ...pipeline.metadata, labels: LAB };
      await client.apply(PIPELINES[backend.signal], { ...pipeline, metadata }, { fieldManager: FIELD_MANAGER });
    }
  }

  /** Whether the operator has made configurations of all. Rejects with what it says when it refuses one. */
  async areTaken(): Promise<boolean> {
    const { client, plan } = this.#options;
    const pipelines = await Promise.all(
      plan.backends.map(({ name, signal }) => client.get<Pipeline>(PIPELINES[signal], { name })),
    );
    const told = pipelines.map((one) => one?.status?.conditions?.find(({ type }) => type === 'ConfigurationGenerated'));
    const refused = told.find((one) => one?.status === 'False');
    if (refused !== undefined) throw new Error(`Sluice refuses a pipeline of the plan: ${refused.message}`);
    return told.every((one) => one?.status === 'True');
  }

  /** A change that a user could make to every pipeline and that changes no data: one more header. */
  async change(): Promise<void> {
    const { client, plan } = this.#options;
    const patch = { spec: { output: { otlp: { headers: [{ name: 'x-changed', value: 'yes' }] } } } };
    for (const { name, signal } of plan.backends) await client.mergePatch(PIPELINES[signal], { name }, patch);
  }

  /** Begins to remove them; what these workloads still hold is given up. */
  async remove(workloads: readonly string[]): Promise<void> {
    await removePipelines(this.#options.client);
    const names = workloads.map((name) => name.replace(/^telemetry-/, ''));
    const { plan } = this.#options;
    await this.#writeTelemetry({ spec: telemetrySpec(plan), annotations: { [GIVE_UP]: names.join(',') } });
  }

  /** The Telemetry resource as it was. */
  async restore(): Promise<void> {
    const { client, namespace } = this.#options;
    const before = this.#before;
    if (before === undefined) await client.delete(TELEMETRIES, { namespace, name: TELEMETRY });
    else await this.#writeTelemetry({ spec: before['spec'] ?? {}, annotations: before.metadata.annotations ?? {} });
  }

  #telemetry(): Promise<KubeObject | undefined> {
    const { client, namespace } = this.#options;
    return client.get(TELEMETRIES, { namespace, name: TELEMETRY });
  }

  async #writeTelemetry({
    spec,
    annotations,
  }: {
    readonly spec: unknown;
    readonly annotations: object;
  }): Promise<void> {
    const { client, namespace } = this.#options;
    const now = await this.#telemetry();
    if (now === undefined) {
      const { group, version, kind } = TELEMETRIES;
      const metadata = { name: TELEMETRY, namespace, annotations };
      await client.create(TELEMETRIES, { apiVersion: `${group}/${version}`, kind, metadata, spec } as KubeObject);
      return;
    }
    // The operator writes its finalizer and its status: of the version read a moment ago, or not at all.
    await client.update(TELEMETRIES, { ...now, metadata: { ...now.metadata, annotations }, spec } as KubeObject);
  }
}

/** All of the lab, whatever run they are of. */
export async function removePipelines(client: KubeClient): Promise<void> {
  for (const type of Object.values(PIPELINES)) {
    const { items } = await client.list(type, { labelSelector: LAB_SELECTOR });
    for (const { metadata } of items) await client.delete(type, { name: metadata.name });
  }
}

function telemetrySpec({ runner, topology, replicas, memoryBytes }: RunPlan): unknown {
  const gateway = {
    memory: `${Math.floor(memoryBytes / MIB)}Mi`,
    scaling: { type: 'Static', static: { replicas } },
  };
  return {
    topology: { type: topology },
    collector: { distribution: runner === 'engine' ? 'sluice' : 'otelcol' },
    // A gateway that signals share is as large as the largest of theirs, whether there are pipelines of them or not.
    ...{ trace: { gateway }, metric: { gateway }, log: { gateway } },
  };
}

interface Node extends KubeObject {
  readonly status?: { readonly addresses?: readonly { readonly type: string; readonly address: string }[] };
}

interface Service extends KubeObject {
  readonly spec: { readonly clusterIP?: string };
}

interface Pipeline extends KubeObject {
  readonly status?: { readonly conditions?: readonly Condition[] };
}
