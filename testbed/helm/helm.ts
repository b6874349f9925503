import { join } from 'node:path';
import { createGoPeer, runGo } from '../go-peer.ts';

/** The package manager whose charts Sluice is installed from. */
export const helm = createGoPeer({
  name: 'helm',
  files: ['go.mod', 'go.sum'].map((name) => join(import.meta.dirname, name)),
  recipe: 'trimpath, static',
  async build(folder, progress) {
    progress.phase('building; this takes a minute or two once');
    const env = { CGO_ENABLED: '0' };
    await runGo(['build', '-trimpath', '-ldflags', '-s -w', '-o', 'out/helm', 'helm.sh/helm/v3/cmd/helm'], folder, {
      env,
    });
  },
});
