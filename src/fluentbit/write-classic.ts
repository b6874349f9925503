import { hasControl } from './parse-entries.ts';

export interface WritableSection {
  readonly name: string;
  readonly entries: readonly { readonly key: string; readonly value: string }[];
}

/** Sections in the classic format. Throws for what the format cannot hold: users' texts were checked before. */
export function writeClassic(sections: readonly WritableSection[]): string {
  return sections.map(writeSection).join('\n');
}

function writeSection({ name, entries }: WritableSection): string {
  const width = Math.max(0, ...entries.map(({ key }) => key.length));
  const lines = entries.map(({ key, value }) => {
    if (!isKey(key) || !isValue(value)) throw new Error(`not representable: ${key}`);
    return `    ${key.padEnd(width)} ${value}\n`;
  });
  return `[${name}]\n${lines.join('')}`;
}

function isKey(key: string): boolean {
  return /^[^\s#[@][^\s]*$/.test(key) && !hasControl(key);
}

/** One line, not empty, without blanks at its ends, which are not kept. */
export function isValue(value: string): boolean {
  return /^[^ \t\r]/.test(value) && !/[ \t\r]$/.test(value) && !hasControl(value);
}
