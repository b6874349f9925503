import { RESOURCE_KINDS, RESOURCES, type ResourceKind } from '../../apis/index.ts';
import type { KubeClient, KubeObject } from '../../kube/index.ts';
import { OPERATOR, OWNER_LABELS } from '../../render/index.ts';
import { MUTATING_CONFIGURATION, VALIDATING_CONFIGURATION } from '../webhooks/webhook-options.ts';
import type { Finding } from './finding.ts';
import { describeObject, selectorOf } from './installed-object.ts';
import { DEPLOYMENT, operatorLacks } from './readiness.ts';
import { typeOf } from './resource-types.ts';
import { DEFINITION, type Definition, definitionName, storedType } from './storage-migration.ts';

/** Whether what is installed is there, complete and ready. Changes nothing. */
export async function checkInstallation(client: KubeClient, namespace: string): Promise<readonly Finding[]> {
  const definitions = await definitionFindings(client);
  const operator = await operatorFindings(client, namespace);
  const isComplete = [...definitions, ...operator].every(({ status }) => status !== 'failed');
  return [
    ...definitions,
    ...operator,
    ...(await workloadFindings(client, namespace)),
    ...(isComplete ? await pipelineFindings(client, namespace) : []),
  ];
}

async function definitionFindings(client: KubeClient): Promise<readonly Finding[]> {
  const missing: string[] = [];
  for (const kind of RESOURCE_KINDS) {
    const name = definitionName(kind);
    if ((await client.get<Definition>(DEFINITION, { name })) === undefined) missing.push(name);
  }
  if (missing.length === 0) {
    return [{ group: 'resource definitions', status: 'ok', text: `all ${RESOURCE_KINDS.length} are there` }];
  }
  return [
    {
      group: 'resource definitions',
      status: 'failed',
      text: `missing: ${missing.join(', ')}`,
      fixes: ['sluice cluster install'],
    },
  ];
}

async function operatorFindings(client: KubeClient, namespace: string): Promise<readonly Finding[]> {
  const lacking = await operatorLacks(client, namespace);
  const isThere = (await client.get(DEPLOYMENT, { namespace, name: OPERATOR })) !== undefined;
  const operator: Finding =
    lacking === undefined
      ? { group: 'operator', status: 'ok', text: `Deployment ${namespace}/${OPERATOR} is ready` }
      : {
          group: 'operator',
          status: 'failed',
          text: lacking,
          fixes: [isThere ? `kubectl -n ${namespace} describe deployment ${OPERATOR}` : 'sluice cluster install'],
        };
  return [operator, ...(await webhookFindings(client, isThere ? 'sluice cluster upgrade' : 'sluice cluster install'))];
}

interface WebhookConfiguration extends KubeObject {
  readonly webhooks?: readonly { readonly clientConfig: { readonly caBundle?: string } }[];
}

/** Without its CA the API server cannot call a webhook. `repair`: the verb that brings one that is missing. */
async function webhookFindings(client: KubeClient, repair: string): Promise<readonly Finding[]> {
  const wanted = [
    { kind: 'ValidatingWebhookConfiguration', name: VALIDATING_CONFIGURATION },
    { kind: 'MutatingWebhookConfiguration', name: MUTATING_CONFIGURATION },
  ] as const;
  return Promise.all(
    wanted.map(async ({ kind, name }): Promise<Finding> => {
      const found = await client.get<WebhookConfiguration>(typeOf('admissionregistration.k8s.io/v1', kind), { name });
      if (found === undefined) {
        return {
          group: 'operator',
          status: 'failed',
          text: `${kind} ${name} is missing`,
          fixes: [repair],
        };
      }
      const bare = (found.webhooks ?? []).filter(({ clientConfig }) => !clientConfig.caBundle);
      if (bare.length === 0) return { group: 'operator', status: 'ok', text: `${kind} has its certificate` };
      return {
        group: 'operator',
        status: 'warning',
        text: `${kind} ${name} has no CA yet: mistakes are found by the operator, not when they are applied`,
        fixes: ['the operator sets it when it runs'],
      };
    }),
  );
}

interface Workload extends KubeObject {
  readonly spec?: { readonly replicas?: number };
  readonly status?: {
    readonly readyReplicas?: number;
    readonly desiredNumberScheduled?: number;
    readonly numberReady?: number;
  };
}

async function workloadFindings(client: KubeClient, namespace: string): Promise<readonly Finding[]> {
  const found = await Promise.all(
    (['Deployment', 'StatefulSet', 'DaemonSet'] as const).map(async (kind) => {
      const { items } = await client.list<Workload>(typeOf('apps/v1', kind), {
        namespace,
        labelSelector: selectorOf(OWNER_LABELS),
      });
      return items.map((item) => ({ ...item, kind }));
    }),
  );
  return found
    .flat()
    .filter(({ metadata }) => metadata.name !== OPERATOR)
    .map((workload): Finding => {
      const { spec, status = {} } = workload;
      const wanted = status.desiredNumberScheduled ?? spec?.replicas ?? 1;
      const ready = status.numberReady ?? status.readyReplicas ?? 0;
      const name = describeObject(workload);
      if (ready >= wanted)
        return { group: 'workloads', status: 'ok', text: `${name}: ${ready} of ${wanted} Pods are ready` };
      return {
        group: 'workloads',
        status: 'failed',
        text: `${name}: ${ready} of ${wanted} Pods are ready`,
        fixes: [`kubectl -n ${namespace} get pods`],
      };
    });
}

interface Reported extends KubeObject {
  readonly status?: {
    readonly state?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason: string;
      readonly message?: string;
    }[];
  };
}

async function pipelineFindings(client: KubeClient, namespace: string): Promise<readonly Finding[]> {
  const found = await Promise.all(
    RESOURCE_KINDS.map(async (kind) =>
      (
        await client.list<Reported>(storedType(kind), RESOURCES[kind].scope === 'Namespaced' ? { namespace } : {})
      ).items.map((item) => pipelineFinding(kind, item)),
    ),
  );
  return found.flat();
}

function pipelineFinding(kind: ResourceKind, { metadata, status }: Reported): Finding {
  const name = `${kind} ${metadata.name}`;
  if (kind === 'Telemetry') {
    const state = status?.state;
    return {
      group: 'pipelines',
      status: state === 'Warning' ? 'warning' : 'ok',
      text: `${name} is ${state ?? 'not judged yet'}`,
    };
  }
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.status === 'True') return { group: 'pipelines', status: 'ok', text: `${name} is Ready` };
  if (ready === undefined)
    return { group: 'pipelines', status: kind === 'LogParser' ? 'ok' : 'warning', text: `${name} is not judged yet` };
  return {
    group: 'pipelines',
    status: 'warning',
    text: `${name}: ${ready.reason}${ready.message === undefined ? '' : `: ${ready.message}`}`,
    fixes: [`sluice explain ${ready.reason}`],
  };
}
