import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { requirePeer } from '../../testbed/index.ts';
import { type ControlPlane, requireControlPlane, startControlPlane } from '../testkit/control-plane.ts';
import { startProcess } from '../testkit/process.ts';
import { createHome, type Home, runSluice } from '../testkit/sluice.ts';
import { type ReadyPods, startReadyPods } from './cluster-state.ts';

const peer = requireControlPlane();
const programs = requirePeer('kubernetes');
const helmPeer = requirePeer('helm');
const missing = [programs, helmPeer, peer].find(({ status }) => status === 'missing');
const skipNote = missing?.status === 'missing' ? ` (skipped: ${missing.reason})` : '';

const CONFIG = join(import.meta.dirname, '../../config');
const CHART = join(CONFIG, 'chart');

interface Manifest {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  // biome-ignore lint/suspicious/noExplicitAny: tests look at fields of many kinds
  readonly [field: string]: any;
}

const documents = (text: string) =>
  parseAllDocuments(text)
    .map((document) => document.toJS() as Manifest | null)
    .filter((one) => one !== null);

const nameOf = ({ kind, metadata }: Manifest) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
const sorted = (manifests: readonly Manifest[]) => [...manifests].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));

async function output(command: string, args: readonly string[]): Promise<string> {
  const running = await startProcess(command, args);
  const { code } = await running.exited;
  if (code !== 0)
    throw new Error(`${command} ${args.join(' ')} ended with ${code}: ${running.stderr()}${running.stdout()}`);
  return running.stdout();
}

