import { join } from 'node:path';
import { createGoPeer, runGo } from '../go-peer.ts';

/** Nodes and pods that only their API objects tell of: a cluster's size without its weight. */
export const kwok = createGoPeer({
  name: 'kwok',
  files: ['go.mod', 'go.sum'].map((name) => join(import.meta.dirname, name)),
  recipe: 'trimpath, static',
  async build(folder, progress) {
    progress.phase('building; this takes a minute once');
    const env = { CGO_ENABLED: '0' };
    await runGo(['build', '-trimpath', '-ldflags', '-s -w', '-o', 'out/kwok', 'sigs.k8s.io/kwok/cmd/kwok'], folder, {
      env,
    });
  },
});
