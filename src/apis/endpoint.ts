export interface Endpoint {
  readonly scheme?: string;
  readonly host: string;
  readonly port?: string;
  /** From the first `/` after the host; absent when there is none. */
  readonly path?: string;
  readonly hasCredentials: boolean;
}

const SHAPE =
  /^(?:([A-Za-z][A-Za-z0-9+.-]*):\/\/)?(?:([^/@]*)@)?(\[[0-9A-Fa-f:.%]+\]|[^/:?#[\]]*)(?::([^/?#]*))?([/?#].*)?$/;
const HOST = /^(?:\[.+\]|[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_.])?)$/;

/** Takes an endpoint apart; undefined when it is neither `host:port` nor a URL. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const match = SHAPE.exec(text);
  const [, scheme, credentials, host = '', port, path] = match ?? [];
  if (!match || !HOST.test(host)) return undefined;
  return {
    host,
    hasCredentials: credentials !== undefined,
    ...(scheme === undefined ? {} : { scheme: scheme.toLowerCase() }),
    ...(port === undefined ? {} : { port }),
    ...(path === undefined ? {} : { path }),
  };
}

export function isHttpUrl(text: string): boolean {
  const { scheme, host, port } = parseEndpoint(text) ?? { host: '' };
  if (scheme !== 'http' && scheme !== 'https') return false;
  return (
    host !== '' && portProblem({ host, hasCredentials: false, ...(port === undefined ? {} : { port }) }) === undefined
  );
}

export interface EndpointProblem {
  readonly message: string;
  readonly label: string;
  readonly help: string;
}

/** What is wrong with an endpoint for its protocol. The words hold no part of an endpoint that may carry credentials. */
export function endpointProblem(text: string, protocol: 'grpc' | 'http'): EndpointProblem | undefined {
  const endpoint = parseEndpoint(text);
  // An `@` out of place may be part of a password, and what stands before it too: nothing of such a text is repeated.
  if (endpoint?.hasCredentials || (text.includes('@') && (!endpoint || partsProblem(endpoint, protocol)))) {
    return {
      message: 'must not hold credentials',
      label: 'user name or password in the URL',
      help: 'send them in a header, such as `Authorization`',
    };
  }
  if (endpoint) return partsProblem(endpoint, protocol);
  return { message: 'is not an endpoint', label: describeMalformed(text), help: `write ${EXAMPLE[protocol]}` };
}

function partsProblem(endpoint: Endpoint, protocol: 'grpc' | 'http'): EndpointProblem | undefined {
  return portProblem(endpoint) ?? (protocol === 'grpc' ? grpcProblem(endpoint) : httpProblem(endpoint));
}

const EXAMPLE = { grpc: '`host:4317`', http: '`http://host:4318`' } as const;

function describeMalformed(text: string): string {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what users write
  if (text.includes('${')) return '`${…}` is not expanded, it is text';
  if (/\s/.test(text)) return 'has a space';
  return 'neither host:port nor a URL';
}

/** An empty port counts as none, as Go has it: that of the scheme. */
function portProblem({ host, port = '' }: Endpoint): EndpointProblem | undefined {
  if (port === '') return undefined;
  const number = Number(port);
  if (/^[0-9]+$/.test(port) && number >= 1 && number <= 65535) return undefined;
  return {
    message: 'has a port that does not exist',
    label: /^[0-9]+$/.test(port) ? `port ${port}` : 'the port is no number',
    help: `a port is a number from 1 to 65535: \`${host}:4317\``,
  };
}

function grpcProblem({ scheme, host, port, path }: Endpoint): EndpointProblem | undefined {
  if (scheme !== undefined && scheme !== 'http' && scheme !== 'https') return wrongScheme(scheme, 'grpc');
  if (path !== undefined && path !== '/') {
    return {
      message: 'must not have a path with protocol grpc',
      label: `path '${path}'`,
      help: 'remove the path, or set `protocol: http`',
    };
  }
  if (port !== undefined && port !== '') return undefined;
  const written = scheme === undefined ? host : `${scheme}://${host}`;
  return { message: 'must have a port', label: 'port is missing', help: `write \`${written}:4317\`` };
}

function httpProblem({ scheme, host, port }: Endpoint): EndpointProblem | undefined {
  if (scheme === 'http' || scheme === 'https') return undefined;
  if (scheme !== undefined) return wrongScheme(scheme, 'http');
  const written = `${host}${port === undefined ? '' : `:${port}`}`;
  return {
    message: 'must begin with http:// or https:// with protocol http',
    label: 'scheme is missing',
    help: `write \`http://${written}\`, or \`https://${written}\` if the backend uses TLS`,
  };
}

function wrongScheme(scheme: string, protocol: 'grpc' | 'http'): EndpointProblem {
  return {
    message: `has a scheme that protocol ${protocol} does not use`,
    label: `scheme '${scheme}'`,
    help: `write ${EXAMPLE[protocol]}`,
  };
}
