/** Secrets that tests look for wherever something is shown. */

/** Part of every secret; a private key is known by its own lines. */
export const CANARY = 'c4nary';
const TAIL = '"/+ü% &';

export const canary = (where: string) => `${CANARY}-${where}${TAIL}`;
/** In a header `ü` and line breaks are no question of secrecy. */
export const plainCanary = (where: string) => `${CANARY}-${where}-0`;

/** The canary as it looks within base64, at each of the three places that a text can begin. */
const IN_BASE64 = [0, 1, 2].map((before) =>
  Buffer.from(`${'x'.repeat(before)}${CANARY}`)
    .toString('base64')
    .slice(before === 0 ? 0 : before + 1, 8),
);

/** Where in the text a secret shows; empty when none does. */
export function secretsShown(text: string, keyPem: string): readonly string[] {
  // The rest of it is the public key, which the certificate has too.
  const keyLines = keyPem.split('\n').slice(1, 3);
  const flat = text.toLowerCase().includes(CANARY) ? [CANARY] : [];
  const found = [...flat, ...[...IN_BASE64, ...keyLines].filter((part) => text.includes(part))];
  return found.map((part) => {
    const at = text.toLowerCase().indexOf(part.toLowerCase());
    return text.slice(Math.max(0, at - 150), at + 60);
  });
}

/** Of each text by its name, where a secret shows. */
export function leaksOf(texts: Readonly<Record<string, string>>, keyPem: string): readonly string[] {
  return Object.entries(texts).flatMap(([name, text]) => secretsShown(text, keyPem).map((leak) => `${name}: ${leak}`));
}
