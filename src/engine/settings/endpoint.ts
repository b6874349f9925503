import type { Issue } from '../../diagnostics/index.ts';

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

const HOST_PORT = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/;

/**
 * Every address of either family, as Go takes them all for that; Node does where it is given none, and falls back to IPv4 on a
 * machine without IPv6.
 */
const EVERY_ADDRESS = new Set(['', '0.0.0.0', '::']);

/** A host to listen on, as Node takes it: empty for every address. */
export function anyOf(host: string): string {
  return EVERY_ADDRESS.has(host) ? '' : host;
}

/** An address to listen on that passed `checkEndpoint`; without a host it is every address. */
export function parseEndpoint(endpoint: string): HostPort {
  const [, bracketed, plain, port] = HOST_PORT.exec(endpoint)!;
  return { host: anyOf(bracketed ?? plain ?? ''), port: Number(port) };
}

export function checkEndpoint(endpoint: string | undefined, path: readonly string[]): Issue[] {
  if (endpoint === undefined) return [];
  const match = HOST_PORT.exec(endpoint);
  if (match !== null && Number(match[3]) <= 65_535) return [];
  const message = `\`${path.join('.')}\` must be an address and a port, such as localhost:4317`;
  return [{ code: 'SL0110', severity: 'error', message, path, label: `got ${JSON.stringify(endpoint)}` }];
}
