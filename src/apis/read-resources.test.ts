import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { codeEntry, type Issue, type Path } from '../diagnostics/index.ts';
import { KINDS, literal, outputOf, PIPELINE_KINDS, type PipelineKind, quantityBytes, readResources } from './index.ts';

const manifest = (kind: PipelineKind, spec: object, name = 'a') => ({
  apiVersion: 'telemetry.kyma-project.io/v1beta1',
  kind,
  metadata: { name },
  spec,
});

// `y` and `on` are booleans to kubectl, so that strings are quoted.
const yaml = (value: object) => stringify(value, { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' });

const read = (...manifests: object[]) =>
  readResources([{ file: 'f.yaml', text: manifests.map((one) => yaml(one)).join('---\n') }]);

const only = (spec: object, kind: PipelineKind = 'TracePipeline') => {
  const { resources, issues } = read(manifest(kind, spec));
  expect(issues).toEqual([]);
  return resources[0]!.resource;
};

describe('readResources', () => {
  it('fills in what is left open', () => {
    expect(only({ output: { otlp: { endpoint: { value: 'localhost:4317' } } } }).spec).toEqual({
      output: { otlp: { endpoint: { value: 'localhost:4317' }, protocol: 'grpc', compression: 'gzip' } },
      delivery: { guarantee: 'BestEffort', buffer: { storage: 'Memory', maxSize: '16Mi', onFull: 'DropNewest' } },
    });
    expect(only({ output: { stdout: {} } }, 'MetricPipeline').spec).toMatchObject({
      input: { otlp: { enabled: true } },
      output: { stdout: { verbosity: 'normal' } },
    });
    expect(only({ output: { file: { path: 'x', rotation: {} } } }, 'LogPipeline').spec.output).toEqual({
      file: { path: 'x', rotation: {}, format: 'json' },
    });
  });

  it('keeps what is written', () => {
    const spec = {
      input: { otlp: { enabled: false } },
      output: {
        otlp: {
          protocol: 'http',
          endpoint: { value: 'https://backend:4318' },
          path: '/otlp',
          headers: [{ name: 'Authorization', prefix: 'Bearer', value: 'x' }],
          tls: { insecure: true, insecureSkipVerify: false },
          compression: 'zstd',
          temporality: 'preserve',
        },
      },
      delivery: { guarantee: 'BestEffort', buffer: { storage: 'Memory', maxSize: '32Mi', onFull: 'DropNewest' } },
    };
    expect(only(spec, 'MetricPipeline').spec).toEqual(spec);
    expect(outputOf(only(spec, 'MetricPipeline'))).toMatchObject({ kind: 'otlp', output: { compression: 'zstd' } });
  });

  it('drops empty fields, as the API server does', () => {
    expect(
      only({ output: { otlp: { endpoint: { value: 'a:1' }, protocol: null, headers: null } }, filter: null }).spec
        .output.otlp,
    ).toEqual({
      endpoint: { value: 'a:1' },
      protocol: 'grpc',
      compression: 'gzip',
    });
  });

  it('tolerates what an object from a cluster carries', () => {
    const { issues, resources } = read({
      ...manifest('TracePipeline', { output: { stdout: {} } }),
      metadata: {
        name: 'a',
        uid: 'x',
        generation: 3,
        managedFields: [{ manager: 'kubectl' }],
        annotations: { a: 'b' },
      },
      status: { conditions: [{ type: 'ConfigurationGenerated', status: 'True' }], more: 1 },
    });
    expect(issues).toEqual([]);
    expect(resources).toHaveLength(1);
  });

  it('accepts fields of later versions where they ask for nothing', () => {
    const spec = {
      input: { prometheus: { enabled: false }, istio: {}, runtime: { enabled: false }, otlp: { namespaces: {} } },
      output: { otlp: { endpoint: { value: 'a:1' }, authentication: {} } },
      transform: [],
      filter: [],
    };
    expect(only(spec, 'MetricPipeline')).toBeDefined();
    expect(
      only(
        {
          input: { runtime: { enabled: false } },
          output: { stdout: {}, custom: '' },
          filters: [],
          files: [],
          variables: [],
        },
        'LogPipeline',
      ),
    ).toBeDefined();
  });

  it('leaves out what is invalid and keeps the rest, in order', () => {
    const { resources, issues, resourceCount } = read(
      manifest('TracePipeline', { output: { stdout: {} } }, 'good'),
      manifest('TracePipeline', { output: {} }, 'bad'),
      manifest('LogPipeline', { output: { stdout: {} } }, 'good'),
    );
    expect(resources.map(({ resource }) => `${resource.kind}/${resource.metadata.name}`)).toEqual([
      'TracePipeline/good',
      'LogPipeline/good',
    ]);
    expect(issues).toHaveLength(1);
    expect(resourceCount).toBe(3);
  });

  it('keeps a resource that has a warning only', () => {
    const { resources, issues } = read(manifest('LogPipeline', { output: { file: { path: 'x' } } }));
    expect(issues).toMatchObject([{ code: 'SL0305', severity: 'warning' }]);
    expect(resources).toHaveLength(1);
  });

  it('reads the items of a list, as kubectl writes it', () => {
    const list = {
      apiVersion: 'v1',
      kind: 'List',
      metadata: { resourceVersion: '' },
      items: [
        manifest('TracePipeline', { output: { stdout: {} } }),
        manifest('LogPipeline', { output: { stdout: { x: 1 } } }),
      ],
    };
    const { resources, issues, resourceCount } = read(list);
    expect(resources.map(({ resource }) => resource.kind)).toEqual(['TracePipeline']);
    expect(issues).toMatchObject([{ message: 'unknown field `spec.output.stdout.x`' }]);
    expect(issues[0]?.span?.line).toBe(
      yaml(list)
        .split('\n')
        .findIndex((line) => line.includes('x: 1')) + 1,
    );
    expect(resourceCount).toBe(2);
  });

  it('keeps the first of two resources with one name, over all files', () => {
    const text = yaml(manifest('TracePipeline', { output: { stdout: {} } }, 'twin'));
    const { resources, issues } = readResources([
      { file: 'a.yaml', text },
      { file: 'b.yaml', text },
    ]);
    expect(resources).toHaveLength(1);
    expect(issues).toMatchObject([
      { code: 'SL0403', span: { file: 'b.yaml' }, related: [{ span: { file: 'a.yaml' } }] },
    ]);
  });

  it('takes yes and no as kubectl does', () => {
    const text = stringify(
      manifest('MetricPipeline', { output: { otlp: { endpoint: { value: 'a:1' }, tls: {} } } }),
    ).replace('tls: {}', 'tls: { insecure: yes }');
    expect(readResources([{ file: 'f', text }]).resources[0]?.resource.spec.output.otlp?.tls).toEqual({
      insecure: true,
    });
  });

  it('reads $$ as one dollar sign before it judges an endpoint', () => {
    expect(
      read(manifest('TracePipeline', { output: { otlp: { protocol: 'http', endpoint: { value: 'http://a/$$x' } } } }))
        .issues,
    ).toEqual([]);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the text itself
    expect(literal('$$a$b$${env:X}$$$$')).toBe('$a$b${env:X}$$');
  });

  it('reports a thousand mistakes in a moment', () => {
    const manifests = Array.from({ length: 250 }, (_, i) =>
      manifest(
        'TracePipeline',
        { output: { otlp: { protocol: 'HTTP', endpont: {}, endpoint: 'x' } }, filtr: [] },
        `p${i}`,
      ),
    );
    const started = performance.now();
    expect(read(...manifests).issues).toHaveLength(1000);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe('quantityBytes', () => {
  it.each([
    ['16Mi', 16 * 2 ** 20],
    ['1G', 1e9],
    ['1.5Ki', 1536],
    ['0.1k', 100],
    [1048576, 1048576],
    ['7', 7],
  ])('reads %s', (text, bytes) => {
    expect(quantityBytes(text)).toBe(bytes);
  });

  it.each(['16MB', '-1', '', 'Mi', '1e3', '1 Mi', -1, 1.5])('refuses %s', (text) => {
    expect(quantityBytes(text)).toBeUndefined();
  });
});

const name = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,10}[a-z0-9])?$/);
const host = fc.stringMatching(/^[a-z]([-a-z0-9]{0,8}[a-z0-9])?$/);
const port = fc.integer({ min: 1, max: 65535 });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const record = (fields: Record<string, fc.Arbitrary<unknown>>) => fc.record(fields, { requiredKeys: [] });

const endpoint = fc.oneof(
  fc.record({
    protocol: fc.constant('http'),
    endpoint: fc.record({ value: fc.tuple(host, port).map(([h, p]) => `http://${h}:${p}`) }),
    path: maybe(fc.constant('/otlp')),
  }),
  fc.record({
    protocol: maybe(fc.constant('grpc')),
    endpoint: fc.record({ value: fc.tuple(host, port).map(([h, p]) => `${h}:${p}`) }),
  }),
);

const headers = fc.uniqueArray(
  fc.record({
    name: fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,8}$/),
    value: fc.string({ minLength: 1, maxLength: 20 }),
  }),
  { selector: (header) => header.name.toLowerCase(), maxLength: 4 },
);

const otlp = fc
  .tuple(
    endpoint,
    record({
      headers,
      compression: fc.constantFrom('none', 'gzip', 'snappy', 'zstd'),
      tls: record({ insecure: fc.boolean(), insecureSkipVerify: fc.boolean() }),
    }),
  )
  .map(([one, other]) => ({ ...one, ...other }));

const output = fc.oneof(
  fc.record({ otlp }),
  fc.record({ stdout: record({ verbosity: fc.constantFrom('basic', 'normal', 'detailed') }) }),
  fc.record({
    file: fc.record({
      path: fc.string({ minLength: 1 }),
      rotation: record({
        maxSize: fc.constantFrom('1Mi', '100Mi', 5_000_000),
        maxBackups: fc.integer({ min: 1, max: 10 }),
      }),
    }),
  }),
);

const delivery = record({
  guarantee: fc.constant('BestEffort'),
  buffer: record({
    maxSize: fc.constantFrom('1Mi', '64M', '1Gi', 2 ** 20),
    onFull: fc.constant('DropNewest'),
    storage: fc.constant('Memory'),
  }),
});

const valid = fc
  .tuple(
    fc.constantFrom(...PIPELINE_KINDS),
    name,
    output,
    maybe(delivery),
    maybe(record({ otlp: record({ enabled: fc.boolean() }) })),
  )
  .map(([kind, title, out, deliver, input]) =>
    manifest(
      kind,
      JSON.parse(JSON.stringify({ output: out, delivery: deliver, ...(KINDS[kind].hasInput ? { input } : {}) })),
      title,
    ),
  );

describe('readResources, any manifest', () => {
  it('accepts what is valid, and keeps every field', () => {
    fc.assert(
      fc.property(valid, (one) => {
        const { resources, issues } = read(one);
        expect(issues).toEqual([]);
        expect(resources[0]?.resource).toMatchObject(one);
      }),
      { numRuns: 300 },
    );
  });

  it('finds one mistake, and points at it', () => {
    fc.assert(
      fc.property(valid, fc.nat(), fc.constantFrom('unknown field', 'wrong type'), (one, at, mistake) => {
        const paths = objectPaths(one.spec, ['spec']);
        const path = paths[at % paths.length]!;
        const broken = structuredClone(one) as Record<string, unknown>;
        const expected = mistake === 'unknown field' ? [...path, 'zzz'] : path;
        if (mistake === 'unknown field') (valueAt(broken, path) as Record<string, unknown>)['zzz'] = 1;
        else (valueAt(broken, path.slice(0, -1)) as Record<string | number, unknown>)[path.at(-1)!] = 7;
        const { resources, issues, sources } = read(broken);
        expect(resources).toEqual([]);
        const found = issues.find((issue) => JSON.stringify(issue.path) === JSON.stringify(expected));
        expect(found?.code).toBe(mistake === 'unknown field' ? 'SL0101' : 'SL0103');
        expect(textAt(sources[0]!.text, found!)).toBe(mistake === 'unknown field' ? 'zzz' : '7');
        for (const issue of issues) expect(codeEntry(issue.code)).toBeDefined();
      }),
      { numRuns: 300 },
    );
  });

  it('never throws on a value that is no manifest', () => {
    const anything = fc.record({
      apiVersion: fc.oneof(fc.constant('telemetry.kyma-project.io/v1beta1'), fc.jsonValue()),
      kind: fc.oneof(fc.constantFrom<string>(...PIPELINE_KINDS), fc.jsonValue()),
      metadata: fc.oneof(fc.constant({ name: 'a' }), fc.jsonValue()),
      spec: fc.oneof(
        record({
          output: fc.oneof(
            record({
              otlp: record({
                endpoint: fc.jsonValue(),
                headers: fc.jsonValue(),
                tls: fc.jsonValue(),
                path: fc.jsonValue(),
                authentication: fc.jsonValue(),
              }),
              file: fc.jsonValue(),
            }),
            fc.jsonValue(),
          ),
          delivery: fc.jsonValue(),
          input: fc.jsonValue(),
        }),
        fc.jsonValue(),
      ),
    });
    fc.assert(
      fc.property(fc.oneof(anything, fc.jsonValue()), (value) => {
        const { resources, issues } = readResources([{ file: 'f', text: JSON.stringify(value) }]);
        expect(resources.length + issues.length > 0 || value === null).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it.each(['receivers: {otlp: {}}', 'exporters: {debug: {}}\nservice: {}', 'processors: {batch: {}}\nexporters: {}'])(
    'knows a file of the Collector when it sees one: %j',
    (text) => {
      const { issues } = readResources([{ file: 'a.yaml', text }]);
      expect(issues).toMatchObject([{ code: 'SL0115', help: expect.stringContaining('sluice engine --config') }]);
    },
  );
});

function objectPaths(value: unknown, path: Path): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  const below = Object.entries(value).flatMap(([key, child]) =>
    objectPaths(child, [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return Array.isArray(value) ? below : [path, ...below];
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, step) => (at as Record<string | number, unknown>)[step], value);
}

function textAt(text: string, { span }: Issue): string {
  return text.split('\n')[span!.line - 1]!.slice(span!.column - 1, span!.endColumn - 1);
}
