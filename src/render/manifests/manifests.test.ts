import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import {
  type ClusterCase,
  compileCase,
  EVERYTHING,
  KEPT,
  MANIFEST_OPTIONS,
  objectsOf,
} from '../../../test/testkit/cluster-rendering.ts';
import { expectGolden } from '../../../test/testkit/golden.ts';
import { drainingQueues, neededBytes, TOPOLOGY_TYPES } from '../../topology/index.ts';
import { mostAccess } from './access.ts';
import type { ClusterObjects, ManifestOptions } from './cluster-objects.ts';
import type { Manifest } from './manifest.ts';

type Compiled = ReturnType<typeof compileCase>;

const goldens = join(import.meta.dirname, '../../../test/manifests');

const allOf = ({ shared, workloads }: ClusterObjects): readonly Manifest[] => [
  ...shared,
  ...workloads.flatMap(({ objects }) => objects),
];

/** Everything, but the hash in names and the content of ConfigMaps and Secrets, which are tested where they are made. */
function textOf(objects: ClusterObjects): string {
  const elided = (object: Manifest) => {
    if (object.kind !== 'ConfigMap' && object.kind !== 'Secret') return object;
    return { ...object, data: Object.fromEntries(Object.keys(dataOf(object)).map((key) => [key, '…'])) };
  };
  const all = allOf(objects).map(elided);
  const text = all.map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })).join('---\n');
  return objects.workloads.reduce((rest, { configHash }) => rest.replaceAll(configHash, '<hash>'), text);
}

const dataOf = (object: Manifest) => object['data'] as Readonly<Record<string, string>>;

/** The engine where queues are on disk. */
const AUTO = { otherwise: 'auto' } as const;

/** The same without the first pipeline, whose queue is still to be sent. */
function afterRemoval(
  topology: 'PerSignal' | 'PerPipeline',
  program: Pick<ClusterCase, 'distribution'> = {},
): Compiled {
  const before = compileCase({ ...program, topology, input: KEPT });
  const input = KEPT.split('---\n').slice(1).join('---\n');
  const after = compileCase({ ...program, topology, input });
  return compileCase({ ...program, topology, input, draining: drainingQueues(before.topology, after.topology) });
}

function withEndpoint(endpoint: 'GatewayAPI' | 'None'): Compiled {
  const telemetry = `apiVersion: operator.kyma-project.io/v1beta1
kind: Telemetry
metadata: { name: default, namespace: kyma-system }
spec: { endpoint: { type: ${endpoint} } }
`;
  return compileCase({ topology: 'PerSignal', input: `${telemetry}---\n${EVERYTHING}` });
}

interface Case {
  readonly name: string;
  readonly compiled: Compiled;
  readonly options?: Partial<ManifestOptions>;
}

const CASES: readonly Case[] = [
  { name: 'shared', compiled: compileCase({ topology: 'Shared' }) },
  { name: 'per-signal', compiled: compileCase({ topology: 'PerSignal' }) },
  { name: 'per-pipeline', compiled: compileCase({ topology: 'PerPipeline' }) },
  { name: 'istio', compiled: compileCase({ topology: 'PerSignal', istio: true }) },
  { name: 'gateway-api', compiled: withEndpoint('GatewayAPI'), options: { gatewayApi: true } },
  { name: 'no-endpoint', compiled: withEndpoint('None') },
  { name: 'disk', compiled: compileCase({ topology: 'PerSignal', input: KEPT }) },
  { name: 'disk-engine', compiled: compileCase({ topology: 'PerSignal', input: KEPT, distribution: AUTO }) },
  { name: 'entry-engine', compiled: compileCase({ topology: 'PerPipeline', input: KEPT, distribution: AUTO }) },
  { name: 'draining-engine', compiled: afterRemoval('PerSignal', { distribution: AUTO }) },
  { name: 'draining', compiled: afterRemoval('PerPipeline') },
  { name: 'nothing', compiled: compileCase({ input: '' }) },
];

