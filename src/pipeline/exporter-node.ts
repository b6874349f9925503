import {
  type FileOutput,
  type Header,
  literal,
  type OtlpOutput,
  type OutputChoice,
  parseEndpoint,
  quantityBytes,
} from '../apis/index.ts';
import type { ExporterNode, FileExporterNode, HeaderSetting, OtlpExporterNode } from './graph.ts';

/** A file is rotated at this size when the user rotates without saying at which. */
const DEFAULT_ROTATION = { maxSize: '100Mi', maxBackups: 100 } as const;

export function resolveExporter(choice: OutputChoice): ExporterNode {
  switch (choice.kind) {
    case 'otlp':
      return otlpExporter(choice.output);
    case 'stdout':
      return { kind: 'exporter', type: 'stdout', verbosity: choice.output.verbosity };
    case 'file':
      return fileExporter(choice.output);
  }
}

function otlpExporter(output: OtlpOutput): OtlpExporterNode {
  const endpoint = normalEndpoint(literal(output.endpoint.value ?? ''), output.protocol);
  const path = literal(output.path ?? '');
  return {
    kind: 'exporter',
    type: 'otlp',
    protocol: output.protocol,
    endpoint: path === '' ? endpoint : joinPath(endpoint, path),
    exactUrl: path !== '',
    tls: {
      insecure: isPlainText(endpoint) || output.tls?.insecure === true,
      insecureSkipVerify: output.tls?.insecureSkipVerify === true,
    },
    compression: output.compression,
    headers: (output.headers ?? []).map(headerSetting),
  };
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
  if (node.type !== 'otlp' || node.protocol !== 'http') return undefined;
  const { host, path = '' } = parseEndpoint(node.endpoint) ?? { host: '' };
  if (host.includes('%')) return 'has a zone in its IPv6 address';
  if (/%(?![0-9A-Fa-f]{2})/.test(path)) return 'has a `%` that does not begin an escape such as `%20`';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what a URL must not hold
  return /[\u0000-\u0020\u007f]/.test(path) ? 'has a space or control character in its path' : undefined;
}

/** A scheme decides, as upstream has it; without one gRPC is encrypted unless `tls.insecure` says otherwise. */
function isPlainText(endpoint: string): boolean {
  return parseEndpoint(endpoint)?.scheme === 'http';
}

/** The path is added to the endpoint's own, with one slash between them. */
export function joinPath(endpoint: string, path: string): string {
  return `${endpoint.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`;
}

function headerSetting(header: Header): HeaderSetting {
  const value = literal(header.value ?? '');
  const prefix = literal(header.prefix ?? '').trim();
  return { name: literal(header.name), value: prefix === '' ? value : `${prefix} ${value}` };
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
