const ANY = new Set(['0.0.0.0', '::']);

/** `host:port`; IPv6 addresses get their brackets. */
export function hostAndPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Where this machine reaches a listener of `host`: one on all addresses is called by loopback. */
export function connectHost(host: string): string {
  if (host === '0.0.0.0' || host === 'localhost') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}

/** To show; what this machine reaches by the name that people know is called by it. */
export function shownAddress(host: string, port: number): string {
  return hostAndPort(host === '127.0.0.1' || ANY.has(host) ? 'localhost' : host, port);
}
