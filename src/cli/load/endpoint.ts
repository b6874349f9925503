import type { GeneratorOptions } from '../../load/index.ts';
import { type CliContext, CliError } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { hostAndPort } from '../local/addresses.ts';
import { findEngines } from '../state-dir.ts';

/** Where generated data goes. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly protocol: GeneratorOptions['protocol'];
  /** `localhost:4317`, with `(local engine)` when one of ours listens there. */
  readonly label: string;
  /** The local engine that listens there. */
  readonly engine?: { readonly api: string; readonly ui: string };
}

export interface EndpointFlags {
  readonly otlpEndpoint?: string;
  readonly otlpHttp?: boolean;
  readonly encoding?: string;
}

const DEFAULT_PORT = { grpc: 4317, http: 4318 };

/** From the flags, the standard OTEL_EXPORTER_OTLP_ variables, the engine that runs here, or OTLP's default port. */
export function resolveEndpoint(flags: EndpointFlags, context: CliContext): Endpoint {
  const protocol = protocolOf(flags, context.env);
  const [engine] = findEngines(context.env);
  const transport = protocol === 'grpc' ? 'grpc' : 'http';
  const given = flags.otlpEndpoint ?? context.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  const fallback = engine ? hostAndPort(engine.host, engine.ports[transport]) : `localhost:${DEFAULT_PORT[transport]}`;
  const { host, port, tls } = parseEndpoint(given ?? fallback, DEFAULT_PORT[transport]);
  const ours =
    engine !== undefined &&
    (isLoopback(host) || host === engine.host) &&
    [engine.ports.grpc, engine.ports.http].includes(port);
  const label = `${hostAndPort(host, port)}${ours ? ' (local engine)' : ''}`;
  const link = ours ? { engine: { api: engine.api, ui: engine.api.replace('//127.0.0.1:', '//localhost:') } } : {};
  return { host, port, tls, protocol, label, ...link };
}

function protocolOf(flags: EndpointFlags, env: CliContext['env']): Endpoint['protocol'] {
  if (flags.encoding === 'json') return 'http/json';
  if (flags.otlpHttp) return 'http/protobuf';
  const wanted = env['OTEL_EXPORTER_OTLP_PROTOCOL'];
  return wanted === 'http/protobuf' || wanted === 'http/json' ? wanted : 'grpc';
}

/** `host:port`, `host`, or a URL whose scheme decides on TLS. */
export function parseEndpoint(text: string, defaultPort: number): { host: string; port: number; tls: boolean } {
  const url = URL.parse(/^[a-z]+:\/\//i.test(text) ? text : `http://${text}`);
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.hostname === '')
    throw new CliError(EXIT.usage, 'SL0903', `--otlp-endpoint takes HOST:PORT or a URL, got \`${text}\``);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // URL drops a port that is its scheme's default, so `:80` has to be read from the text.
  const written = /:(\d+)\/?$/.exec(text)?.[1];
  const port = url.port !== '' ? Number(url.port) : written !== undefined ? Number(written) : defaultPort;
  return { host, port, tls: url.protocol === 'https:' };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
