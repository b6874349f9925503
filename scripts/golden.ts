import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Rewrites the goldens of test/corpus from what the code renders now. Review the diff: every line of it needs a reason. */
const vitest = join(import.meta.dirname, '../node_modules/vitest/vitest.mjs');
const { status } = spawnSync(
  process.execPath,
  [vitest, 'run', '--project', 'unit', 'corpus', 'src/apis/manifests', 'src/cli/examples'],
  {
    stdio: 'inherit',
    env: { ...process.env, SLUICE_UPDATE_GOLDEN: '1' },
  },
);
process.exitCode = status ?? 1;
