// biome-ignore-all lint/suspicious/noTemplateCurlyInString: texts of users, which Fluent Bit would expand
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readResources } from '../../apis/index.ts';
import { optionsOf, type PluginKind, pluginNames } from '../../fluentbit/index.ts';
import { resolve } from '../resolve.ts';
import { readsFile } from './reach.ts';
import { type FluentBitOptions, resolveFluentBit } from './resolve-fluent-bit.ts';

function resolved(spec: object, options: FluentBitOptions = {}, secret: Readonly<Record<string, string>> = {}) {
  const documents = [
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'obs' }, stringData: secret },
    { apiVersion: 'telemetry.kyma-project.io/v1beta1', kind: 'LogPipeline', metadata: { name: 'p' }, spec },
  ];
  const text = documents.map((document) => JSON.stringify(document, null, 1)).join('\n---\n');
  const read = readResources([{ file: 'a.yaml', text }]);
  expect(read.issues).toEqual([]);
  return resolveFluentBit(read.resources[0]!, { secrets: read.secrets, ...options });
}

const NULL_OUTPUT = { custom: 'Name null' };
const withFilter = (custom: string, more: object = {}) => ({ output: NULL_OUTPUT, filters: [{ custom }], ...more });
const FILES = { files: [{ name: 'a.lua', content: 'x' }] };
const VARIABLE = { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 's', namespace: 'obs', key: 'k' } } };

describe('a custom filter cannot reach outside its pipeline', () => {
  it.each([
    ['Name grep\nMatch *\nRegex log a', 'SL0134', 'Match'],
    ['Name grep\n  mAtCh   *\nRegex log a', 'SL0134', 'mAtCh'],
    ['Name grep\nMatch_Regex .*\nRegex log a', 'SL0134', 'Match_Regex'],
    ['Name  ReWrite_Tag\nRule $a b c false', 'SL0134', 'ReWrite_Tag'],
    ['name\tKUBERNETES\nMerge_Log on', 'SL0134', 'KUBERNETES'],
    ['Name log_to_metrics\nTag x.y', 'SL0134', 'log_to_metrics'],
    ['Name grep\nAlias other', 'SL0134', 'Alias'],
    ['Name multiline\nmultiline.parser java\nemitter_name other', 'SL0134', 'emitter_name'],
    ['Name multiline\nmultiline.parser java\nemitter_mem_buf_limit 100G', 'SL0134', '100G'],
    ['Name multiline\nmultiline.parser java\nemitter_mem_buf_limit off', 'SL0134', 'off'],
    ['Name expect\nkey_exists a\naction exit', 'SL0134', 'exit'],
    ['Name expect\nkey_exists a\naction ${TOKEN}', 'SL0134', '${TOKEN}'],
    ['Name lua\ncall f\nscript /etc/passwd', 'SL0134', '/etc/passwd'],
    ['Name lua\ncall f\nscript /files/../data/a.lua', 'SL0134', '/files/../data/a.lua'],
    ['Name lua\ncall f\nscript ${TOKEN}', 'SL0134', '${TOKEN}'],
    ['Name lua\ncall f\ncode x = "${TOKEN}"', 'SL0134', 'x = "${TOKEN}"'],
    ['Name lua\nscript a.lua\ncall ${TOKEN}', 'SL0134', '${TOKEN}'],
    ['Name lua\nscript a.lua\ncall f\nprotected_mode off', 'SL0134', 'off'],
    ['Name lua\nscript a.lua\ncall f\nProtected_Mode ${TOKEN}', 'SL0134', '${TOKEN}'],
    ['Name checklist\nlookup_key a\nfile /data/flb_other.db', 'SL0134', '/data/flb_other.db'],
    ['Name geoip2\ndatabase /data/x', 'SL0134', '/data/x'],
    ['Name grep\n[OUTPUT]\nName null', 'SL0130', '[OUTPUT]'],
    ['Name grep\n@INCLUDE /fluent-bit/x.conf', 'SL0130', '@INCLUDE /fluent-bit/x.conf'],
    ['Name grep\n@SET a=b', 'SL0130', '@SET a=b'],
    ['Name grep\nName kubernetes', 'SL0130', 'Name'],
    ['Name stdout\nparsers_file x', 'SL0132', 'parsers_file'],
    ['Name modify\nAdd x ${SLUICE_FLB_OTHER_http_password}', 'SL0135', '${SLUICE_FLB_OTHER_http_password}'],
    ['Name modify\nAdd x ${HOME', 'SL0135', '${'],
    ['Name modify\nAdd x ${${TOKEN}}', 'SL0135', '${'],
    ['Name http', 'SL0131', 'http'],
    ['Name grep\r[OUTPUT]\rName null', 'SL0130', 'Name grep\r[OUTPUT]\rName null'],
    ['Name grep\n   \t [OUTPUT]\nRegex a b', 'SL0130', '[OUTPUT]'],
    ['Name grep\n\u00a0[OUTPUT]', 'SL0130', '\u00a0[OUTPUT]'],
    ['Name grep\nRegex log a\u2028[OUTPUT]', 'SL0130', 'Regex log a\u2028[OUTPUT]'],
    ['Name grep\nRegex log a\0b', 'SL0130', 'Regex log a\0b'],
    ['Name grep\u00a0', 'SL0131', 'grep\u00a0'],
    ['Name grep\nMatch\u00a0 *', 'SL0132', 'Match\u00a0'],
    ['Name grep\nMatch-Regex .*', 'SL0132', 'Match-Regex'],
    ['Name grep\nprocessors x', 'SL0132', 'processors'],
    ['Name stdout\nPath_Key x', 'SL0132', 'Path_Key'],
    ['Name stdout\nDB /data/x', 'SL0132', 'DB'],
    ['Name stdout\nstorage.path /data', 'SL0132', 'storage.path'],
    ['Name stdout\nPlugins_File x', 'SL0132', 'Plugins_File'],
    ['Name stdout\n_debug.http.request_payload on', 'SL0132', '_debug.http.request_payload'],
    ['Name parser\nKey_Name a\nKey_Name b\nParser json', 'SL0133', 'Key_Name'],
    ['Name lua\nscript a.lua\ncall f\nCALL g', 'SL0133', 'CALL'],
  ])('%j is refused', (custom, code, blamed) => {
    const { graph, issues } = resolved(withFilter(custom, { ...FILES, variables: [VARIABLE] }));
    expect(graph).toBeUndefined();
    const found = issues.find((issue) => issue.code === code);
    expect(issues.map((issue) => issue.code)).toContain(code);
    const { line, column, endColumn } = found!.span!;
    const escaped = JSON.stringify(blamed).slice(1, -1);
    expect({ line: line > 0, width: endColumn - column }).toEqual({ line: true, width: escaped.length });
  });

  it("whatever its case and blanks (upstream's defect e: `match_regex` is not refused)", () => {
    const refused = fc.constantFrom('match', 'match_regex', 'alias', 'tag');
    const casing = fc.array(fc.boolean(), { minLength: 12, maxLength: 12 });
    const blank = fc.stringMatching(/^[ \t]{1,3}$/);
    fc.assert(
      fc.property(refused, casing, blank, fc.boolean(), (key, upper, gap, first) => {
        const spelt = Array.from(key, (one, i) => (upper[i] ? one.toUpperCase() : one)).join('');
        const line = `${gap}${spelt}${gap}*`;
        const custom = first ? `${line}\nName grep` : `Name grep\n${line}`;
        expect(resolved(withFilter(custom)).graph).toBeUndefined();
      }),
    );
  });
});

