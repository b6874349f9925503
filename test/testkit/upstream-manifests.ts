// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what users write
import fc, { type Arbitrary } from 'fast-check';

/** Manifests that upstream's CRDs, webhooks and reconcilers take, in both versions: its fields in every combination that its rules allow. */

type Fields = Readonly<Record<string, unknown>>;

const secret = fc
  .constantFrom('endpoint', 'user', 'token', 'ca.crt')
  .map((key) => ({ valueFrom: { secretKeyRef: { name: 'backend', namespace: 'obs', key } } }));
const text = fc.constantFrom('me', 'a b', 'x=y;z', '$1', '${env:HOME}', 'ä', '"').map((value) => ({ value }));
const valueType = fc.oneof(text, secret);
const flag = fc.boolean();

/** Each field is there or not. */
const some = (fields: Readonly<Record<string, Arbitrary<unknown>>>): Arbitrary<Fields> =>
  fc.record(fields, { requiredKeys: [] }) as Arbitrary<Fields>;

const names = fc.uniqueArray(fc.constantFrom('shop', 'kube-system', 'a', '0-9', 'checkout'), { maxLength: 3 });
const selector = fc.oneof(
  fc.constant({}),
  names.map((include) => ({ include })),
  names.map((exclude) => ({ exclude })),
);

const tls = fc
  .tuple(some({ insecure: flag, insecureSkipVerify: flag, ca: secret }), fc.option(fc.tuple(secret, secret)))
  .map(([rest, pair]) => (pair === null ? rest : { ...rest, cert: pair[0], key: pair[1] }));

const headers = fc
  .uniqueArray(fc.constantFrom('Authorization', 'X-Scope', 'x_a', 'traceparent'), { maxLength: 3 })
  .chain((list) =>
    fc.tuple(
      ...list.map((name) =>
        fc.tuple(valueType, fc.option(fc.constantFrom('Bearer', ' Token ', ''))).map(([value, prefix]) => {
          return { name, ...value, ...(prefix === null ? {} : { prefix }) };
        }),
      ),
    ),
  );

const oauth2 = fc
  .tuple(
    fc.oneof(fc.constant({ value: 'https://auth.example.com:8443/token?a=b' }), secret),
    some({ scopes: fc.constant(['a', 'b']), params: fc.constant({ audience: 'x' }) }),
  )
  .map(([tokenURL, rest]) => ({ tokenURL, clientID: { value: 'me' }, clientSecret: { value: 'hidden' }, ...rest }));

const ENDPOINTS = {
  grpc: ['backend:4317', 'http://backend:4317', 'https://backend.example.com:443', 'https://[2001:db8::1]:4317'],
  http: ['http://backend', 'https://backend:', 'https://backend.example.com:8443/base', 'http://[::1]:4318/'],
} as const;

/** OAuth2 goes with TLS over gRPC, and over HTTP not with certificates beside http://. */
const otlpOutput = (isOlder: boolean, isMetric: boolean): Arbitrary<Fields> =>
  fc.constantFrom('grpc', 'http', undefined).chain((protocol) => {
    const kind = protocol ?? 'grpc';
    const endpoint = fc.oneof(
      fc.constantFrom(...ENDPOINTS[kind]).map((value) => ({ value })),
      secret,
    );
    const rest = some({
      headers,
      tls,
      ...(kind === 'http' ? { path: fc.constantFrom('', '/v1/in', 'v2/otlp/v1/traces') } : {}),
      ...(isOlder ? {} : { compression: fc.constantFrom('none', 'gzip', 'snappy', 'zstd') }),
      ...(isMetric ? { temporality: fc.constantFrom('preserve', 'delta') } : {}),
    });
    const basic = fc.tuple(valueType, valueType).map(([user, password]) => ({ basic: { user, password } }));
    const plain = fc.tuple(endpoint, rest, fc.option(fc.oneof(basic, fc.constant({}))));
    const tokens = fc.tuple(
      fc.constant({ value: kind === 'grpc' ? 'backend:4317' : 'https://backend' }),
      rest.map((fields) => ({ ...fields, ...(fields['tls'] === undefined ? {} : { tls: { ca: SECRET_CA } }) })),
      oauth2.map((settings) => ({ oauth2: settings })),
    );
    return fc.oneof(plain, tokens).map(([where, fields, authentication]) => ({
      ...(protocol === undefined ? {} : { protocol }),
      endpoint: where,
      ...fields,
      ...(authentication === null ? {} : { authentication }),
    }));
  });

const SECRET_CA = { valueFrom: { secretKeyRef: { name: 'backend', namespace: 'obs', key: 'ca.crt' } } };

const RULES = {
  TracePipeline: {
    conditions: [
      'span.name == "a"',
      'span.name == "b" and IsRootSpan()',
      'IsMatch(resource.attributes["k8s.namespace.name"], ".*-system")',
    ],
    statements: ['set(span.attributes["a"], "$1")', 'set(resource.attributes["b"], "c") where span.kind == 1'],
  },
  MetricPipeline: {
    conditions: ['metric.name == "a"', 'datapoint.value_int > 100', 'metric.type == METRIC_DATA_TYPE_SUMMARY'],
    statements: ['set(metric.unit, "s")', 'set(datapoint.attributes["a"], "b")'],
  },
  LogPipeline: {
    conditions: ['log.severity_number < SEVERITY_NUMBER_WARN', 'log.attributes["a"] != nil'],
    statements: ['set(log.body, log.attributes["message"])', 'delete_matching_keys(log.attributes, "^(a|b|)$")'],
  },
} as const;

