import { join } from 'node:path';
import { createGoPeer, runGo } from '../go-peer.ts';

/** How an API server judges resource definitions and objects: its own code, as a program that reads files. */
export const apivalidation = createGoPeer({
  name: 'apivalidation',
  files: ['main.go', 'go.mod', 'go.sum'].map((name) => join(import.meta.dirname, name)),
  recipe: 'trimpath',
  async build(folder, progress) {
    progress.phase('building; this takes a minute or two once');
    await runGo(['build', '-trimpath', '-o', 'out/apivalidation', '.'], folder);
  },
});
