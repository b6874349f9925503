import {
  endpointProblem,
  type FileOutput,
  literal,
  type OtlpOutput,
  type OutputChoice,
  parseEndpoint,
  quantityBytes,
  type RemoteWriteOutput,
} from '../apis/index.ts';
import type { Path } from '../diagnostics/index.ts';
import { lineBreakHelp, resolveHeaders, resolveOAuth2 } from './credentials.ts';
import type { ExporterNode, FileExporterNode, OtlpExporterNode, RemoteWriteExporterNode, SecretText } from './graph.ts';
import { combine, type SecretValues, type TextProblem } from './secret-values.ts';
import { resolveTls } from './tls-setting.ts';

/** A file is rotated at this size when the user rotates without saying at which. */
const DEFAULT_ROTATION = { maxSize: '100Mi', maxBackups: 100 } as const;

const OTLP: Path = ['spec', 'output', 'otlp'];
const REMOTE_WRITE: Path = ['spec', 'output', 'prometheusRemoteWrite'];

export function resolveExporter(choice: OutputChoice, values: SecretValues): ExporterNode {
  switch (choice.kind) {
    case 'otlp':
      return otlpExporter(choice.output, values);
    case 'prometheusRemoteWrite':
      return remoteWriteExporter(choice.output, values);
    case 'stdout':
      return { kind: 'exporter', type: 'stdout', verbosity: choice.output.verbosity };
    case 'file':
      return fileExporter(choice.output);
  }
}

/** Over gRPC the Collector refuses to start with it; over HTTP whoever gives certificates does not want it. */
function plainOAuth2({ protocol, tls = {} }: OtlpOutput): TextProblem | undefined {
  const message = 'is plain text, which OAuth2 with protocol grpc does not allow (EndpointInvalid)';
  if (protocol === 'grpc') return { code: 'SL0110', message, help: 'use TLS, or `protocol: http`' };
  if (tls.insecure || (tls.ca ?? tls.cert ?? tls.key) === undefined) return undefined;
  return {
    code: 'SL0110',
    message: 'is plain text, beside certificates for TLS and OAuth2 (EndpointInvalid)',
    help: 'use TLS, or remove the certificates',
  };
}

function otlpExporter(output: OtlpOutput, values: SecretValues): OtlpExporterNode {
  const base = baseEndpoint(OTLP, output, values);
  const path = literal(output.path ?? '');
  const endpoint = path === '' ? base : combine([base], `with ${path} added to`, (text) => joinPath(text!, path));
  const oauth2 = output.authentication?.oauth2;
  const insecure = isPlainText(base, output.tls?.insecure === true);
  const oauth2Path = [...OTLP, 'authentication', 'oauth2'];
  const problem = oauth2 !== undefined && insecure ? plainOAuth2(output) : undefined;
  if (problem !== undefined) values.report([...OTLP, 'endpoint'], problem);
  return {
    kind: 'exporter',
    type: 'otlp',
    protocol: output.protocol,
    endpoint: endpoint.from.length === 0 ? (endpoint.text ?? '') : endpoint,
    exactUrl: path !== '',
    tls: resolveTls([...OTLP, 'tls'], output.tls, insecure, values),
    compression: output.compression,
    headers: resolveHeaders(OTLP, output, values),
    ...(oauth2 === undefined ? {} : { oauth2: resolveOAuth2(oauth2Path, oauth2, values) }),
    ...(output.temporality === 'delta' ? { temporality: 'delta' } : {}),
  };
}

/** A URL as it stands: whatever receives remote write has a path of its own. */
function remoteWriteExporter(output: RemoteWriteOutput, values: SecretValues): RemoteWriteExporterNode {
  const endpoint = baseEndpoint(REMOTE_WRITE, { endpoint: output.endpoint, protocol: 'http' }, values);
  const oauth2 = output.authentication?.oauth2;
  const insecure = isPlainText(endpoint, output.tls?.insecure === true);
  return {
    kind: 'exporter',
    type: 'prometheusRemoteWrite',
    endpoint: endpoint.from.length === 0 ? (endpoint.text ?? '') : endpoint,
    version: output.version,
    tls: resolveTls([...REMOTE_WRITE, 'tls'], output.tls, insecure, values),
    headers: resolveHeaders(REMOTE_WRITE, output, values),
    ...(oauth2 === undefined
      ? {}
      : { oauth2: resolveOAuth2([...REMOTE_WRITE, 'authentication', 'oauth2'], oauth2, values) }),
  };
}

