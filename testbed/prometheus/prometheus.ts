import { join } from 'node:path';
import { createGoPeer, runGo } from '../go-peer.ts';

/** Prometheus 3, whose receiver takes remote write 1.0 and 2.0; without the pages of its UI, which are no part of the module. */
export const prometheus = createGoPeer({
  name: 'prometheus',
  files: ['go.mod', 'go.sum'].map((name) => join(import.meta.dirname, name)),
  recipe: 'trimpath, no discovery but of files',
  async build(folder, progress) {
    progress.phase('building; this takes 2 to 5 minutes once');
    const tags = 'remove_all_sd';
    const main = 'github.com/prometheus/prometheus/cmd/prometheus';
    await runGo(['build', '-trimpath', '-tags', tags, '-ldflags', '-s -w', '-o', 'out/prometheus', main], folder);
  },
});
