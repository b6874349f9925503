// npm test: the whole suite. Installs and builds what is missing, real peers included where this machine can (Go, Chromium),
// and closes with one line of counts. Arguments go to vitest: npm test -- src/pdata
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureDependencies, ensureUi, nodePath, root } from './ensure.mjs';

const run = (args) => spawnSync(nodePath(), args, { cwd: root, stdio: 'inherit' }).status ?? 1;

ensureDependencies();
ensureUi();
const wanted = process.argv.slice(2);
if (wanted.length === 0 && run(['testbed/main.ts', 'build', 'all']) !== 0) process.exit(1);

const folder = mkdtempSync(join(tmpdir(), 'sluice-test-'));
const report = join(folder, 'report.json');
const status = run([
  'node_modules/vitest/vitest.mjs',
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...wanted,
]);
let counts;
try {
  counts = JSON.parse(readFileSync(report, 'utf8'));
} catch {
  process.stderr.write('the test runner wrote no report\n');
  process.exit(status || 1);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
for (const file of counts.testResults) {
  for (const test of file.assertionResults) {
    if (test.status === 'skipped' || test.status === 'pending') console.log(`skipped: ${test.fullName}`);
  }
}
// A file that fails to load has no tests of its own and still is a failure.
const failed =
  counts.numFailedTests +
  counts.testResults.filter((f) => f.status === 'failed' && f.assertionResults.length === 0).length;
console.log(`${counts.numPassedTests} passed, ${failed} failed, ${counts.numPendingTests} skipped`);
process.exit(status);
