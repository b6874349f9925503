import { RESOURCE_KINDS, RESOURCES } from '../../apis/index.ts';
import { isNotFound, type KubeClient, type KubeObject } from '../../kube/index.ts';
import type { Manifest } from '../../render/index.ts';
import type { Finding } from './finding.ts';
import { describeObject } from './installed-object.ts';
import { findOtherInstallations, type OtherInstallations } from './other-installations.ts';
import { checkPermissions } from './permissions.ts';
import { typeOf } from './resource-types.ts';
import { type KubernetesVersion, kubernetesVersion, OLDEST_MINOR } from './server-version.ts';
import { DEFINITION, type Definition, definitionName } from './storage-migration.ts';

export interface PreflightOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  /** What would be applied. */
  readonly manifests: readonly Manifest[];
  /** Take over what upstream's manager left. */
  readonly adopt: boolean;
}

/** Whether this cluster can be installed to; `failed` findings say why not, and what to do. Changes nothing. */
export async function preflight(options: PreflightOptions): Promise<readonly Finding[]> {
  const { client, namespace, manifests, adopt } = options;
  const version = versionFinding(await kubernetesVersion(client));
  if (version.status === 'failed') return [version];
  const permissions = await checkPermissions(client, manifests);
  // Without them the questions that follow would be refused.
  if (permissions.some(({ status }) => status === 'failed')) return [version, ...permissions];
  const others = await findOtherInstallations(client, namespace);
  return [
    version,
    ...(await clusterFindings(client, namespace)),
    ...permissions,
    ...otherFindings(others, { namespace, adopt }),
    ...(await definitionFindings(client)),
  ];
}

export function versionFinding({ major, minor, text }: KubernetesVersion): Finding {
  const isOld = major === 1 && minor < OLDEST_MINOR;
  if (!isOld) return { group: 'cluster', status: 'ok', text: `the API server answers: Kubernetes ${text}` };
  return {
    group: 'cluster',
    status: 'failed',
    text: `Kubernetes ${text} is too old: 1.${OLDEST_MINOR} or newer is needed`,
    fixes: [
      'gateways hand over to their successors during a sleep before they stop (lifecycle.preStop.sleep),',
      'which older versions do not have; data would be lost at every change. Upgrade the cluster.',
    ],
  };
}

async function clusterFindings(client: KubeClient, namespace: string): Promise<readonly Finding[]> {
  const [space, classes, gatewayApi, istio] = await Promise.all([
    client.get(typeOf('v1', 'Namespace'), { name: namespace }),
    client.list(typeOf('storage.k8s.io/v1', 'StorageClass')),
    serves(client, '/apis/gateway.networking.k8s.io/v1'),
    serves(client, '/apis/networking.istio.io/v1'),
  ]);
  const info = (text: string): Finding => ({ group: 'cluster', status: 'info', text });
  return [
    namespaceFinding(namespace, space),
    storageFinding(classes.items),
    info(
      gatewayApi
        ? 'the Gateway API is served: spec.endpoint.type GatewayAPI can be used'
        : 'no Gateway API: the endpoint is the router',
    ),
    info(istio ? 'Istio is there: its rules are made for the OTLP Services' : 'no Istio'),
  ];
}

