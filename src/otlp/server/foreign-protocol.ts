/** What other programs speak, told by how it looks, and what their users should do. */

const TAKES = 'this port takes OTLP';

function over(name: string, advice: string): string {
  return `the sender speaks ${name}, ${TAKES}; ${advice}`;
}

const USE_SDK = 'set OTEL_TRACES_EXPORTER=otlp in an SDK, or put a Collector in between';

/** Paths of other protocols over HTTP, without the query. */
const HTTP_PATHS: readonly (readonly [path: RegExp, name: string, advice: string])[] = [
  [/^\/api\/v[12]\/spans$/, 'Zipkin', `${USE_SDK} with a zipkin receiver`],
  [/^\/api\/traces$/, 'Jaeger (Thrift over HTTP)', `${USE_SDK} with a jaeger receiver`],
  [
    /^\/api\/(v1\/(write|push)|prom\/write)$/,
    'Prometheus remote write',
    'put a Collector with a prometheusremotewrite receiver in between',
  ],
  [/^\/(loki\/api\/v1|api\/prom)\/push$/, 'Loki', 'put a Collector with a loki receiver in between'],
  [/^\/(v0\.\d\/traces|api\/v0\.2\/traces|api\/v[12]\/series)$/, 'the Datadog protocol', 'use an OpenTelemetry SDK'],
  [
    /^\/services\/collector(\/|$)/,
    'Splunk HEC',
    'use an OTLP exporter, or put a Collector with a splunk_hec receiver in between',
  ],
  [/^\/intake\/v2\//, 'the Elastic APM protocol', 'use an OpenTelemetry SDK'],
  [/^\/_bulk$/, 'the Elasticsearch protocol', 'use an OTLP exporter'],
  [
    /^\/(api\/v2\/)?write$/,
    'InfluxDB line protocol',
    'use an OTLP output, or put a Collector with an influxdb receiver in between',
  ],
  [/^\/v1(development|experimental)?\/profiles$/, 'OTLP profiles', 'it has traces, metrics and logs'],
];

/** The sentence for a request of another protocol over HTTP; undefined when it looks like none that is known. */
export function foreignRequest(method: string, path: string): string | undefined {
  const known = HTTP_PATHS.find(([pattern]) => pattern.test(path));
  if (known !== undefined) return over(known[1], known[2]);
  if (method !== 'GET' && method !== 'HEAD') return undefined;
  if (path === '/metrics') {
    return `${method} /metrics asks for metrics as Prometheus does, ${TAKES}; it is not to be scraped`;
  }
  if (path === '/' || path === '/favicon.ico') {
    return `${method} ${path} asks for a page as a browser does, ${TAKES}; programs send telemetry here with POST`;
  }
  return undefined;
}

const GRPC_SERVICES: readonly (readonly [prefix: string, name: string, advice: string])[] = [
  ['/jaeger.api_v2.', 'Jaeger over gRPC', `${USE_SDK} with a jaeger receiver`],
  ['/opencensus.proto.', 'OpenCensus', 'use an OpenTelemetry SDK'],
  ['/skywalking.', 'SkyWalking', 'put a Collector with a skywalking receiver in between'],
  ['/opentelemetry.proto.collector.profiles.', 'OTLP profiles', 'it has traces, metrics and logs'],
  ['/opentelemetry.proto.experimental.arrow.', 'OTel Arrow', 'set `arrow: {disabled: true}` in the exporter'],
  ['/grpc.health.', 'gRPC health checks', 'check that the port accepts connections, or use the health_check extension'],
  ['/grpc.reflection.', 'gRPC reflection', 'give the client the OTLP .proto files'],
];

/** The sentence for a gRPC service that is known and not ours. */
export function foreignMethod(path: string): string | undefined {
  const known = GRPC_SERVICES.find(([prefix]) => path.startsWith(prefix));
  return known && over(known[1], known[2]);
}

const LONGEST_LOOK = 256;
const THRIFT_STARTS: readonly (readonly [number, number])[] = [
  [0x80, 0x01],
  [0x82, 0x21],
];

const TEXTS: readonly (readonly [start: RegExp, name: string, advice: string])[] = [
  [
    /^[^\s:|]+:[-+\d.]+\|(c|g|ms|h|d|s)\b/,
    'StatsD',
    'use an OpenTelemetry SDK, or put a Collector with a statsd receiver in between',
  ],
  [/^[\w.;=-]+ [-+\d.eE]+ \d{9,}/, 'Graphite', 'put a Collector with a carbon receiver in between'],
  [/^(\d+ )?<\d{1,3}>/, 'syslog', 'put a Collector with a syslog receiver in between'],
  [/^SSH-/, 'SSH', 'is the port right?'],
  [/^\s*[{[]/, 'JSON without HTTP', 'send it with POST to /v1/logs, /v1/traces or /v1/metrics'],
];

/** The sentence for the first bytes of something that is neither HTTP nor TLS. */
export function foreignBytes(bytes: Uint8Array): string {
  const [first = 0, second = 0] = bytes;
  if (THRIFT_STARTS.some(([a, b]) => first === a && second === b)) return over('Thrift', 'use an OTLP exporter');
  if (first >= 0x92 && first <= 0x94) {
    return over('the Fluentd forward protocol', 'use the opentelemetry output of Fluent Bit');
  }
  const text = Buffer.from(bytes.subarray(0, LONGEST_LOOK)).toString('latin1');
  const known = TEXTS.find(([start]) => start.test(text));
  if (known !== undefined) return over(known[1], known[2]);
  const what = isText(text) ? 'plain text' : 'binary data';
  return `the sender spoke neither HTTP/1 nor HTTP/2 but ${what}; OTLP is gRPC or HTTP`;
}

function isText(text: string): boolean {
  return /^[\t\r\n\x20-\x7e]+$/.test(text);
}
