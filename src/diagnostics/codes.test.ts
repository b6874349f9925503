import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CODES, codeEntry } from './codes.ts';

const SOURCE = join(import.meta.dirname, '..');

function sourceFiles(): string[] {
  return readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter(
    (file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$/.test(file),
  );
}

describe('the registry of codes', () => {
  it('has every code that the source names', () => {
    const unknown = sourceFiles().flatMap((file) => {
      const named = readFileSync(join(SOURCE, file), 'utf8').match(/\bSL\d{4}\b/g) ?? [];
      return named.filter((code) => !codeEntry(code)).map((code) => `${file}: ${code}`);
    });
    expect(unknown).toEqual([]);
  });

  it('has each code once, in order', () => {
    const codes = CODES.map((entry) => entry.code);
    expect(codes).toEqual([...new Set(codes)].sort());
  });

  it.each(CODES.map((entry) => [entry.code, entry] as const))('explains %s', (code, entry) => {
    expect(code).toMatch(/^SL0[0-9]{3}$/);
    expect(entry.title).toMatch(/^[^.]+$/);
    for (const text of [entry.explanation, entry.fix]) expect(text).toMatch(/\S/);
    expect(entry.example).not.toBe('');
  });

  it('is asked in either case', () => {
    expect(codeEntry('sl0101')?.title).toBe('unknown field');
    expect(codeEntry('SL9999')).toBeUndefined();
  });
});
