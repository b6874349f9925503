import type { OverviewDocument } from '../../../src/server/api.ts';

export interface Snippet {
  readonly id: string;
  readonly title: string;
  /** What to paste, complete. */
  readonly text: string;
  /** Why it looks as it does. */
  readonly note: string;
}

/** Ways to send the first telemetry to this very server; each can be pasted as it is. */
export function snippets(endpoints: OverviewDocument['endpoints'], program: string): readonly Snippet[] {
  const http = baseUrl(endpoints.http);
  const grpc = hostAndPort(endpoints.grpc);
  return [
    { id: 'node', title: 'Node.js', ...nodeSnippet(http) },
    { id: 'python', title: 'Python', ...pythonSnippet(grpc) },
    { id: 'java', title: 'Java', ...javaSnippet(http) },
    { id: 'go', title: 'Go', ...goSnippet(grpc) },
    { id: 'dotnet', title: '.NET', ...dotnetSnippet(grpc) },
    { id: 'curl', title: 'curl', ...curlSnippet(http) },
    { id: 'telemetrygen', title: 'telemetrygen', ...telemetrygenSnippet(grpc, http) },
    { id: 'gen', title: 'sluice gen', ...genSnippet(grpc, program) },
  ];
}

type Body = Pick<Snippet, 'text' | 'note'>;

/** The endpoint variable is left out where the SDK would use the same address by itself. */
function environment(entries: Readonly<Record<string, string>>, standardEndpoint: string): string {
  return Object.entries(entries)
    .filter(([name, value]) => name !== 'OTEL_EXPORTER_OTLP_ENDPOINT' || value !== standardEndpoint)
    .map(([name, value]) => `${name}=${value}`)
    .join(' \\\n');
}

function nodeSnippet(http: string): Body {
  const variables = environment(
    {
      OTEL_SERVICE_NAME: 'my-app',
      OTEL_LOG_LEVEL: 'warn',
      OTEL_METRIC_EXPORT_INTERVAL: '5000',
      OTEL_NODE_RESOURCE_DETECTORS: 'env,host,os,process',
      OTEL_EXPORTER_OTLP_ENDPOINT: http,
    },
    'http://localhost:4318',
  );
  return {
    text: `npm i @opentelemetry/api @opentelemetry/auto-instrumentations-node\n${variables} \\\nnode --require @opentelemetry/auto-instrumentations-node/register app.js`,
    note: 'The log level makes failed exports visible; the interval shows the first metric after 5 s instead of 60 s. No code changes.',
  };
}

function pythonSnippet(grpc: string): Body {
  const variables = environment(
    { OTEL_SERVICE_NAME: 'my-app', OTEL_EXPORTER_OTLP_ENDPOINT: `http://${grpc}` },
    'http://localhost:4317',
  );
  return {
    text: `pip install opentelemetry-distro opentelemetry-exporter-otlp\nopentelemetry-bootstrap -a install\n${variables} \\\nopentelemetry-instrument python app.py`,
    note: 'Uses gRPC, the default of the Python distribution.',
  };
}

function javaSnippet(http: string): Body {
  const variables = environment(
    { OTEL_SERVICE_NAME: 'my-app', OTEL_EXPORTER_OTLP_ENDPOINT: http },
    'http://localhost:4318',
  );
  return {
    text: `curl -sSLO https://github.com/open-telemetry/opentelemetry-java-instrumentation/releases/latest/download/opentelemetry-javaagent.jar\n${variables} \\\njava -javaagent:opentelemetry-javaagent.jar -jar app.jar`,
    note: 'The agent instruments the app without code changes.',
  };
}

function goSnippet(grpc: string): Body {
  return {
    text: `OTEL_SERVICE_NAME=my-app OTEL_EXPORTER_OTLP_ENDPOINT=http://${grpc} go run .`,
    note: 'For a program that uses otlptracegrpc and otlpmetricgrpc; the http scheme turns TLS off. For the otlp…http exporters, use the HTTP port or this one: both ports speak both.',
  };
}

function dotnetSnippet(grpc: string): Body {
  return {
    text: `dotnet add package OpenTelemetry.Exporter.OpenTelemetryProtocol\nOTEL_SERVICE_NAME=my-app OTEL_EXPORTER_OTLP_ENDPOINT=http://${grpc} dotnet run`,
    note: 'With AddOtlpExporter() for tracing, metrics and logging.',
  };
}

function curlSnippet(http: string): Body {
  const resource = '{"attributes":[{"key":"service.name","value":{"stringValue":"curl-demo"}}]}';
  const traceId = '5b8efff798038103d269b633813fc60c';
  const span = `{"traceId":"${traceId}","spanId":"eee19b7ec3c1b174","name":"GET /checkout","kind":2,"startTimeUnixNano":"'$S'000000000","endTimeUnixNano":"'$S'120000000"}`;
  const metric = `{"name":"orders","unit":"1","sum":{"aggregationTemporality":2,"isMonotonic":true,"dataPoints":[{"asInt":"3","timeUnixNano":"'$S'000000000"}]}}`;
  const log = `{"timeUnixNano":"'$S'000000000","severityNumber":17,"severityText":"ERROR","body":{"stringValue":"payment refused"},"traceId":"${traceId}","spanId":"eee19b7ec3c1b174"}`;
  const post = (path: string, body: string) => `curl -sS $U/v1/${path} -H "$H" -d '${body}'`;
  return {
    text: [
      `H='content-type: application/json'; U=${http}; S=$(date +%s)`,
      `R='${resource}'`,
      post('traces', `{"resourceSpans":[{"resource":'$R',"scopeSpans":[{"spans":[${span}]}]}]}`),
      post('metrics', `{"resourceMetrics":[{"resource":'$R',"scopeMetrics":[{"metrics":[${metric}]}]}]}`),
      post('logs', `{"resourceLogs":[{"resource":'$R',"scopeLogs":[{"logRecords":[${log}]}]}]}`),
    ].join('\n'),
    note: 'One span, one metric point and one log record as OTLP/JSON. Each answers {"partialSuccess":{}}.',
  };
}

function telemetrygenSnippet(grpc: string, http: string): Body {
  const httpPort = hostAndPort(http);
  return {
    text: [
      `telemetrygen traces  --otlp-insecure --otlp-endpoint ${grpc} --traces 1`,
      `telemetrygen metrics --otlp-insecure --otlp-http --otlp-endpoint ${httpPort} --duration 5s --rate 10`,
      `telemetrygen logs    --otlp-insecure --otlp-endpoint ${grpc} --logs 5`,
    ].join('\n'),
    note: 'The OpenTelemetry project’s own generator, if you have it.',
  };
}

function genSnippet(grpc: string, program: string): Body {
  const endpoint = grpc === 'localhost:4317' ? '' : ` --otlp-endpoint ${grpc}`;
  return { text: `${program} gen all --once${endpoint}`, note: 'One trace, a few metric points and log records.' };
}

function baseUrl(endpoint: string): string {
  return /^https?:\/\//.test(endpoint) ? endpoint.replace(/\/$/, '') : `http://${endpoint}`;
}

/** `localhost:4318` of `http://localhost:4318/`. */
export function hostAndPort(endpoint: string): string {
  return endpoint.replace(/^https?:\/\//, '').replace(/\/$/, '');
}
