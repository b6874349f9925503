import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CONCEPTS } from './concepts.ts';
import { REASONS } from './reasons.ts';

const SERVER = join(import.meta.dirname, '../server/overview');

describe('the reasons', () => {
  it('have each word once', () => {
    const words = REASONS.map(({ reason }) => reason);
    expect(words).toEqual([...new Set(words)]);
  });

  it.each(REASONS.map((entry) => [entry.reason, entry] as const))('explain %s', (reason, entry) => {
    expect(reason).toMatch(/^[A-Z][A-Za-z]+$/);
    expect(entry.means).toMatch(/\.$/);
    expect(entry.safe).toMatch(/\.$/);
    expect(entry.look.length).toBeGreaterThan(0);
    if (entry.status === 'False') expect(entry.causes.length).toBeGreaterThan(0);
  });

  it('hold every word that the status of an engine gives', () => {
    const text = readFileSync(join(SERVER, 'pipeline-status.ts'), 'utf8');
    const given = [...text.matchAll(/reason: [^,\n]*/g)].flatMap(([part]) => part.match(/'([A-Z]\w+)'/g) ?? []);
    expect(given.length).toBeGreaterThan(4);
    const known = REASONS.map(({ reason }) => `'${reason}'`);
    expect(given.filter((word) => !known.includes(word))).toEqual([]);
  });
});

describe('the concepts', () => {
  it.each(CONCEPTS.map((entry) => [entry.name, entry] as const))('explain %s', (name, entry) => {
    expect(name).toMatch(/^[a-z]+$/);
    expect(entry.paragraphs.length).toBeGreaterThan(0);
    expect(entry.see.length).toBeGreaterThan(0);
  });
});
