import { join } from 'node:path';
import { createGoPeer, runGo } from '../go-peer.ts';

/** The conformance tests for HTTP/2 servers. Its own module names no versions; `go.mod` here does, and `go.sum` verifies them. */
export const h2spec = createGoPeer({
  name: 'h2spec',
  files: ['go.mod', 'go.sum'].map((name) => join(import.meta.dirname, name)),
  recipe: 'trimpath',
  async build(folder, progress) {
    progress.phase('building; this takes half a minute once');
    await runGo(['build', '-trimpath', '-o', 'out/h2spec', 'github.com/summerwind/h2spec/cmd/h2spec'], folder);
  },
});
