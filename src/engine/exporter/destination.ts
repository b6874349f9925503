/** An endpoint for people: without scheme, credentials, query or default path. */
export function describeEndpoint(endpoint: string, protocol: string): string {
  const bare = endpoint
    .replace(/^[a-z]+:\/{2,3}/i, '')
    .replace(/^[^/?#]*@/, '')
    .replace(/[?#].*$/, '')
    .replace(/\/$/, '');
  return `${bare} (${protocol})`;
}
