import type { Issue } from '../../diagnostics/index.ts';

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

const HOST_PORT = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/;

/** An address to listen on that passed `checkEndpoint`; without a host it is every address, as in Go. */
export function parseEndpoint(endpoint: string): HostPort {
  const [, bracketed, plain, port] = HOST_PORT.exec(endpoint)!;
  return { host: (bracketed ?? plain) || '::', port: Number(port) };
}

export function checkEndpoint(endpoint: string | undefined, path: readonly string[]): Issue[] {
  if (endpoint === undefined) return [];
  const match = HOST_PORT.exec(endpoint);
  if (match !== null && Number(match[3]) <= 65_535) return [];
  const message = `\`${path.join('.')}\` must be an address and a port, such as localhost:4317`;
  return [{ code: 'SL0110', severity: 'error', message, path, label: `got ${JSON.stringify(endpoint)}` }];
}
