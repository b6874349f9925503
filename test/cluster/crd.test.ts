import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { replacePart } from '../../src/apis/corpus/replace-part.ts';
import { RESOURCE_KINDS, RESOURCES, readResources } from '../../src/apis/index.ts';
import type { ResourceInfo } from '../../src/apis/kinds.ts';
import { parseYamlDocuments } from '../../src/diagnostics/index.ts';
import type { RunningWebhooks } from '../../src/operator/index.ts';
import { resolve } from '../../src/pipeline/index.ts';
import { requireControlPlane } from '../testkit/control-plane.ts';
import { upstreamPipelines } from '../testkit/upstream-manifests.ts';
import { NAMESPACE, startWebhookPlane, type WebhookPlane } from '../testkit/webhook-plane.ts';

const CORPUS = join(import.meta.dirname, '../../src/apis/corpus');
const peer = requireControlPlane();
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';

const PIPELINES = 'telemetry.kyma-project.io';

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations?: object };
  readonly spec?: unknown;
}

interface Case {
  readonly title: string;
  readonly value: Manifest;
}

/** The custom resources of a folder of the corpus, of the versions that there are. */
function manifests(folder: string): readonly Case[] {
  const files = readdirSync(join(CORPUS, folder)).filter((name) => name.endsWith('.yaml'));
  const texts = files.flatMap((name) => readFileSync(join(CORPUS, folder, name), 'utf8').split(/^---\n/m));
  return texts.flatMap((text) => {
    const value = parseYamlDocuments(text, 'f').documents[0]?.value as Manifest;
    const known: ResourceInfo | undefined = RESOURCES[value.kind as keyof typeof RESOURCES];
    const [group, version = ''] = value.apiVersion.split('/');
    if (known === undefined || known.group !== group || known.versions[version] === undefined) return [];
    // What is refused is judged without its status, which the server ignores.
    const { status: _, ...written } = value as Manifest & { readonly status?: unknown };
    return [{ title: /^# (.*)$/m.exec(text)?.[1] ?? '', value: written }];
  });
}

/** What `sluice validate` for a cluster has against a manifest: paths and codes. */
function ourErrors(manifest: Manifest): readonly { readonly path: string; readonly code: string }[] {
  const read = readResources([{ file: 'f', text: JSON.stringify(manifest) }]);
  const issues = [...read.issues, ...read.resources.flatMap((loaded) => resolve(loaded, { cluster: true }).issues)];
  return issues.flatMap(({ severity, path = [], code }) =>
    severity === 'error' ? [{ path: path.map((step) => String(step)).join('.'), code }] : [],
  );
}

/** Valid by their schema, and refused by `sluice validate` for what only compiling finds. */
const REFUSED_WHEN_COMPILED = ['all of authentication and TLS']; // `PEM` stands for certificates and keys

/** The API server drops an entry of a map that has no value; here it is a mistake. */
function hasEmptyEntry(manifest: object): boolean {
  return /"(?:params|annotations|labels)":\{[^}]*null/.test(JSON.stringify(manifest));
}

/** What a manifest does: without places in a text, and with sets of names in one order. */
function effectOf(manifest: object): string {
  const [loaded] = readResources([{ file: 'f', text: JSON.stringify(manifest) }]).resources;
  const { graph, fluentBit } = resolve(loaded!, { cluster: true });
  return JSON.stringify(graph ?? fluentBit, (key, value: unknown) => {
    if (key === 'source' || key === 'sources') return undefined;
    return (key === 'include' || key === 'exclude') && Array.isArray(value) ? [...value].sort() : value;
  });
}

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at fields of many objects
  readonly body: any;
}

describe.skipIf(peer.status === 'missing')(`the API in a cluster${skipNote}`, () => {
  let cluster: WebhookPlane;
  let webhooks: RunningWebhooks;
  let agent: Agent;

  beforeAll(async () => {
    cluster = await startWebhookPlane();
    agent = new Agent({ connect: { ca: cluster.plane.caPem } });
    webhooks = await cluster.start();
  });
  afterAll(async () => {
    await agent?.close();
    await cluster?.stop();
  });

  async function ask(method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<Answer> {
    const answer = await request(`${cluster.plane.url}${path}`, {
      method,
      dispatcher: agent,
      headers: { authorization: `Bearer ${cluster.plane.token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.statusCode, body: await answer.body.json() };
  }

  function pathOf({ apiVersion, kind }: Pick<Manifest, 'apiVersion' | 'kind'>): string {
    const { plural, scope }: ResourceInfo = RESOURCES[kind as keyof typeof RESOURCES];
    return `/apis/${apiVersion}${scope === 'Namespaced' ? `/namespaces/${NAMESPACE}` : ''}/${plural}`;
  }

  const placed = (manifest: Manifest): Manifest =>
    manifest.kind === 'Telemetry'
      ? { ...manifest, metadata: { ...manifest.metadata, namespace: NAMESPACE } as Manifest['metadata'] }
      : manifest;

  const create = (manifest: Manifest, query = '?fieldValidation=Strict') =>
    ask('POST', `${pathOf(manifest)}${query}`, placed(manifest));
  const tryOut = (manifest: Manifest) => create(manifest, '?fieldValidation=Strict&dryRun=All');
  const apply = (text: string, ...args: string[]) =>
    cluster.plane.kubectl(['apply', ...args, '-f', '-'], { input: text });

  it('is established from the definitions that the repository has', async () => {
    const { body } = await ask('GET', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions');
    const conditions = body.items.flatMap((item: { status: { conditions: { type: string; status: string }[] } }) =>
      item.status.conditions.map(({ type, status }) => `${type}=${status}`),
    );
    expect(new Set(conditions)).toEqual(new Set(['NamesAccepted=True', 'Established=True']));
    expect(body.items).toHaveLength(RESOURCE_KINDS.length);
  });

  const valid = manifests('valid').filter(({ title }) => !REFUSED_WHEN_COMPILED.includes(title));
  const validPipelines = valid.filter(({ value }) => value.kind.endsWith('Pipeline'));

  it('accepts every valid manifest of the corpus', async () => {
    const refused: string[] = [];
    expect(valid.length).toBeGreaterThan(30);
    for (const { title, value } of valid) {
      const { status, body } = await tryOut(value);
      if (status !== 201) refused.push(`${title}: ${body.message}`);
    }
    expect(refused).toEqual([]);
  });

  it('judges every other manifest as `sluice validate` does, and names each field', async () => {
    const differences: string[] = [];
    const others = [...manifests('invalid'), ...manifests('later')];
    expect(others.filter(({ value }) => ourErrors(value).length > 0).length).toBeGreaterThan(80);
    for (const { title, value } of others) {
      const { status, body } = await tryOut(value);
      const errors = ourErrors(value);
      if (status === 201 && errors.length > 0) differences.push(`${title}: accepted, ${JSON.stringify(errors)}`);
      if (status !== 201 && errors.length === 0) differences.push(`${title}: refused, ${body.message}`);
      const causes: { field: string }[] = body.details?.causes ?? [];
      const named = causes.map(({ field }) => field.replaceAll(/\[(?:"([^"]*)"|(\d+))\]/g, '.$1$2'));
      const missing = errors.filter(({ path }) => !named.includes(path));
      // What the API server cannot decode it refuses before anybody is asked.
      if (status === 422 && missing.length > 0)
        differences.push(`${title}: not named: ${JSON.stringify(missing)} in ${named}`);
    }
    expect(differences).toEqual([]);
  });

  it('judges as `sluice validate` does, whichever part of a manifest is replaced, and shows no secret', async () => {
    const whole = ['valid', 'later', 'invalid'].flatMap((folder) => manifests(folder).map(({ value }) => value));
    const other = fc.oneof(
      fc.constantFrom<unknown>(null, {}, [], '', true, [null], [{}], { value: null }, { value: 'a' }, '16Mi', ['a']),
      fc.integer({ min: -1, max: 9 }),
      fc.string({ maxLength: 3 }),
    );
    const choices = fc.array(fc.nat(20), { minLength: 1, maxLength: 9 });
    const differences: string[] = [];
    let refusals = 0;
    for (const [value, path, part] of fc.sample(fc.tuple(fc.constantFrom(...whole), choices, other), 600)) {
      const manifest = { ...value, spec: replacePart(value.spec ?? {}, path, part) };
      const { status, body } = await tryOut(manifest);
      const text = `${body.message} in ${JSON.stringify(manifest)}`;
      if ((status === 201) !== (ourErrors(manifest).length === 0) && !hasEmptyEntry(manifest)) differences.push(text);
      if (!/^admission webhook/.test(body.message ?? '')) continue;
      refusals++;
      if (JSON.stringify(body).includes('CANARY')) differences.push(`secret: ${text}`);
    }
    expect(differences).toEqual([]);
    expect(refusals).toBeGreaterThan(100);
  });

  it('means the same by what it stores as by what was written', async () => {
    const changed: string[] = [];
    for (const [index, { title, value }] of validPipelines.entries()) {
      const manifest = { ...value, metadata: { ...value.metadata, name: `meant-${index}` } };
      const { body } = await create(manifest);
      const stored = { apiVersion: body.apiVersion, kind: body.kind, metadata: manifest.metadata, spec: body.spec };
      const [before, after] = [effectOf(manifest), effectOf(stored)];
      if (before !== after) changed.push(`${title}: ${before} became ${after}`);
    }
    expect(changed).toEqual([]);
  });

  it('takes whatever upstream takes, with the same effect as stored and in both versions', async () => {
    const differences: string[] = [];
    for (const [index, made] of fc.sample(upstreamPipelines, 200).entries()) {
      const manifest = { ...made, metadata: { name: `upstream-${index}` } } as unknown as Manifest;
      const { status, body } = await create(manifest);
      if (status !== 201) {
        differences.push(`${JSON.stringify(manifest)}: ${body.message}`);
        continue;
      }
      for (const version of ['v1beta1', 'v1alpha1']) {
        const seen = (
          await ask('GET', `${pathOf({ ...manifest, apiVersion: `${PIPELINES}/${version}` })}/upstream-${index}`)
        ).body;
        if (effectOf(seen) !== effectOf(manifest))
          differences.push(`${version} of ${JSON.stringify(manifest)}: ${effectOf(manifest)} became ${effectOf(seen)}`);
      }
    }
    expect(differences).toEqual([]);
  });

  it('serves both versions of every pipeline, and loses nothing between them', async () => {
    const lost: string[] = [];
    for (const [index, { title, value }] of validPipelines.entries()) {
      const name = `versions-${index}`;
      const manifest = { ...value, metadata: { ...value.metadata, name } };
      const written = (await create(manifest)).body;
      const [group, version] = manifest.apiVersion.split('/');
      const other = { kind: manifest.kind, apiVersion: `${group}/${version === 'v1beta1' ? 'v1alpha1' : 'v1beta1'}` };
      // Read in the other version, written back in it with another label, and read in its own again.
      const seen = (await ask('GET', `${pathOf(other)}/${name}`)).body;
      const labels = { seen: 'true' };
      const back = await ask('PUT', `${pathOf(other)}/${name}`, { ...seen, metadata: { ...seen.metadata, labels } });
      const again = (await ask('GET', `${pathOf(manifest)}/${name}`)).body;
      if (back.status !== 200) lost.push(`${title}: ${back.body.message}`);
      else if (again.metadata.labels?.seen !== 'true') lost.push(`${title}: was not written`);
      else if (!isWithin(written.spec, again.spec) || effectOf(again) !== effectOf(manifest))
        lost.push(`${title}: ${JSON.stringify(written.spec)} became ${JSON.stringify(again.spec)}`);
    }
    expect(lost).toEqual([]);
  });

  it('tells every mistake of a manifest at once, with its field', async () => {
    const text = `
apiVersion: telemetry.kyma-project.io/v1beta1
kind: TracePipeline
metadata: { name: jaeger }
spec:
  transform:
    - conditions: ['isMatch(span.name, "^/health")']
  output:
    otlp:
      endpoint: { value: "jaeger.obs:4317" }
      path: /v1/traces
`;
    const refused = await apply(text);
    expect(refused).toEqual({
      code: 1,
      stdout: '',
      stderr: [
        'The TracePipeline "jaeger" is invalid: ',
        '* spec.output.otlp.path: Invalid value: "/v1/traces": needs `protocol: http`; set `protocol: http`, or remove `path` (SL0112)',
        '* spec.transform[0].conditions[0]: Invalid value: "isMatch(span.name, "^/health")": column 1: unknown OTTL function `isMatch`; function names are case-sensitive; did you mean `IsMatch`? (SL0201)',
        '',
      ].join('\n'),
    });
    expect(await apply(text, '--dry-run=server')).toEqual(refused);
  });

  it('warns once, in one line that names the field', async () => {
    const spec = { output: { file: { path: '/data/traces.jsonl' } } };
    const text = pipelineText('TracePipeline', 'warned', 'v1beta1', spec);
    expect(await apply(text)).toEqual({
      code: 0,
      stdout: 'tracepipeline.telemetry.kyma-project.io/warned created\n',
      stderr: 'Warning: spec.output.file: has no rotation: the file grows without limit (SL0305)\n',
    });
  });

  it('takes what only a cluster carries out', async () => {
    const text = pipelineText('TracePipeline', 'kept', 'v1beta1', { ...OTLP, delivery: { guarantee: 'AtLeastOnce' } });
    expect(await apply(text)).toMatchObject({ code: 0, stderr: '' });
  });

  it('stays as it is when the same is applied again on the server’s side, whatever was filled in', async () => {
    const text = pipelineText('LogPipeline', 'again');
    const seen = async () => {
      await cluster.plane.run(['apply', '--server-side', '-f', '-'], { input: text });
      return JSON.parse(await cluster.plane.run(['get', 'logpipeline', 'again', '-o', 'json']));
    };
    const [first, second] = [await seen(), await seen()];
    expect(first.spec.input).toEqual({
      otlp: { enabled: true, namespaces: {} },
      runtime: {
        enabled: true,
        keepOriginalBody: true,
        namespaces: { exclude: ['kyma-system', 'kube-system', 'istio-system'] },
      },
    });
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
  });

  it('lists many objects in the version that is not stored', async () => {
    const names = Array.from({ length: 300 }, (_, index) => `many-${index}`);
    const old = 'telemetry.kyma-project.io/v1alpha1';
    for (const name of names) {
      const spec = { input: { application: { containers: { include: [name] } } }, ...OTLP };
      const { status } = await create({ apiVersion: old, kind: 'LogPipeline', metadata: { name }, spec });
      expect(status).toBe(201);
    }
    const { body } = await ask('GET', pathOf({ apiVersion: old, kind: 'LogPipeline' }));
    const found = body.items.flatMap(
      ({ spec }: { spec: typeof OTLP & { input?: { application?: Containers } } }) =>
        spec.input?.application?.containers?.include ?? [],
    );
    expect(found.filter((name: string) => name.startsWith('many-')).toSorted()).toEqual(names.toSorted());
  });

  it('shows in one line each what a pipeline is and how it is', async () => {
    const status = {
      output: 'grpc://tempo.obs:4317',
      observedGeneration: 1,
      conditions: [
        condition('Ready', 'True', 'FlowHealthy', 'Data reaches the backend.'),
        condition('ConfigurationGenerated', 'True', 'GatewayConfigured', 'Active.'),
        condition('GatewayHealthy', 'True', 'GatewayReady', 'Two of two.'),
        condition('TelemetryFlowHealthy', 'True', 'FlowHealthy', 'Data reaches the backend.'),
      ],
    };
    await apply(pipelineText('TracePipeline', 'tempo'));
    const waiting = cluster.plane.kubectl(['wait', 'tracepipeline/tempo', '--for=condition=Ready', '--timeout=20s']);
    await cluster.plane.run([
      'patch',
      'tracepipeline',
      'tempo',
      '--subresource=status',
      '--type=merge',
      '-p',
      JSON.stringify({ status }),
    ]);
    expect(await waiting).toMatchObject({
      code: 0,
      stdout: 'tracepipeline.telemetry.kyma-project.io/tempo condition met\n',
    });
    expect(await cluster.plane.run(['get', 'tracepipelines', 'tempo'])).toMatch(
      /^NAME +OUTPUT +READY +STATUS +AGE\ntempo +grpc:\/\/tempo\.obs:4317 +True +FlowHealthy +\d+s\n$/,
    );
    expect(await cluster.plane.run(['get', 'tracepipelines', 'tempo', '-o', 'wide'])).toMatch(
      /^NAME +OUTPUT +READY +STATUS +CONFIG +GATEWAY +FLOW +MESSAGE +AGE\ntempo +grpc:\/\/tempo\.obs:4317 +True +FlowHealthy +True +True +True +Data reaches the backend\. +\d+s\n$/,
    );
  });

  it('has the same columns for metrics and logs, with the agent, and lists all by category', async () => {
    for (const kind of ['MetricPipeline', 'LogPipeline']) {
      await apply(pipelineText(kind, 'columns'));
      const wide = await cluster.plane.run(['get', kind.toLowerCase(), 'columns', '-o', 'wide']);
      expect(wide.split('\n')[0]).toMatch(/^NAME +OUTPUT +READY +STATUS +CONFIG +GATEWAY +AGENT +FLOW +MESSAGE +AGE$/);
    }
    await apply(
      JSON.stringify({
        apiVersion: 'operator.kyma-project.io/v1beta1',
        kind: 'Telemetry',
        metadata: { name: 'default', namespace: NAMESPACE },
      }),
    );
    const all = await cluster.plane.run(['get', 'kyma-telemetry', '-A']);
    expect(all).toMatch(
      /^NAMESPACE +NAME +STATE +ENDPOINT +AGE\nkyma-system +telemetry\.operator\.kyma-project\.io\/default/m,
    );
    expect(all).toContain('tracepipeline.telemetry.kyma-project.io/tempo');
  });

  it('explains every field', async () => {
    const explained = await cluster.plane.run(['explain', 'tracepipeline.spec.output.otlp.endpoint']);
    expect(explained).toContain('Where the backend listens.');
    expect(
      await cluster.plane.run([
        'explain',
        'logpipeline.spec.input.application',
        '--api-version=telemetry.kyma-project.io/v1alpha1',
      ]),
    ).toContain('keepOriginalBody');
    const conditions = await cluster.plane.run(['explain', 'tracepipeline.status.conditions']);
    expect(conditions.replace(/\s+/g, ' ')).toContain(
      'Ready, which says the worst of the others; ConfigurationGenerated',
    );
    const silent: string[] = [];
    for (const kind of RESOURCE_KINDS) {
      const { group, versions } = RESOURCES[kind];
      for (const version of Object.keys(versions)) {
        const { body } = await ask('GET', `/openapi/v3/apis/${group}/${version}`);
        const name = Object.keys(body.components.schemas).find((key) => key.endsWith(`.${kind}`))!;
        silent.push(...fieldsWithoutWords(body.components.schemas[name].properties.spec, `${version} ${kind}.spec`));
      }
    }
    expect(silent).toEqual([]);
  });

  it('says which version is deprecated, once and in the words of the API server', async () => {
    const { stderr, code } = await apply(pipelineText('MetricPipeline', 'older', 'v1alpha1'), '--dry-run=server');
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr:
        'Warning: telemetry.kyma-project.io/v1alpha1 MetricPipeline is deprecated; use telemetry.kyma-project.io/v1beta1\n',
    });
  });

  it('names the field of a rule even while no webhook answers', async () => {
    await webhooks.stop();
    const otlp = { endpoint: { value: 'http://a:4317' } };
    const mistakes: readonly [object, string][] = [
      [
        { output: { otlp: { ...otlp, path: '/a' } } },
        'spec.output.otlp.path: Forbidden: Path is only available with HTTP protocol',
      ],
      [
        { output: { otlp, custom: 'Name null' } },
        `spec.output: Invalid value: Exactly one output out of 'otlp', 'http', 'custom', 'stdout' or 'file' must be defined; there are several`,
      ],
      [
        { input: { runtime: { dropLabels: true } }, output: { otlp } },
        'spec.input.runtime.dropLabels: Forbidden: input.runtime.dropLabels is not supported with otlp output',
      ],
    ];
    for (const [spec, words] of mistakes) {
      const manifest = {
        apiVersion: 'telemetry.kyma-project.io/v1beta1',
        kind: 'LogPipeline',
        metadata: { name: 'a' },
        spec,
      };
      expect((await tryOut(manifest)).body.message).toContain(words);
    }
  });

  it('refuses to turn a LogPipeline of Fluent Bit into one of the Collector', async () => {
    const manifest = {
      apiVersion: 'telemetry.kyma-project.io/v1beta1',
      kind: 'LogPipeline',
      metadata: { name: 'switched' },
      spec: { output: { http: { host: { value: 'a' } } } },
    };
    const { body } = await create(manifest);
    const spec = { output: { otlp: { endpoint: { value: 'http://a:4317' } } } };
    const switched = await ask('PUT', `${pathOf(manifest)}/switched`, { ...body, spec });
    expect(switched.status).toBe(422);
    expect(switched.body.message).toContain('Switching to or away from OTLP output is not supported');
  });
});

function condition(type: string, status: string, reason: string, message: string): object {
  return { type, status, reason, message, lastTransitionTime: '2026-11-22T00:00:00Z', observedGeneration: 1 };
}

const OTLP = { output: { otlp: { endpoint: { value: 'http://tempo.obs:4317' } } } };

interface Containers {
  readonly containers?: { readonly include?: readonly string[] };
}

function pipelineText(kind: string, name: string, version = 'v1beta1', spec: object = OTLP): string {
  return JSON.stringify({ apiVersion: `telemetry.kyma-project.io/${version}`, kind, metadata: { name }, spec });
}

interface OpenApiSchema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, OpenApiSchema>>;
  readonly items?: OpenApiSchema;
}

function fieldsWithoutWords(schema: OpenApiSchema, path: string): readonly string[] {
  return [
    ...((schema.description ?? '').trim() === '' ? [path] : []),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, child]) => fieldsWithoutWords(child, `${path}.${name}`)),
    ...(schema.items === undefined ? [] : fieldsWithoutWords(schema.items, `${path}[]`)),
  ];
}

/** Everything of `part` is in `whole`, which may say more: what it leaves open may be written down. */
function isWithin(part: unknown, whole: unknown): boolean {
  if (typeof part !== 'object' || part === null) return Object.is(part, whole);
  if (typeof whole !== 'object' || whole === null) return false;
  return Object.entries(part).every(([key, value]) => isWithin(value, (whole as Record<string, unknown>)[key]));
}
