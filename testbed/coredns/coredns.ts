import { join } from 'node:path';
import { createGoPeer, runGo } from '../go-peer.ts';

/** The DNS server of a cluster. */
export const coredns = createGoPeer({
  name: 'coredns',
  files: ['go.mod', 'go.sum'].map((name) => join(import.meta.dirname, name)),
  recipe: 'trimpath, static',
  async build(folder, progress) {
    progress.phase('building; this takes a minute or two once');
    const env = { CGO_ENABLED: '0' };
    await runGo(
      ['build', '-trimpath', '-ldflags', '-s -w', '-o', 'out/coredns', 'github.com/coredns/coredns'],
      folder,
      { env },
    );
  },
});