describe('a custom output cannot reach outside its pipeline', () => {
  it.each([
    'Name exit',
    'Name FILE\npath /data',
    'Name lib',
    'Name plot\nfile /data/x',
    'Name prometheus_exporter',
    'Name vivo_exporter',
    'Name null\nMatch *',
    'Name http\nstorage.total_limit_size 100G',
    'Name s3\nbucket a\nstore_dir /data',
    'Name http\ntls.ca_file /fluent-bit/sluice/tls/other/ca.crt',
    'Name http\ntls.key_file /var/run/secrets/kubernetes.io/serviceaccount/token',
    'Name http\ntls.ca_file /etc/ssl/certs/../../data/x',
    'Name http\noauth2.jwt_key_file /data/x',
    'Name forward\nunix_path /run/containerd.sock',
    'Name kafka\nbrokers a\nrdkafka.ssl.key.location /data/x',
    'Name kafka\nbrokers a\nrdkafka.plugin.library.paths /data/x',
    'Name stackdriver\ngoogle_service_credentials /data/x',
    'Name kafka\nbrokers a\nrdkafka.sasl.kerberos.kinit.cmd id > /data/x',
    'Name kafka\nbrokers a\nrdkafka.sasl.kerberos.principal `id`',
    'Name kafka\nbrokers a\nrdkafka.ssl.engine.location a.so',
    'Name kafka\nbrokers a\nrdkafka.SSL.providers x',
    'Name es\nUpstream /fluent-bit/sluice/files/other/a.conf',
    'Name forward\nupstream a.lua',
    'Name http\nworkers 100000',
    'Name http\nWorkers ${TOKEN}',
    'Name s3\nbucket a\nregion b\nstore_dir_limit_size 100G',
  ])('%j is refused', (custom) => {
    const { graph, issues } = resolved({ output: { custom }, ...FILES, variables: [VARIABLE] }, {}, { k: '9' });
    expect(graph).toBeUndefined();
    expect(issues.map(({ code }) => code)).toEqual(['SL0134']);
  });

  it('may name the certificate authorities of the image, and its own files', () => {
    const custom = 'Name http\ntls.ca_file /etc/ssl/certs/ca-certificates.crt\ntls.key_file /files/a.key';
    const { graph, issues } = resolved({ output: { custom }, files: [{ name: 'a.key', content: 'x' }] });
    expect(issues).toEqual([]);
    expect(graph?.output).toMatchObject({
      plugin: 'http',
      entries: [
        { key: 'tls.ca_file', value: ['/etc/ssl/certs/ca-certificates.crt'] },
        { key: 'tls.key_file', value: [{ file: 'a.key' }] },
      ],
    });
  });
});

