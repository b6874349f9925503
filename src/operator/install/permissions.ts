import type { KubeClient, KubeObject, ResourceType } from '../../kube/index.ts';
import type { Manifest } from '../../render/index.ts';
import type { Finding } from './finding.ts';
import { typeOfObject } from './resource-types.ts';

interface Review extends KubeObject {
  readonly status?: { readonly allowed: boolean };
}

const REVIEW: ResourceType = {
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectAccessReview',
  plural: 'selfsubjectaccessreviews',
  namespaced: false,
};

/** Server-side apply creates and patches; the rest is for waiting and for removing. */
const VERBS = ['create', 'patch', 'get', 'list', 'delete'] as const;

/** Whether this user may install: asked of the API server for every kind of object. */
export async function checkPermissions(
  client: KubeClient,
  manifests: readonly Manifest[],
): Promise<readonly Finding[]> {
  const questions = new Map<string, { readonly type: ResourceType; readonly namespace: string | undefined }>();
  for (const manifest of manifests) {
    questions.set(manifest.kind, { type: typeOfObject(manifest), namespace: manifest.metadata.namespace });
  }
  const answers = await Promise.all(
    [...questions.values()].flatMap(({ type, namespace }) =>
      VERBS.map(async (verb) => ({ type, verb, allowed: await mayI(client, { type, verb, namespace }) })),
    ),
  );
  const refused = answers.filter(({ allowed }) => !allowed);
  if (refused.length === 0)
    return [{ group: 'permissions', status: 'ok', text: 'this user may install' }, ...(await grants(client))];
  const kinds = [...new Set(refused.map(({ type }) => type.plural))];
  return kinds.map((plural) => {
    const verbs = refused.filter(({ type }) => type.plural === plural).map(({ verb }) => verb);
    return {
      group: 'permissions',
      status: 'failed',
      text: `this user may not ${verbs.join(', ')} ${plural}`,
      fixes: ['install as somebody who may: cluster-admin, for example'],
    };
  });
}

/** Without `escalate`, RBAC compares what is granted with what the granter holds, object by object. */
async function grants(client: KubeClient): Promise<readonly Finding[]> {
  const type = {
    group: 'rbac.authorization.k8s.io',
    version: 'v1',
    kind: 'ClusterRole',
    plural: 'clusterroles',
    namespaced: false,
  };
  if (await mayI(client, { type, verb: 'escalate', namespace: undefined })) return [];
  return [
    {
      group: 'permissions',
      status: 'warning',
      text: 'this user may grant only what it holds itself; the operator needs more than most have',
      fixes: ['what the operator gets:  sluice cluster install --export rbac'],
    },
  ];
}

async function mayI(
  client: KubeClient,
  {
    type,
    verb,
    namespace,
  }: { readonly type: ResourceType; readonly verb: string; readonly namespace: string | undefined },
): Promise<boolean> {
  const review = await client.create<Review>(REVIEW, {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    // It is answered and not kept, so it has no name.
    metadata: {} as KubeObject['metadata'],
    spec: {
      resourceAttributes: {
        group: type.group,
        resource: type.plural,
        verb,
        ...(type.namespaced && namespace !== undefined ? { namespace } : {}),
      },
    },
  });
  return review.status?.allowed === true;
}
