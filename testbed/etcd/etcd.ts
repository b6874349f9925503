import { join } from 'node:path';
import { createGoPeer, runGo } from '../go-peer.ts';

/** The store of a Kubernetes API server. */
export const etcd = createGoPeer({
  name: 'etcd',
  files: ['go.mod', 'go.sum'].map((name) => join(import.meta.dirname, name)),
  recipe: 'trimpath, static',
  async build(folder, progress) {
    progress.phase('building; this takes half a minute once');
    const env = { CGO_ENABLED: '0' };
    await runGo(['build', '-trimpath', '-ldflags', '-s -w', '-o', 'out/etcd', 'go.etcd.io/etcd/server/v3'], folder, {
      env,
    });
  },
});