describe.skipIf(missing !== undefined)(`the same installation in every form${skipNote}`, () => {
  let home: Home;
  let exported: readonly Manifest[];
  beforeAll(async () => {
    home = createHome();
    exported = documents((await runSluice(home, ['cluster', 'install', '--export'])).stdout);
  });
  afterAll(() => home?.remove());

  const pathOf = (state: typeof programs) => (state.status === 'ready' ? state.path : '');
  const kustomize = (folder: string) => output(join(pathOf(programs), 'kubectl'), ['kustomize', folder]);
  const helm = (...args: string[]) => output(pathOf(helmPeer), args);
  const template = async (...args: string[]) =>
    documents(
      await helm('template', 'sluice', CHART, '--namespace', 'kyma-system', '--kube-version', '1.35.4', ...args),
    );

  it('is what kustomize makes of config/install', async () => {
    expect(sorted(documents(await kustomize(join(CONFIG, 'install'))))).toEqual(sorted(exported));
  });

  it('is what Helm makes of config/chart, but for the namespace and what keeps resources', async () => {
    const rendered = sorted(await template()).map((manifest) => {
      if (manifest.kind === 'CustomResourceDefinition') {
        const { 'helm.sh/resource-policy': policy, ...annotations } = manifest.metadata.annotations ?? {};
        expect(policy).toBe('keep');
        return { ...manifest, metadata: { ...manifest.metadata, annotations } };
      }
      if (manifest.kind === 'Telemetry') {
        const {
          'helm.sh/hook': hook,
          'helm.sh/hook-delete-policy': _policy,
          ...annotations
        } = manifest.metadata.annotations ?? {};
        expect(hook).toBe('post-install,post-upgrade');
        return { ...manifest, metadata: { ...manifest.metadata, annotations } };
      }
      if (manifest.kind !== 'Deployment') return manifest;
      const { imagePullSecrets, nodeSelector, tolerations, ...pod } = manifest['spec'].template.spec;
      expect({ imagePullSecrets, nodeSelector, tolerations }).toEqual({
        imagePullSecrets: [],
        nodeSelector: {},
        tolerations: [],
      });
      const [container] = pod.containers;
      const env = container.env.filter(({ name }: { name: string }) => name !== 'SLUICE_IMAGE_PULL_SECRETS');
      const spec = { ...pod, containers: [{ ...container, env }] };
      return { ...manifest, spec: { ...manifest['spec'], template: { ...manifest['spec'].template, spec } } };
    });
    expect(rendered).toEqual(sorted(exported).filter(({ kind }) => kind !== 'Namespace'));
  });

  it('passes helm lint', async () => {
    expect(await helm('lint', '--strict', CHART)).toContain('0 chart(s) failed');
  });

  it('takes values of the chart', async () => {
    const values = join(home.path, 'values.yaml');
    const resources = { limits: { memory: '1Gi' } };
    const tolerations = [{ operator: 'Exists' }];
    writeFileSync(
      values,
      stringify({
        images: { sluice: 'registry.test/sluice:9' },
        replicas: 3,
        resources,
        tolerations,
        imagePullPolicy: 'Never',
        imagePullSecrets: [{ name: 'registry' }, { name: 'mirror' }],
        telemetry: { create: false },
      }),
    );
    const rendered = await template('--values', values);
    const { replicas, template: pod } = rendered.find(({ kind }) => kind === 'Deployment')!['spec'];
    const [container] = pod.spec.containers;
    expect({ replicas, tolerations: pod.spec.tolerations }).toEqual({ replicas: 3, tolerations });
    expect(container).toMatchObject({ image: 'registry.test/sluice:9', imagePullPolicy: 'Never', resources });
    expect(container.env).toContainEqual({ name: 'SLUICE_SLUICE_IMAGE', value: 'registry.test/sluice:9' });
    // The operator's own, and what it gives its workloads.
    expect(pod.spec.imagePullSecrets).toEqual([{ name: 'registry' }, { name: 'mirror' }]);
    expect(container.env).toContainEqual({ name: 'SLUICE_IMAGE_PULL_SECRETS', value: 'registry,mirror' });
    expect(rendered.map(({ kind }) => kind)).not.toContain('Telemetry');
  });

  it('grants what kubelets before 1.33 ask for where Helm sees such a cluster', async () => {
    const proxied = (manifests: readonly Manifest[]) =>
      manifests.some(
        ({ kind, metadata, rules }) =>
          kind === 'ClusterRole' &&
          metadata.name === 'telemetry-operator' &&
          JSON.stringify(rules).includes('nodes/proxy'),
      );
    expect(proxied(await template())).toBe(false);
    expect(proxied(await template('--kube-version', '1.31.2'))).toBe(true);
  });

  it('moves to another namespace as a whole, by flag, by Helm and by an overlay of kustomize', async () => {
    const overlay = join(home.path, 'overlay');
    mkdirSync(overlay);
    // kustomize takes no absolute paths of resources.
    await output('cp', ['-r', join(CONFIG, 'install'), join(home.path, 'base')]);
    writeFileSync(
      join(overlay, 'kustomization.yaml'),
      stringify({
        namespace: 'telemetry',
        resources: ['../base'],
        images: [{ name: 'sluice', newName: 'registry.test/sluice', newTag: '9' }],
      }),
    );
    const forms = {
      flag: (await runSluice(home, ['cluster', 'install', '--export', '--namespace', 'telemetry'])).stdout,
      helm: await helm('template', 'sluice', CHART, '--namespace', 'telemetry', '--kube-version', '1.35.4'),
      kustomize: await kustomize(overlay),
    };
    for (const [form, text] of Object.entries(forms))
      expect({ form, mentions: text.match(/^.*: "?kyma-system"?$/gm) }).toEqual({ form, mentions: null });
    const operator = documents(forms.kustomize).find(({ kind }) => kind === 'Deployment')!;
    expect(operator['spec'].template.spec.containers[0].image).toBe('registry.test/sluice:9');
  });

  it('exports parts alone', async () => {
    const kindsOf = async (part: string) =>
      new Set(
        documents((await runSluice(home, ['cluster', 'install', `--export=${part}`])).stdout).map(({ kind }) => kind),
      );
    expect(await kindsOf('crds')).toEqual(new Set(['CustomResourceDefinition']));
    expect(await kindsOf('rbac')).toEqual(
      new Set(['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding', 'ServiceAccount']),
    );
    expect(await runSluice(home, ['cluster', 'install', '--export=everything'])).toMatchObject({ code: 2, stdout: '' });
  });

  describe('in a cluster', () => {
    let plane: ControlPlane;
    let pods: ReadyPods;
    beforeAll(async () => {
      plane = await startControlPlane();
      pods = await startReadyPods(plane);
    });
    afterAll(async () => {
      await pods?.stop();
      await plane?.stop();
    });
    const kubeHelm = (...args: string[]) => helm(...args, '--kubeconfig', plane.kubeconfig, '--namespace', 'telemetry');
    const sluice = (...args: string[]) =>
      runSluice(home, [...args, '--kubeconfig', plane.kubeconfig, '--namespace', 'telemetry']);
    const telemetry = async () =>
      parse(await plane.run(['get', 'telemetry', 'default', '-n', 'telemetry', '-o', 'yaml'])) as Manifest;

    it('is installed and upgraded by Helm, which leaves the Telemetry to its users', async () => {
      await kubeHelm('install', 'sluice', CHART, '--create-namespace', '--wait', '--timeout', '60s');
      const { uid } = (await telemetry()).metadata as unknown as { uid: string };
      await kubeHelm('upgrade', 'sluice', CHART, '--set', 'replicas=1', '--wait', '--timeout', '60s');
      expect((await telemetry()).metadata).toMatchObject({ uid });
      expect(await sluice('check')).toMatchObject({ code: 0 });
    });

    it('is Helm’s to change then: the verbs refuse', async () => {
      for (const action of ['upgrade', 'uninstall']) {
        const refused = await sluice('cluster', action, '--yes');
        expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('as release sluice') });
      }
    });

    it('leaves definitions and the Telemetry when Helm uninstalls it; the verb takes them over', async () => {
      await kubeHelm('uninstall', 'sluice', '--wait', '--timeout', '60s');
      expect((await telemetry()).metadata.name).toBe('default');
      expect(await sluice('cluster', 'install', '--yes')).toMatchObject({ code: 0 });
      expect(await sluice('cluster', 'uninstall', '--yes')).toMatchObject({ code: 0 });
    });

    it('is applied by kubectl, definitions first', async () => {
      const yaml = (await runSluice(home, ['cluster', 'install', '--export', '--namespace', 'by-kubectl'])).stdout;
      await plane.run(['apply', '--server-side', '--force-conflicts', '-f', '-'], { input: yaml });
      await plane.run(['rollout', 'status', 'deployment/telemetry-operator', '-n', 'by-kubectl', '--timeout=60s']);
    });
  });
});
