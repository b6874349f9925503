import { describe, expect, it } from 'vitest';
import {
  type AccessRule,
  WEBHOOK_SERVICE as INSTALLED_SERVICE,
  type Manifest,
  mostAccess,
  WEBHOOK_PORT,
} from '../../render/index.ts';
import { WEBHOOK_SERVICE, WEBHOOK_SERVICE_PORT } from '../webhooks/webhook-options.ts';
import { isTelemetryFinalizer } from './finalizers.ts';
import { installBundle } from './install-bundle.ts';
import { storageFinding, versionFinding } from './preflight.ts';
import { typeOfObject } from './resource-types.ts';

const bundle = installBundle({ version: '1.2.3', namespace: 'telemetry' });
const find = (kind: string, name = 'telemetry-operator') =>
  bundle.find((manifest) => manifest.kind === kind && manifest.metadata.name === name)!;
const rulesOf = (manifest: Manifest) => manifest['rules'] as readonly AccessRule[];

describe('an installation', () => {
  it('is of kinds that can be applied, each object once, and all of it in one namespace', () => {
    for (const manifest of bundle)
      expect(typeOfObject(manifest).namespaced).toBe(manifest.metadata.namespace !== undefined);
    const names = bundle.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(bundle.flatMap(({ metadata: { namespace } }) => namespace ?? []))).toEqual(new Set(['telemetry']));
  });

  it('brings what is needed before what needs it', () => {
    const order = [...new Set(bundle.map(({ kind }) => kind))];
    const isBefore = (a: string, b: string) => expect([a, order.indexOf(a) < order.indexOf(b)]).toEqual([a, true]);
    isBefore('Namespace', 'ServiceAccount');
    isBefore('CustomResourceDefinition', 'Telemetry');
    for (const kind of ['PriorityClass', 'ServiceAccount', 'RoleBinding', 'ClusterRoleBinding'])
      isBefore(kind, 'Deployment');
    isBefore('Deployment', 'ValidatingWebhookConfiguration');
  });

  it('grants nothing by a wildcard, and no way to more', () => {
    const rules = bundle.filter(({ kind }) => /Role$/.test(kind)).flatMap(rulesOf);
    expect(rules.length).toBeGreaterThan(10);
    for (const { apiGroups, resources, verbs } of rules) {
      for (const word of [...apiGroups, ...resources, ...verbs]) expect(word).not.toContain('*');
      for (const verb of ['escalate', 'bind', 'impersonate', 'deletecollection'])
        if (!resources.some((resource) => resource.endsWith('pipelines') || resource === 'telemetries'))
          expect(verbs).not.toContain(verb);
    }
    const secrets = rulesOf(find('ClusterRole')).filter(({ resources }) => resources.includes('secrets'));
    expect(secrets.flatMap(({ verbs }) => verbs)).toEqual(['get', 'list', 'watch']);
  });

  it.each([30, 33])('lets the operator grant all that workloads may get (Kubernetes 1.%i)', (kubernetesMinor) => {
    const role = installBundle({ version: '1', kubernetesMinor }).find(
      ({ kind, metadata }) => kind === 'ClusterRole' && metadata.name === 'telemetry-operator',
    )!;
    const missing = mostAccess({ kubernetesMinor }).flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) =>
          verbs
            .filter(
              (verb) =>
                !rulesOf(role).some(
                  (held) =>
                    held.resourceNames === undefined &&
                    held.apiGroups.includes(group) &&
                    held.resources.includes(resource) &&
                    held.verbs.includes(verb),
                ),
            )
            .map((verb) => `${verb} ${group}/${resource}`),
        ),
      ),
    );
    expect(missing).toEqual([]);
  });

  it('leads from definitions and webhooks to the operator, by the names that the webhooks have', () => {
    expect(INSTALLED_SERVICE).toBe(WEBHOOK_SERVICE);
    const service = find('Service', WEBHOOK_SERVICE)['spec'] as {
      readonly ports: readonly { readonly port: number; readonly targetPort: string }[];
    };
    expect(service.ports).toMatchObject([{ port: WEBHOOK_SERVICE_PORT, targetPort: 'webhooks' }]);
    const { containers } = (find('Deployment')['spec'] as { template: { spec: { containers: { ports: unknown }[] } } })
      .template.spec;
    expect(containers[0]!.ports).toContainEqual({ name: 'webhooks', containerPort: WEBHOOK_PORT, protocol: 'TCP' });
    const text = JSON.stringify(bundle.filter(({ kind }) => /Definition|Webhook/.test(kind)));
    expect(new Set(text.match(/"service":\{[^}]*\}/g)?.map((one) => JSON.parse(`{${one}}`).service.namespace))).toEqual(
      new Set(['telemetry']),
    );
  });

  it('serves webhooks on addresses of either family, and until the API server knows that a Pod goes', () => {
    const { spec } = (
      find('Deployment')['spec'] as {
        template: { spec: { terminationGracePeriodSeconds: number; containers: [Readonly<Record<string, unknown>>] } };
      }
    ).template;
    const [{ args, lifecycle }] = spec.containers;
    expect(args).toEqual(['operator', '--webhooks=:9443', '--metrics=:8080']);
    const { preStop } = lifecycle as { readonly preStop: { readonly sleep: { readonly seconds: number } } };
    expect(preStop.sleep.seconds).toBeGreaterThanOrEqual(5);
    expect(preStop.sleep.seconds).toBeLessThanOrEqual(spec.terminationGracePeriodSeconds - 15);
  });

  it('meets the restricted level of Pod Security in all that the operator itself is', () => {
    const { spec } = (find('Deployment')['spec'] as { template: { spec: Readonly<Record<string, unknown>> } }).template;
    expect(spec['securityContext']).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(spec['volumes']).toBeUndefined();
    expect((spec['containers'] as readonly object[])[0]).toMatchObject({
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      },
    });
  });
});

describe('a version of Kubernetes', () => {
  it.each([
    ['ok', 1, 30, 'v1.30.0'],
    ['ok', 1, 35, 'v1.35.4'],
    ['failed', 1, 29, 'v1.29.14'],
  ])('is %s: %i.%i', (status, major, minor, text) => {
    expect(versionFinding({ major, minor, text })).toMatchObject({ status, text: expect.stringContaining(text) });
  });
});

describe('the storage of a cluster', () => {
  const classOf = (name: string, annotations: Readonly<Record<string, string>>) => ({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name, annotations },
  });

  it.each(['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class'])(
    'has a default that %s names',
    (annotation) => {
      const found = storageFinding([classOf('slow', {}), classOf('fast', { [annotation]: 'true' })]);
      expect(found).toMatchObject({ status: 'ok', text: expect.stringContaining('StorageClass fast') });
    },
  );

  it('has no default where none is named', () => {
    expect(storageFinding([classOf('slow', {})])).toMatchObject({ status: 'warning' });
  });
});

describe('a finalizer', () => {
  it.each([
    ['telemetry.kyma-project.io/finalizer', true],
    ['operator.kyma-project.io/anything', true],
    ['FLUENT_BIT_FILES', true],
    ['kubernetes.io/pvc-protection', false],
    ['foregroundDeletion', false],
    ['telemetry.kyma-project.io.example.com/x', false],
  ])('%s: nobody but an operator of telemetry takes it off: %s', (finalizer, is) => {
    expect(isTelemetryFinalizer(finalizer)).toBe(is);
  });
});