type Kind = keyof typeof RULES;

function rules(kind: Kind): Readonly<Record<string, Arbitrary<unknown>>> {
  const conditions = fc.subarray<string>([...RULES[kind].conditions]);
  const statements = fc.subarray<string>([...RULES[kind].statements]);
  return {
    transform: fc.array(some({ conditions, statements }), { maxLength: 3 }),
    filter: fc.array(some({ conditions }), { maxLength: 3 }),
  };
}

const otlpInput = (isOlder: boolean) => some({ [isOlder ? 'disabled' : 'enabled']: flag, namespaces: selector });

const switchOf = some({ enabled: flag });

const metricInput = (isOlder: boolean) =>
  some({
    otlp: otlpInput(isOlder),
    prometheus: some({ enabled: flag, namespaces: selector, diagnosticMetrics: switchOf }),
    runtime: some({
      enabled: flag,
      namespaces: selector,
      resources: some({ pod: switchOf, container: switchOf, node: switchOf, volume: switchOf, job: switchOf }),
      additionalMetrics: fc.subarray(['k8s.pod.uptime', 'k8s.node.condition', 'container.cpu.time']),
    }),
    istio: some({ enabled: flag, namespaces: selector, diagnosticMetrics: switchOf, envoyMetrics: switchOf }),
  });

const olderNamespaces = fc.oneof(
  selector,
  flag.map((system) => ({ system })),
);

const containerLogs = (isOlder: boolean, isFluentBit: boolean) =>
  some({
    enabled: flag,
    namespaces: isOlder ? olderNamespaces : selector,
    containers: selector,
    keepOriginalBody: flag,
    ...(isFluentBit ? { keepAnnotations: flag, dropLabels: flag } : {}),
  });

const logInput = (isOlder: boolean, isFluentBit: boolean) =>
  some({
    ...(isFluentBit ? {} : { otlp: otlpInput(isOlder) }),
    [isOlder ? 'application' : 'runtime']: containerLogs(isOlder, isFluentBit),
  });

const httpOutput = (isOlder: boolean) =>
  fc
    .tuple(
      fc.oneof(
        fc.constantFrom('backend', 'logs.example.com', '10.0.0.1').map((value) => ({ value })),
        secret,
      ),
      some({
        user: valueType,
        password: valueType,
        uri: fc.constantFrom('/', '/in/kyma', '/a?b=c'),
        port: fc.constantFrom('443', '9880'),
        compress: fc.constantFrom('none', 'gzip'),
        format: fc.constantFrom('json', 'json_lines', 'json_stream', 'gelf', 'msgpack'),
        tls: tls.map((fields) => (isOlder ? older(fields) : fields)),
        dedot: flag,
      }),
    )
    .map(([host, rest]) => ({ http: { host, ...rest } }));

function older({ insecure, insecureSkipVerify, ...rest }: Fields): Fields {
  return {
    ...rest,
    ...(insecure === undefined ? {} : { disabled: insecure }),
    ...(insecureSkipVerify === undefined ? {} : { skipCertificateValidation: insecureSkipVerify }),
  };
}

const fluentBit = (isOlder: boolean): Arbitrary<Fields> =>
  fc
    .tuple(
      fc.oneof(
        httpOutput(isOlder),
        fc.constantFrom({ custom: 'Name null' }, { custom: 'name   loki\nhost   loki\nlabels job=${JOB}\n' }),
      ),
      some({
        input: logInput(isOlder, true),
        filters: fc.subarray([
          { custom: 'Name grep\nRegex log error' },
          { custom: 'Name multiline\nmultiline.parser java' },
          { custom: 'Name record_modifier\nRecord cluster ${KUBERNETES_SERVICE_HOST}' },
          {},
        ]),
        files: fc.subarray([{ name: 'a.lua', content: 'function f(t, s, r) return 0, s, r end' }]),
      }),
    )
    .map(([output, rest]) => ({
      ...rest,
      output,
      variables: [{ name: 'JOB', valueFrom: { secretKeyRef: { name: 'backend', namespace: 'obs', key: 'job' } } }],
    }));

function specOf(kind: Kind, isOlder: boolean): Arbitrary<Fields> {
  const output = otlpOutput(isOlder, kind === 'MetricPipeline').map((otlp) => ({ otlp }));
  if (kind === 'TracePipeline') {
    return fc.tuple(output, some(rules(kind))).map(([to, rest]) => ({ output: to, ...rest }));
  }
  const input = kind === 'MetricPipeline' ? metricInput(isOlder) : logInput(isOlder, false);
  const ofCollector = fc.tuple(output, some({ input, ...rules(kind) })).map(([to, rest]) => ({ output: to, ...rest }));
  return kind === 'LogPipeline' ? fc.oneof(ofCollector, fluentBit(isOlder)) : ofCollector;
}

/** One pipeline, as an object. */
export const upstreamPipelines: Arbitrary<Fields> = fc
  .tuple(fc.constantFrom('TracePipeline', 'MetricPipeline', 'LogPipeline'), flag)
  .chain(([kind, isOlder]) =>
    fc.tuple(fc.constantFrom('a', 'shop.eu-1', 'x'.repeat(253)), specOf(kind, isOlder)).map(([name, spec]) => ({
      apiVersion: `telemetry.kyma-project.io/${isOlder ? 'v1alpha1' : 'v1beta1'}`,
      kind,
      metadata: { name },
      spec,
    })),
  );
