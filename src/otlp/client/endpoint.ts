import { CodedError } from '../../lib/index.ts';
import type { ClientTls } from './client-tls.ts';

/** Where a client connects to. */
export interface Endpoint {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  /** `http://localhost:4317`, without credentials; also for messages. */
  readonly origin: string;
  /** Path of the URL without a trailing slash; empty for none. */
  readonly path: string;
  /** `user:password` of a URL that has them. */
  readonly credentials?: string;
  /** gRPC's `passthrough:///`: the name is one address. */
  readonly isPassthrough: boolean;
}

/** As people write it, with brackets around an IPv6 address. */
export function at({ host, port }: Endpoint): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * Reads `host:port`, `http://host:port/path` or gRPC's `dns:///host:port`. The scheme decides on TLS; without one, `insecure` does.
 * Throws a CodedError `invalid_endpoint`.
 */
export function parseEndpoint(text: string, tls: ClientTls | undefined, defaultPort: number): Endpoint {
  const bare = withoutResolver(text);
  const withScheme = /^https?:\/\//i.test(bare) ? bare : `${tls?.insecure === true ? 'http' : 'https'}://${bare}`;
  const url = URL.parse(withScheme);
  if (url === null || url.hostname === '') {
    throw new CodedError(
      'invalid_endpoint',
      `${JSON.stringify(withoutCredentials(text))} is not an endpoint, write host:port or http://host:port`,
    );
  }
  const secure = url.protocol === 'https:';
  // URL drops a port that is the scheme's own, and gRPC's default is another.
  const [authority] = withScheme.slice(withScheme.indexOf('//') + 2).split(/[/?#]/, 1);
  const explicit = /:(\d+)$/.exec(authority!)?.[1];
  const port = explicit === undefined ? defaultPort : Number(explicit);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return {
    secure,
    host,
    port,
    origin: `${url.protocol}//${url.hostname}:${port}`,
    isPassthrough: text.startsWith('passthrough:'),
    path: `${url.pathname}${url.search}`.replace(/\/+$/, ''),
    ...(url.username !== '' && {
      credentials: `${percentDecoded(url.username)}:${percentDecoded(url.password)}`,
    }),
  };
}

/** Without gRPC's `dns:` or `passthrough:`, which may be followed by three slashes, or by two as people write it. */
function withoutResolver(text: string): string {
  const [, scheme, rest = text] = /^(dns|passthrough|unix|unix-abstract|xds|ipv4|ipv6):(?!\d+$)(.*)$/.exec(text) ?? [];
  if (scheme === undefined) return text;
  const hasNameServer = /^\/\/[^/]+\/./.test(rest);
  if ((scheme !== 'dns' && scheme !== 'passthrough') || hasNameServer) {
    throw new CodedError(
      'invalid_endpoint',
      `${JSON.stringify(withoutCredentials(text))} is not supported, write host:port or dns:///host:port`,
    );
  }
  return rest.replace(/^\/{2,3}/, '');
}

/** What isn't valid percent-encoding is taken as it stands. */
function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function withoutCredentials(text: string): string {
  return text.replace(/^([a-z]+:\/+)?.*@/i, '$1***@');
}