/** Options that sound like files and are none: fields of records, requests, names, limits. */
const NO_FILES = new Set(
  `azure_blob/path es/path opensearch/path kafka-rest/url_path s3/file_delivery_attempt_limit s3/total_file_size
  azure_blob/file_delivery_attempt_limit azure_blob/buffer_file_delete_early azure_kusto/buffer_file_delete_early
  azure_blob/upload_file_size azure_kusto/upload_file_size azure_blob/store_dir_limit_size gcs/store_dir_limit_size
  azure_kusto/store_dir_limit_size s3/store_dir_limit_size s3/quarantine_dir_limit_size gcs/total_file_size logdna/file
  influxdb/database azure_kusto/database_name es/aws_profile http/aws_profile opensearch/aws_profile
  opentelemetry/aws_profile prometheus_remote_write/aws_profile cloudwatch_logs/profile kinesis_firehose/profile
  kinesis_streams/profile s3/profile oracle_log_analytics/profile_name opentelemetry/profiles_uri
  opentelemetry/grpc_profiles_uri stackdriver/location stackdriver/k8s_cluster_location gcs/upload_file_size`.split(
    /\s+/,
  ),
);

it('every option that could name a file is known as one, or as none', () => {
  const refusedPlugins = new Set(['kubernetes', 'rewrite_tag', 'log_to_metrics', 'exit', 'file', 'lib', 'plot']);
  const unknown = (['filter', 'output'] as const satisfies readonly PluginKind[]).flatMap((kind) =>
    pluginNames(kind)
      .filter((plugin) => !refusedPlugins.has(plugin))
      .flatMap((plugin) =>
        [...optionsOf(kind, plugin)!.keys()]
          .filter((key) => /path|file|dir|script|database|location|credentials|socket/.test(key))
          .filter((key) => !readsFile(plugin, key) && !NO_FILES.has(`${plugin}/${key}`))
          .filter((key) => !resolvedRefuses(kind, plugin, key)),
      )
      .map((key) => `${kind} ${key}`),
  );
  expect(unknown).toEqual([]);
});

function resolvedRefuses(kind: 'filter' | 'output', plugin: string, key: string): boolean {
  const custom = `Name ${plugin}\n${key} /data/x`;
  const spec = kind === 'filter' ? withFilter(custom) : { output: { custom } };
  return resolved(spec).issues.some(({ code }) => code === 'SL0134');
}