interface PodSpec {
  readonly terminationGracePeriodSeconds: number;
  readonly containers: readonly [Container];
  readonly initContainers?: readonly Container[];
  readonly volumes: readonly Volume[];
}
interface Container {
  readonly name: string;
  readonly image: string;
  readonly env?: readonly { readonly name: string }[];
  readonly envFrom: readonly { readonly secretRef: { readonly name: string } }[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  readonly lifecycle?: { readonly preStop: { readonly sleep: { readonly seconds: number } } };
}
interface Volume {
  readonly name: string;
  readonly projected?: { readonly sources: readonly Source[] };
}
type Source = Readonly<
  Partial<Record<'configMap' | 'secret', { readonly name: string; readonly items: readonly Item[] }>>
>;
interface Item {
  readonly key: string;
  readonly path: string;
}

const RUNNING = ['Deployment', 'StatefulSet', 'DaemonSet'];

function podsOf(objects: readonly Manifest[]): readonly { readonly name: string; readonly spec: PodSpec }[] {
  return objects
    .filter(({ kind }) => RUNNING.includes(kind))
    .map(({ metadata, spec }) => ({
      name: metadata.name,
      spec: (spec as { template: { spec: PodSpec } }).template.spec,
    }));
}

/** The files a container finds in the folder of its configuration. */
function mountedFiles(spec: PodSpec, objects: readonly Manifest[]): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const folder = spec.containers[0].volumeMounts[0]!.mountPath;
  const sources = spec.volumes.flatMap(({ projected }) => projected?.sources ?? []);
  for (const { configMap, secret } of sources) {
    const { name, items } = (configMap ?? secret)!;
    const object = objects.find((one) => one.metadata.name === name && one.kind === (secret ? 'Secret' : 'ConfigMap'))!;
    for (const { key, path } of items) {
      const text = dataOf(object)[key]!;
      const plain = secret === undefined ? text : Buffer.from(text, 'base64').toString('utf8');
      const joined = `${folder}/${path.replace(/\.part-\d+$/, '')}`;
      files.set(joined, (files.get(joined) ?? '') + plain);
    }
  }
  return files;
}

