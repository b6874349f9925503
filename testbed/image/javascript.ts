import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';

/** Where one of our files names another: only there does the ending change. */
const OWN_FILE = /((?:\bfrom|\bimport|\bimport\(|\bnew URL\()\s*'\.{1,2}\/[^'\n]+)\.ts'/g;

/** Of `a/b.ts`, the path that `javaScriptOf` its text belongs to. */
export function javaScriptPath(path: string): string {
  return path.replace(/\.ts$/, '.js');
}

/**
 * A file of Sluice without its types, line by line the same. Node would strip them at each start of a Pod, whose disk keeps no cache:
 * with the compiler that does it and what its sources take, 22 of the 110 MB of an operator that has just started (Node 24.21, x64).
 */
export function javaScriptOf(source: string): string {
  return stripTypeScriptTypes(source)
    .replace(OWN_FILE, "$1.js'")
    .replace(/[ \t]+$/gm, '');
}

/** Replaces each TypeScript file below a folder. */
export function stripFolder(folder: string): void {
  for (const path of globSync('**/*.ts', { cwd: folder }).map((found) => join(folder, found))) {
    writeFileSync(javaScriptPath(path), javaScriptOf(readFileSync(path, 'utf8')));
    rmSync(path);
  }
}
