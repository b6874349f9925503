const SHORTEST_SECRET = 4;

/** The text without any of the secrets, in whatever form a program that was sent one may answer with it. */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  const forms = new Set(secrets.filter((secret) => secret.length >= SHORTEST_SECRET).flatMap(formsOf));
  // The longest first: of one that begins with another the end would stay.
  const longestFirst = [...forms].sort((a, b) => b.length - a.length);
  return longestFirst.reduce((shown, form) => shown.replaceAll(form, '***'), text);
}

function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURI(secret.toWellFormed()),
    encodeURIComponent(secret.toWellFormed()),
    new URLSearchParams({ '': secret }).toString().slice(1),
    bytes.toString('base64'),
    bytes.toString('base64url'),
    // As a server sees it that takes every byte of a header for a character.
    bytes.toString('latin1'),
  ];
}

/** Header values, with the credentials behind an authorization scheme also on their own. */
export function secretsOf(headers: Readonly<Record<string, string>>): readonly string[] {
  return Object.values(headers).flatMap((value) => [value, ...value.split(' ').slice(1), ...userAndPassword(value)]);
}

function userAndPassword(value: string): readonly string[] {
  const encoded = /^basic +(\S+)$/i.exec(value)?.[1];
  if (encoded === undefined) return [];
  const decoded = Buffer.from(encoded, 'base64').toString();
  const colon = decoded.indexOf(':');
  return [decoded, decoded.slice(0, Math.max(0, colon)), decoded.slice(colon + 1)];
}
