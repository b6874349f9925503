/** A text of ours without an address that stands in a Secret: its host, its port and its path. */
export function withoutAddress(text: string, address: string): string {
  const [, authority = '', path = ''] = /^(?:[a-z]+:\/\/)?(?:[^/]*@)?([^/?#]+)([^?#]*)/i.exec(address) ?? [];
  const host = authority.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  const ports = [4317, 443, 80].map((port) => `${host}:${port}`);
  const known = [address, `${authority}${path}`, authority, ...ports, host].filter((part) => part !== '');
  const shown = known.reduce((all, part) => all.replaceAll(part, 'the endpoint'), withoutTries(text));
  const segment = path.replace(/\/+$/, '');
  return segment === '' ? shown : shown.replaceAll(segment, '/…');
}

/** The addresses that a name stood for. */
function withoutTries(text: string): string {
  return text.replace(/ \(tried [^)]*\)/g, '');
}