describe('variables', () => {
  const spec = { output: { custom: 'Name http\nPort ${TOKEN}\nUri /a$b ${TOKEN}' }, variables: [VARIABLE] };

  it('are replaced where they are declared; a lone `$` is itself', () => {
    const { graph, issues } = resolved(spec, {}, { k: '80' });
    expect(issues).toEqual([]);
    expect(graph?.output).toMatchObject({
      entries: [
        { key: 'port', value: [{ variable: 'TOKEN' }] },
        { key: 'uri', value: ['/a$b ', { variable: 'TOKEN' }] },
      ],
    });
  });

  it('must fit the option that they stand in', () => {
    expect(resolved(spec, {}, { k: 'CANARY' }).issues).toMatchObject([
      { code: 'SL0133', message: expect.not.stringContaining('CANARY') },
    ]);
  });

  it('must be representable', () => {
    expect(resolved({ ...spec, output: NULL_OUTPUT }, {}, { k: '' }).issues).toMatchObject([{ code: 'SL0138' }]);
    expect(resolved({ ...spec, output: NULL_OUTPUT }, {}, { k: 'a\0b' }).issues).toMatchObject([{ code: 'SL0138' }]);
    const nasty = 'a\n"b\' ${HOME} \\ $';
    const { graph } = resolved({ ...spec, output: NULL_OUTPUT }, {}, { k: nasty });
    expect(graph?.variables[0]?.value.text).toBe(nasty);
  });

  it('and files have names that are used once', () => {
    const twice = { files: [...FILES.files, ...FILES.files], variables: [VARIABLE, VARIABLE] };
    expect(resolved({ output: NULL_OUTPUT, ...twice }, {}, { k: 'v' }).issues).toMatchObject([
      { code: 'SL0136', path: ['spec', 'files', 1, 'name'] },
      { code: 'SL0136', path: ['spec', 'variables', 1, 'name'] },
    ]);
    for (const name of ['../a', 'a/b', '..', '.', 'a b', 'a\n', 'a%2e%2e', 'a\\b', 'ä', 'x'.repeat(129)])
      expect(resolved({ output: NULL_OUTPUT, files: [{ name, content: 'x' }] }).issues).toMatchObject([
        { code: 'SL0136' },
      ]);
  });
});

it.each([
  ['http_passwd CANARY', [{ secret: 'CANARY' }]],
  ['Header Authorization Bearer CANARY', ['Authorization ', { secret: 'Bearer CANARY' }]],
  ['Header Authorization CANARY${TOKEN}', ['Authorization ', { secret: 'CANARY' }, { variable: 'TOKEN' }]],
  ['Header Authorization Bearer ${TOKEN}', ['Authorization Bearer ', { variable: 'TOKEN' }]],
  ['Header ${TOKEN} CANARY', [{ variable: 'TOKEN' }, { secret: ' CANARY' }]],
  ['Header X-Shop a', ['X-Shop ', { secret: 'a' }]],
  ['Uri /in?api_key=CANARY', [{ secret: '/in?api_key=CANARY' }]],
  ['Proxy http://u:CANARY@proxy:80', [{ secret: 'http://u:CANARY@proxy:80' }]],
  ['http_passwd a${TOKEN}', [{ secret: 'a' }, { variable: 'TOKEN' }]],
  ['Aws_Auth on', ['on']],
])('%s is kept out of the files where it is a secret', (line, value) => {
  const spec = { output: { custom: `Name http\n${line}` }, variables: [VARIABLE] };
  expect(resolved(spec, {}, { k: 'v' }).graph?.output).toMatchObject({ entries: [{ value }] });
});

it.each([
  ['Name influxdb', 'http_header Authorization Token CANARY'],
  ['Name td', 'API CANARY'],
  ['Name kafka\nbrokers a', 'rdkafka.ssl.key.pem CANARY'],
  ['Name kafka\nbrokers a', 'rdkafka.sasl.password CANARY'],
  ['Name forward', 'shared_key CANARY'],
  ['Name es', 'Cloud_Auth elastic:CANARY'],
  ['Name slack', 'webhook https://hooks.example.com/CANARY'],
  ['Name azure_blob', 'endpoint https://x.example.com/?sv=1&sig=CANARY'],
])('%s, %s is kept out of what is rendered, and of what is shown of the manifest', (plugin, line) => {
  const spec = { output: { custom: `${plugin}\n${line}` } };
  const { graph } = resolved(spec);
  const texts = graph?.output.type === 'custom' ? graph.output.entries.flatMap(({ value }) => value) : [];
  expect(texts.filter((part) => typeof part === 'string' && part.includes('CANARY'))).toEqual([]);
  expect(JSON.stringify(texts)).toContain('CANARY');
  const { sources } = readResources([{ file: 'a.yaml', text: JSON.stringify({ kind: 'LogPipeline', spec }) }]);
  const places = sources.flatMap(({ text, sensitive = [] }) =>
    sensitive.map(({ column, endColumn }) => text.slice(column - 1, endColumn - 1)),
  );
  expect(places.join()).toContain('CANARY');
});

describe('parsers', () => {
  const parsers = [{ name: 'mine', kind: 'parser', entries: [] }] as const;

  it('that nobody has are left out with a word, and the filter when no other is left', () => {
    const one = resolved(withFilter('Name parser\nKey_Name log\nParser mien\nParser json'), { parsers });
    expect(one.issues).toMatchObject([{ code: 'SL0430', severity: 'warning', help: 'did you mean `mine`?' }]);
    expect(one.graph?.filters[0]?.entries).toEqual([
      { key: 'key_name', value: ['log'] },
      { key: 'parser', value: ['json'] },
    ]);
    const none = resolved(withFilter('Name multiline\nmultiline.parser jaba'), { parsers });
    expect(none.issues).toMatchObject([{ code: 'SL0430', help: 'did you mean `java`?' }]);
    expect(none.graph?.filters).toEqual([]);
  });

  it('of Fluent Bit and of LogParsers are known', () => {
    const custom = 'Name parser\nKey_Name log\nParser nginx\nParser mine';
    expect(resolved(withFilter(custom), { parsers }).issues).toEqual([]);
  });
});