describe('objects of a cluster', () => {
  it.each(CASES)('$name: are what was reviewed', ({ name, compiled, options }) => {
    expectGolden(join(goldens, `${name}.yaml`), textOf(objectsOf(compiled, options)));
  });

  it('names the Secrets that registries ask for in every Pod, and none where none is given', () => {
    const secretsOf = (imagePullSecrets?: readonly string[]) =>
      podsOf(
        allOf(
          objectsOf(
            compileCase({ topology: 'PerPipeline' }),
            imagePullSecrets === undefined ? {} : { imagePullSecrets },
          ),
        ),
      ).map(({ spec }) => (spec as { readonly imagePullSecrets?: unknown }).imagePullSecrets);
    expect(secretsOf().every((names) => names === undefined)).toBe(true);
    const given = secretsOf(['registry', 'mirror']);
    expect(given.length).toBeGreaterThan(4);
    for (const names of given) expect(names).toEqual([{ name: 'registry' }, { name: 'mirror' }]);
  });

  it('puts the address of a node in brackets where it is of IPv6: it stands in URLs', () => {
    const addressOf = (ipv6Nodes: boolean) => {
      const objects = allOf(objectsOf(compileCase({ topology: 'PerSignal' }), { ipv6Nodes }));
      const { spec } = podsOf(objects).find(({ name }) => name === 'telemetry-metric-agent')!;
      return spec.containers[0].env?.filter(({ name }) => name.startsWith('MY_NODE_') && name !== 'MY_NODE_NAME');
    };
    const hostIp = { fieldRef: { apiVersion: 'v1', fieldPath: 'status.hostIP' } };
    expect(addressOf(false)).toEqual([{ name: 'MY_NODE_ADDRESS', valueFrom: hostIp }]);
    expect(addressOf(true)).toEqual([
      { name: 'MY_NODE_IP', valueFrom: hostIp },
      { name: 'MY_NODE_ADDRESS', value: '[$(MY_NODE_IP)]' },
    ]);
  });

  it.each(CASES)(
    '%s: Pods find every file and variable that their configuration refers to',
    ({ compiled, options }) => {
      const objects = allOf(objectsOf(compiled, options));
      for (const { name, spec } of podsOf(objects)) {
        const [container] = spec.containers;
        const files = mountedFiles(spec, objects);
        const keys = container.envFrom.flatMap(({ secretRef }) => {
          return Object.keys(
            dataOf(objects.find(({ kind, metadata }) => kind === 'Secret' && metadata.name === secretRef.name)!),
          );
        });
        const known = new Set([
          ...keys,
          ...(container.env ?? []).map((one) => one.name),
          'HOSTNAME',
          'KUBERNETES_SERVICE_HOST',
        ]);
        const mounts = container.volumeMounts.map(({ mountPath }) => mountPath);
        expect(files.size, name).toBeGreaterThan(0);
        for (const text of files.values()) {
          const used = [...text.matchAll(/(?<!\$)(?:\$\$)*\$\{(?:env:)?(\w+)\}/g)].map((match) => match[1]!);
          expect(
            used.filter((one) => !known.has(one)),
            name,
          ).toEqual([]);
          const folders = [...text.matchAll(/^ *directory: "?(\/[^"\n]*)/gm)].map((match) => match[1]!);
          expect(
            folders.filter((one) => !mounts.some((mount) => one.startsWith(`${mount}/`))),
            name,
          ).toEqual([]);
        }
      }
      const { fluentBit } = compiled;
      if (fluentBit === undefined) return;
      const { spec } = podsOf(objects).find(({ name }) => name === 'telemetry-fluent-bit')!;
      const wanted = [
        ...Object.entries(fluentBit.files),
        ...Object.entries(fluentBit.secretFiles).map(([path, { text }]) => [path, text] as const),
      ];
      expect(Object.fromEntries(mountedFiles(spec, objects))).toEqual(Object.fromEntries(wanted));
    },
  );

  it.each(CASES)('%s: no more may be granted than whoever creates the roles has to hold', ({ compiled, options }) => {
    const held = new Set(mostAccess().flatMap(permissions));
    for (const object of allOf(objectsOf(compiled, options)).filter(({ kind }) => kind === 'ClusterRole')) {
      const granted = (object['rules'] as readonly Rule[]).flatMap(permissions);
      expect(granted.filter((one) => !held.has(one))).toEqual([]);
    }
  });

  it.each(CASES)('$name: Pods have the time to be forgotten and to send what they hold', ({ compiled, options }) => {
    for (const { name, spec } of podsOf(allOf(objectsOf(compiled, options)))) {
      const waits = spec.containers[0].lifecycle?.preStop.sleep.seconds ?? 0;
      expect(spec.terminationGracePeriodSeconds - waits, name).toBeGreaterThanOrEqual(30);
    }
  });

  it.each(CASES)('$name: no policy lets anybody in by naming nobody', ({ compiled, options }) => {
    for (const { kind, metadata, spec } of allOf(objectsOf(compiled, options))) {
      if (kind !== 'NetworkPolicy') continue;
      const { ingress } = spec as { readonly ingress: readonly { readonly from?: readonly unknown[]; ports: [] }[] };
      for (const { from, ports } of ingress) {
        if (from !== undefined) expect(from.length, metadata.name).toBeGreaterThan(0);
        expect(ports.length, metadata.name).toBeGreaterThan(0);
      }
    }
  });

  it.each(CASES)('$name: what finds Pods never changes with the configuration', ({ compiled, options }) => {
    for (const { kind, metadata, spec } of allOf(objectsOf(compiled, options))) {
      if (!RUNNING.includes(kind)) continue;
      const { selector } = spec as { readonly selector: unknown };
      expect(selector).toEqual({ matchLabels: { 'app.kubernetes.io/name': metadata.name } });
    }
  });

  it('know no value of a Secret but in Secrets', () => {
    const canary = /canary/i;
    const encoded = (text: string) => Buffer.from(text, 'base64').toString('utf8');
    for (const { name, compiled, options } of CASES) {
      const objects = allOf(objectsOf(compiled, options));
      const others = objects.filter(({ kind }) => kind !== 'Secret');
      expect(JSON.stringify(others), name).not.toMatch(canary);
      expect(JSON.stringify(others), name).not.toContain(Buffer.from('canary').toString('base64').slice(0, 7));
      if (compiled.resources.length < 6) continue;
      const secrets = objects.filter(({ kind }) => kind === 'Secret').flatMap((one) => Object.values(dataOf(one)));
      expect(secrets.map(encoded).join('\n')).toMatch(canary);
    }
  });

  it('are the same for the same input, byte for byte, in whatever order it was read', () => {
    for (const topology of TOPOLOGY_TYPES) {
      const text = JSON.stringify(objectsOf(compileCase({ topology })));
      expect(JSON.stringify(objectsOf(compileCase({ topology })))).toBe(text);
      const turned = EVERYTHING.split('---\n').reverse().join('---\n');
      expect(JSON.stringify(objectsOf(compileCase({ topology, input: turned })))).toBe(text);
    }
  });

  it('of a dispatcher do not change when another pipeline comes', () => {
    const one = (name: string) => EVERYTHING.split('---\n')[0]!.replace('name: jaeger', `name: ${name}`);
    const of = (...names: readonly string[]) =>
      objectsOf(compileCase({ topology: 'PerPipeline', input: names.map(one).join('---\n') })).workloads;
    const before = of('a', 'b').filter(({ role }) => role === 'dispatcher');
    const after = of('a', 'aa', 'b', 'c').filter(({ role }) => role === 'dispatcher');
    expect(after).toHaveLength(4);
    for (const workload of before) expect(after).toContainEqual(workload);
  });

  it('roll the Pods of the workload that refers to a changed Secret, and no others', () => {
    const compiled = compileCase({ topology: 'PerSignal' });
    const rotated = compiled.rendered.map((one) => ({
      ...one,
      secrets: Object.fromEntries(Object.entries(one.secrets).map(([name]) => [name, 'new'])),
    }));
    const before = objectsOf(compiled).workloads;
    const after = objectsOf({ ...compiled, rendered: rotated }).workloads;
    const changed = after.filter((one, index) => JSON.stringify(one) !== JSON.stringify(before[index]));
    expect(changed.map(({ workload }) => workload)).toEqual(['trace-gateway']);
    const names = (objects: readonly Manifest[]) =>
      objects.filter(({ kind }) => kind === 'Secret').map(({ metadata }) => metadata.name);
    expect(names(changed[0]!.objects)).not.toEqual(names(before[0]!.objects));
  });

  it('go on with the configuration that is pinned, as it was mounted', () => {
    const [former] = objectsOf(compileCase({ topology: 'Shared', input: EVERYTHING.split('---\n')[0]! })).workloads;
    const compiled = compileCase({ topology: 'Shared' });
    const pinned = { 'otlp-gateway': JSON.parse(JSON.stringify(former!.config)) };
    const [free] = objectsOf(compiled).workloads;
    const [held] = objectsOf(compiled, { pinned }).workloads;
    expect(held!.config).toEqual(former!.config);
    expect(held!.configHash).toBe(free!.configHash);
    expect(held!.objects.filter(({ kind }) => kind === 'ConfigMap' || kind === 'Secret')).toEqual([]);
    const [pod] = podsOf(held!.objects);
    expect(pod!.spec.volumes[0]).toEqual(podsOf(former!.objects)[0]!.spec.volumes[0]);
    expect(pod!.spec.containers[0].envFrom).toEqual(podsOf(former!.objects)[0]!.spec.containers[0].envFrom);
  });

  it('have the replicas that were decided, and a budget where there are several', () => {
    const compiled = compileCase({ topology: 'Shared', input: EVERYTHING.split('---\n')[0]! });
    const of = (replicas: number, bounds = { min: 1, max: 5 }) => {
      const workloads = compiled.topology.workloads.map((workload) => ({ ...workload, replicas: bounds }));
      const scaled = { ...compiled, topology: { ...compiled.topology, workloads } };
      const objects = allOf(objectsOf(scaled, { replicas: { 'otlp-gateway': replicas } }));
      const { spec } = objects.find(({ kind }) => kind === 'Deployment')!;
      return [(spec as { replicas: number }).replicas, objects.some(({ kind }) => kind === 'PodDisruptionBudget')];
    };
    expect([of(1), of(5)]).toEqual([
      [1, false],
      [5, true],
    ]);
    // A fixed number is what the user wrote, whatever runs.
    expect(of(5, { min: 3, max: 3 })).toEqual([3, true]);
  });

  it('request the memory that queues on disk take', () => {
    const compiled = compileCase({ topology: 'PerPipeline', input: KEPT });
    const dispatcher = compiled.topology.workloads.find(({ name }) => name === 'trace-dispatcher-archive')!;
    const { softLimitBytes, capBytes } = dispatcher.memory;
    const objects = objectsOf(compiled).workloads.find(({ workload }) => workload === dispatcher.name)!.objects;
    const text = JSON.stringify(objects.find(({ kind }) => kind === 'StatefulSet'));
    const requested = Number(/"requests":\{"cpu":"100m","memory":"(\d+)Mi"/.exec(text)![1]) * 2 ** 20;
    expect(dispatcher.memory.diskBytes).toBeGreaterThan(0);
    expect(requested * (softLimitBytes / capBytes)).toBeGreaterThanOrEqual(neededBytes(dispatcher.memory));
  });

  it('tell nothing about a value where Secrets are left out', () => {
    const compiled = compileCase();
    const other = { ...compiled, rendered: compiled.rendered.map((one) => ({ ...one, secrets: masked(one.secrets) })) };
    const text = JSON.stringify(objectsOf(compiled, { withoutSecrets: true }));
    expect(JSON.stringify(objectsOf(other, { withoutSecrets: true }))).toBe(text);
    expect(text).not.toContain('"kind":"Secret","metadata"');
    expect(text).toContain('secretRef');
  });

  it('have names that nobody can guess secrets from without the key of the installation', () => {
    const compiled = compileCase();
    const namesWith = (hashKey?: string) =>
      objectsOf(compiled, hashKey === undefined ? {} : { hashKey }).workloads.map(({ configHash }) => configHash);
    expect(namesWith('one')).toEqual(namesWith('one'));
    const names = [...namesWith(), ...namesWith('one'), ...namesWith('other')];
    expect(new Set(names).size).toBe(names.length);
  });

  it('hold any amount of configuration, in objects that are small enough, and give it back', () => {
    const compiled = compileCase({ topology: 'Shared' });
    const text = 'ä𝄞$x\n'.repeat(200_000);
    const files = { ...compiled.fluentBit!.files, '/fluent-bit/sluice/files/files/big.lua': text };
    const large = { ...compiled, fluentBit: { ...compiled.fluentBit!, files } };
    const objects = allOf(objectsOf(large));
    for (const object of objects.filter(({ kind }) => kind === 'ConfigMap')) {
      expect(Buffer.byteLength(Object.entries(dataOf(object)).flat().join(''))).toBeLessThan(2 ** 20);
    }
    const { spec } = podsOf(objects).find(({ name }) => name === 'telemetry-fluent-bit')!;
    expect(mountedFiles(spec, objects).get('/fluent-bit/sluice/files/files/big.lua')).toBe(text);
    expect(spec.initContainers?.map(({ name }) => name)).toContain('join-configuration');
  });

  it('have names that Kubernetes takes, whatever pipelines are called', () => {
    const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,40}[a-z0-9])?$/);
    const name = fc.array(label, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('.').slice(0, 253));
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 4 }), (names) => {
        const ends = names.filter((one) => /[a-z0-9]$/.test(one));
        const input = ends
          .map((one) => EVERYTHING.split('---\n')[0]!.replace('name: jaeger', `name: "${one}"`))
          .join('---\n');
        const objects = allOf(objectsOf(compileCase({ topology: 'PerPipeline', input })));
        const keys = objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
        expect(new Set(keys).size).toBe(keys.length);
        for (const { kind, metadata } of objects) {
          if (kind === 'NetworkPolicy') expect(metadata.name).toMatch(/^kyma-project\.io--[a-z0-9-]+[a-z0-9]$/);
          else expect(metadata.name).toMatch(/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/);
          for (const value of Object.values(metadata.labels!))
            expect(value).toMatch(/^[a-zA-Z0-9][-\w.]{0,61}[a-zA-Z0-9]$/);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('all carry whose they are', () => {
    for (const { compiled, options } of CASES) {
      for (const { metadata } of allOf(objectsOf(compiled, options))) {
        expect(metadata.labels).toMatchObject({
          'app.kubernetes.io/name': expect.stringMatching(/^telemetry-/),
          'app.kubernetes.io/component': expect.any(String),
          'app.kubernetes.io/part-of': 'telemetry',
          'app.kubernetes.io/managed-by': 'sluice',
          'kyma-project.io/module': 'telemetry',
        });
      }
    }
  });

  it('run what each image is for', () => {
    const objects = allOf(
      objectsOf(
        compileCase({
          topology: 'PerPipeline',
          distribution: AUTO,
          input: `${EVERYTHING}---\n${KEPT.replaceAll('jaeger', 'other')}`,
        }),
      ),
    );
    const images = Object.fromEntries(podsOf(objects).map(({ name, spec }) => [name, spec.containers[0].image]));
    expect(images).toMatchObject({
      'telemetry-otlp-engine-entry': MANIFEST_OPTIONS.images.sluice,
      'telemetry-trace-engine-dispatcher-archive': MANIFEST_OPTIONS.images.sluice,
      'telemetry-trace-dispatcher-jaeger': MANIFEST_OPTIONS.images.otelcol,
      'telemetry-metric-agent': MANIFEST_OPTIONS.images.otelcol,
      'telemetry-fluent-bit': MANIFEST_OPTIONS.images.fluentBit,
    });
  });
});

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

function permissions({ apiGroups, resources, verbs }: Rule): readonly string[] {
  return apiGroups.flatMap((group) => resources.flatMap((one) => verbs.map((verb) => `${verb} ${group}/${one}`)));
}

function masked(secrets: Readonly<Record<string, string>>) {
  return Object.fromEntries(Object.keys(secrets).map((name) => [name, 'other']));
}
