import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';

/** Compares with what was reviewed; `npm run golden` writes it anew, and one that is missing is written but in CI. */
export function expectGolden(path: string, actual: string): void {
  if (process.env['SLUICE_UPDATE_GOLDEN'] === '1' || !existsSync(path)) {
    if (process.env['CI'] === 'true') throw new Error(`golden file is missing: ${path}`);
    writeFileSync(path, actual);
  }
  expect(actual).toBe(readFileSync(path, 'utf8'));
}
