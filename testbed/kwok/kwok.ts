import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createGoPeer, runGo } from '../go-peer.ts';

/** What nodes and pods go through, as the module has it: at once to Ready, and a lease as a sign of life. */
const STAGES = [
  'node/fast/node-initialize.yaml',
  'node/heartbeat-with-lease/node-heartbeat-with-lease.yaml',
  'pod/fast/pod-ready.yaml',
  'pod/fast/pod-complete.yaml',
  'pod/fast/pod-delete.yaml',
];

/** Nodes and pods that only their API objects tell of: a cluster's size without its weight. `stages.yaml` is beside it. */
export const kwok = createGoPeer({
  name: 'kwok',
  files: ['go.mod', 'go.sum'].map((name) => join(import.meta.dirname, name)),
  recipe: `trimpath, static, ${STAGES}`,
  async build(folder, progress) {
    progress.phase('building; this takes a minute once');
    const env = { CGO_ENABLED: '0' };
    const main = 'sigs.k8s.io/kwok/cmd/kwok';
    await runGo(['build', '-trimpath', '-ldflags', '-s -w', '-o', 'out/kwok', main], folder, { env });
    let module = '';
    const hear = (chunk: string) => {
      module += chunk;
    };
    await runGo(['list', '-m', '-f', '{{.Dir}}', 'sigs.k8s.io/kwok'], folder, { hear });
    const texts = STAGES.map((path) => readFileSync(join(module.trim(), 'kustomize/stage', path), 'utf8'));
    writeFileSync(join(folder, 'out/stages.yaml'), texts.join('\n---\n'));
  },
});