async function serves(client: KubeClient, path: string): Promise<boolean> {
  try {
    await client.raw(path);
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

function namespaceFinding(name: string, space: KubeObject | undefined): Finding {
  if (space === undefined) return { group: 'cluster', status: 'ok', text: `namespace ${name} will be made` };
  if (space.metadata.deletionTimestamp !== undefined) {
    return {
      group: 'cluster',
      status: 'failed',
      text: `namespace ${name} is being deleted`,
      fixes: [`wait for its end:  kubectl wait --for=delete namespace/${name}`],
    };
  }
  const level = space.metadata.labels?.['pod-security.kubernetes.io/enforce'] ?? 'privileged';
  if (level === 'privileged') return { group: 'cluster', status: 'ok', text: `namespace ${name} is there` };
  return {
    group: 'cluster',
    status: 'warning',
    text: `namespace ${name} enforces Pod Security \`${level}\`, which refuses agents: they read logs through hostPath volumes`,
    fixes: [`kubectl label namespace ${name} pod-security.kubernetes.io/enforce=privileged --overwrite`],
  };
}

/** Kubernetes goes by the older name, too: pkg/apis/storage/v1/util/helpers.go. */
const DEFAULT_CLASS = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

export function storageFinding(classes: readonly KubeObject[]): Finding {
  const standard = classes.find(({ metadata }) =>
    DEFAULT_CLASS.some((name) => metadata.annotations?.[name] === 'true'),
  );
  if (standard !== undefined) {
    return {
      group: 'cluster',
      status: 'ok',
      text: `volumes for AtLeastOnce come from StorageClass ${standard.metadata.name}`,
    };
  }
  return {
    group: 'cluster',
    status: 'warning',
    text: 'there is no default StorageClass: pipelines with AtLeastOnce wait for a volume',
    fixes: [
      classes.length === 0
        ? 'install a storage provisioner, or use BestEffort'
        : `name one in spec.delivery.buffer.volume.storageClassName: ${classes.map(({ metadata }) => metadata.name).join(', ')}`,
    ],
  };
}

function otherFindings(
  others: OtherInstallations,
  { namespace, adopt }: { readonly namespace: string; readonly adopt: boolean },
): readonly Finding[] {
  const failed = (text: string, fixes: readonly string[]): Finding => ({
    group: 'other installations',
    status: 'failed',
    text,
    fixes,
  });
  const findings: Finding[] = [
    ...others.modules.map((kyma) =>
      failed(`the Kyma module telemetry is switched on in ${describeObject(kyma)}; both would write the same objects`, [
        'switch it off: take `telemetry` out of its spec.modules, and wait until Deployment telemetry-manager is gone',
        `then:  sluice cluster install --adopt`,
      ]),
    ),
    ...others.managers.map((manager) =>
      failed(`${describeObject(manager)} is Kyma's telemetry manager; both would write the same objects`, [
        `remove it:  kubectl -n ${manager.metadata.namespace} delete deployment ${manager.metadata.name}`,
        `then:  sluice cluster install --adopt`,
      ]),
    ),
    ...others.elsewhere.map((operator) =>
      failed(`Sluice is already installed in namespace ${operator.metadata.namespace}; pipelines are cluster-wide`, [
        `change that one:  sluice cluster upgrade --namespace ${operator.metadata.namespace}`,
        `or remove it:     sluice cluster uninstall --namespace ${operator.metadata.namespace}`,
      ]),
    ),
    ...(others.release === undefined
      ? []
      : [
          failed(`Sluice was installed by Helm, as release ${others.release.name}`, [
            `change it with Helm:  helm upgrade ${others.release.name} --namespace ${namespace}`,
          ]),
        ]),
  ];
  const left = [...others.definitions, ...others.webhooks, ...others.workloads];
  if (left.length > 0) findings.push(leftoverFinding(left, adopt));
  if (findings.length > 0) return findings;
  return [{ group: 'other installations', status: 'ok', text: 'no other installation of Kyma Telemetry' }];
}

function leftoverFinding(left: readonly KubeObject[], adopt: boolean): Finding {
  const names = left.map(describeObject);
  const shown = `${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`;
  if (adopt) {
    return { group: 'other installations', status: 'info', text: `will be taken over or removed: ${shown}` };
  }
  return {
    group: 'other installations',
    status: 'failed',
    text: `there are objects of another installation: ${shown}`,
    fixes: ['take them over, pipelines stay:  sluice cluster install --adopt'],
  };
}

async function definitionFindings(client: KubeClient): Promise<readonly Finding[]> {
  const found = await Promise.all(
    RESOURCE_KINDS.map(async (kind) => ({
      kind,
      definition: await client.get<Definition>(DEFINITION, { name: definitionName(kind) }),
    })),
  );
  const unreadable = found.flatMap(({ kind, definition }) => {
    const known = Object.keys(RESOURCES[kind].versions);
    const stored = (definition?.status?.storedVersions ?? []).filter((version) => !known.includes(version));
    return stored.map(
      (version): Finding => ({
        group: 'resource definitions',
        status: 'failed',
        text: `${definitionName(kind)} holds objects in version ${version}, which this Sluice does not know`,
        fixes: ['use a newer Sluice'],
      }),
    );
  });
  if (unreadable.length > 0) return unreadable;
  const present = found.filter(({ definition }) => definition !== undefined).length;
  const text =
    present === 0
      ? 'resource definitions are absent'
      : `resource definitions are compatible (${present} of ${found.length} are there)`;
  return [{ group: 'resource definitions', status: 'ok', text }];
}