/** The endpoint without the path, in the form the Collector takes; one that a Secret holds is checked here, as nobody else saw it. */
function baseEndpoint(
  output: Path,
  { endpoint, protocol }: Pick<OtlpOutput, 'endpoint' | 'protocol'>,
  values: SecretValues,
): SecretText {
  const path = [...output, 'endpoint'];
  const read = values.read(path, endpoint);
  if (read.from.length > 0) {
    values.check(path, read, (text) => {
      const problem = endpointProblem(text, protocol);
      return problem && { code: 'SL0110', message: `${problem.message} (EndpointInvalid)`, help: lineBreakHelp(text) };
    });
  }
  return read.text === undefined ? read : { ...read, text: normalEndpoint(read.text, protocol) };
}

/** As the Collector's gRPC client wants it: the scheme in lower case and, since gRPC has no path, no slash at the end. */
function normalEndpoint(endpoint: string, protocol: 'grpc' | 'http'): string {
  const text = endpoint.replace(/^[A-Za-z]+(?=:\/\/)/, (scheme) => scheme.toLowerCase());
  return protocol === 'grpc' ? text.replace(/\/$/, '') : text;
}

/**
 * Why the Collector would refuse this URL, and with it the configuration of every pipeline; undefined when it would not.
 * Source: parse and parseAuthority of Go's net/url.
 */
export function urlProblem(node: ExporterNode): string | undefined {
  if (node.type !== 'prometheusRemoteWrite' && (node.type !== 'otlp' || node.protocol !== 'http')) return undefined;
  const { host, path = '' } = parseEndpoint(endpointText(node) ?? '') ?? { host: '' };
  if (host.includes('%')) return 'has a zone in its IPv6 address';
  if (/%(?![0-9A-Fa-f]{2})/.test(path)) return 'has a `%` that does not begin an escape such as `%20`';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what a URL must not hold
  return /[\u0000-\u0020\u007f]/.test(path) ? 'has a space or control character in its path' : undefined;
}

/** Undefined when only the running process knows it. */
export function endpointText({ endpoint }: OtlpExporterNode | RemoteWriteExporterNode): string | undefined {
  return typeof endpoint === 'string' ? endpoint : endpoint.text;
}

/**
 * A scheme decides, as upstream has it; without one gRPC is encrypted unless `tls.insecure` says otherwise. Of an endpoint
 * that only the running process knows `tls.insecure` decides: with `https://` the Collector encrypts nevertheless, and over
 * HTTP the scheme alone counts; over gRPC `http://` needs `tls.insecure: true` beside it.
 */
function isPlainText({ text }: SecretText, insecure: boolean): boolean {
  const scheme = parseEndpoint(text ?? '')?.scheme;
  return scheme === undefined ? insecure : scheme === 'http';
}

/** The path is added to the endpoint's own, with one slash between them. */
export function joinPath(endpoint: string, path: string): string {
  return `${endpoint.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`;
}

function fileExporter({ path, format, rotation }: FileOutput): FileExporterNode {
  return {
    kind: 'exporter',
    type: 'file',
    path: literal(path),
    format,
    ...(rotation === undefined ? {} : { rotation: rotationOf(rotation) }),
  };
}

function rotationOf(rotation: NonNullable<FileOutput['rotation']>): NonNullable<FileExporterNode['rotation']> {
  const { maxSize, maxBackups } = { ...DEFAULT_ROTATION, ...rotation };
  return { maxSizeBytes: quantityBytes(maxSize)!, maxBackups };
}
