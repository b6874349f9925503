/** Certificates and keys as text. Only their form is looked at: a Collector that cannot read them does not start at all. */

interface Block {
  readonly label: string;
  readonly body: string;
}

const BLOCK = /^-----BEGIN ([A-Z0-9 ]+)-----[ \t]*\r?\n([\s\S]*?)\r?\n-----END \1-----[ \t]*\r?$/gm;

/** With real line breaks, where a Secret holds `\n` as two characters; as upstream does. */
export function withLineBreaks(pem: string): string {
  return pem.replaceAll('\\n', '\n');
}

/** What is wrong with certificates, in words that stand after the name of a field; undefined when at least one can be read. */
export function certificateProblem(pem: string): string | undefined {
  return problemOf(blocksOf(pem), ({ label }) => label === 'CERTIFICATE', 'a certificate in PEM');
}

/** What is wrong with a private key. */
export function privateKeyProblem(pem: string): string | undefined {
  const blocks = blocksOf(pem);
  const isKey = ({ label }: Block) => label === 'PRIVATE KEY' || label.endsWith(' PRIVATE KEY');
  const key = blocks.find(isKey);
  if (key !== undefined && (key.label.startsWith('ENCRYPTED') || /^Proc-Type:.*ENCRYPTED/m.test(key.body))) {
    return 'is encrypted with a password, which nobody could enter';
  }
  return problemOf(blocks, isKey, 'a private key in PEM');
}

function problemOf(blocks: readonly Block[], wanted: (block: Block) => boolean, what: string): string | undefined {
  const found = blocks.filter(wanted);
  if (found.length === 0) return `is not ${what}`;
  return found.every(({ body }) => isDer(body))
    ? undefined
    : `is not ${what}: what stands between its lines is damaged`;
}

function blocksOf(pem: string): readonly Block[] {
  return [...pem.matchAll(BLOCK)].map(([, label = '', body = '']) => ({ label, body }));
}

/** One DER sequence in base64, complete: a text that was cut off is not. */
function isDer(base64: string): boolean {
  const bytes = decodeBase64(base64.replace(/\s/g, ''));
  if (bytes === undefined || bytes.length < 2 || bytes.charCodeAt(0) !== 0x30) return false;
  const first = bytes.charCodeAt(1);
  if (first < 0x80) return bytes.length === 2 + first;
  const width = first & 0x7f;
  if (width === 0 || width > 4 || bytes.length < 2 + width) return false;
  let length = 0;
  for (let i = 0; i < width; i++) length = length * 256 + bytes.charCodeAt(2 + i);
  return bytes.length === 2 + width + length;
}

/** One character a byte; undefined when it is no base64. */
function decodeBase64(text: string): string | undefined {
  try {
    return atob(text);
  } catch {
    return undefined;
  }
}