describe('an http output', () => {
  const http = (more: object) => resolved({ output: { http: { host: { value: 'backend' }, ...more } } });

  it.each([
    [{ host: { value: 'https://backend' } }, 'SL0110'],
    [{ host: { value: 'backend:443' } }, 'SL0110'],
    [{ host: { value: 'a b' } }, 'SL0110'],
    [{ host: { value: '${HOME}' } }, 'SL0110'],
    [{ port: 'https' }, 'SL0133'],
    [{ uri: '/a b' }, 'SL0133'],
    [{ port: '70000' }, 'SL0133'],
    [{ format: 'jsonl' }, 'SL0133'],
    [{ compress: 'gzipp' }, 'SL0133'],
    [{ tls: { ca: { value: 'x' } } }, 'SL0407'],
  ])('%j is refused', (more, code) => {
    expect(http(more).issues).toMatchObject([{ code }]);
    expect(http(more).graph).toBeUndefined();
  });

  it('has the defaults of the API', () => {
    expect(http({}).graph?.output).toMatchObject({
      port: 443,
      uri: '/',
      format: 'json',
      compress: 'none',
      dedot: false,
    });
  });
});

it('multiline filters come first, the others in their order', () => {
  const filters = ['Name grep', 'Name multiline\nmultiline.parser java', 'Name stdout'].map((custom) => ({ custom }));
  const { graph } = resolved({ output: NULL_OUTPUT, filters });
  expect(graph?.filters.map(({ plugin }) => plugin)).toEqual(['multiline', 'grep', 'stdout']);
});

it('a pipeline that reads nothing does not run', () => {
  const { graph, issues } = resolved({ output: NULL_OUTPUT, input: { runtime: { enabled: false } } });
  expect(graph).toBeUndefined();
  expect(issues).toMatchObject([{ code: 'SL0307', severity: 'warning' }]);
});

it('a buffer of the Collector has no effect, and says so', () => {
  const { graph, issues } = resolved({ output: NULL_OUTPUT, delivery: { buffer: { maxSize: '64Mi' } } });
  expect(graph).toBeDefined();
  expect(issues).toMatchObject([{ code: 'SL0306', path: ['spec', 'delivery'] }]);
});

it('outside a cluster no Secret is missed: the pipeline is checked, and left out', () => {
  const manifest = {
    apiVersion: 'telemetry.kyma-project.io/v1beta1',
    kind: 'LogPipeline',
    metadata: { name: 'p' },
    spec: { output: { http: { host: { valueFrom: VARIABLE.valueFrom } } } },
  };
  const { resources } = readResources([{ file: 'a.yaml', text: JSON.stringify(manifest) }]);
  const codes = (cluster: boolean) =>
    resolve(resources[0]!, { cluster, secretsRequired: true }).issues.map(({ code }) => code);
  expect(codes(false)).toEqual(['SL0614']);
  expect(codes(true)).toEqual(['SL0401']);
});

it('plugins of an own image can be named; what would reach others is refused of them, too', () => {
  const morePlugins = ['mine'];
  expect(resolved({ output: { custom: 'Name mine\nanything x' } }, { morePlugins }).issues).toEqual([]);
  expect(resolved({ output: { custom: 'Name mine\nMatch *' } }, { morePlugins }).issues).toMatchObject([
    { code: 'SL0134' },
  ]);
});

it('any text is answered, never thrown at', () => {
  const line = fc.array(
    fc.constantFrom(
      'Name',
      'grep',
      'lua',
      'parser',
      ' ',
      '\n',
      '\t',
      '${',
      '}',
      'TOKEN',
      '[',
      ']',
      '@',
      '#',
      'Match',
      '\\',
      '(',
      'script',
      '/files/a.lua',
      ',',
    ),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(line, (parts) => {
      const { graph, issues } = resolved(
        withFilter(parts.join(''), { ...FILES, variables: [VARIABLE] }),
        {},
        { k: 'v' },
      );
      expect(graph !== undefined || issues.length > 0).toBe(true);
    }),
    { numRuns: 200 },
  );
});
