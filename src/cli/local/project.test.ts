import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { projectOf } from './project.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-project-'));
  for (const name of ['shop', 'bank']) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'telemetry.yaml'), '');
  }
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string) => join(folder, name);

it('is another one for each file, wherever it is named from', () => {
  const shop = projectOf(undefined, at('shop'));
  expect(shop).toMatch(/^telemetry\.yaml-[0-9a-f]{16}$/);
  expect(projectOf(['telemetry.yaml'], at('shop'))).toBe(shop);
  expect(projectOf(['shop/telemetry.yaml'], folder)).toBe(shop);
  expect(projectOf(undefined, at('bank'))).not.toBe(shop);
  expect(projectOf(['shop'], folder)).not.toBe(shop);
});

it('is the folder where there is no file that lasts', () => {
  const none = projectOf(undefined, folder);
  expect(none).toMatch(/^sluice-project-[A-Za-z0-9]+-[0-9a-f]{16}$/);
  expect(projectOf(['-'], folder)).toBe(none);
});
