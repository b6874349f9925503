// npm test: the whole suite. Installs and builds what is missing, real peers included where this machine can (Go, Chromium),
// and closes with one line of counts. Arguments go to vitest: npm test -- src/pdata
import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureDependencies, ensureUi, nodePath, root } from './ensure.mjs';

/** Runs it to its end and resolves with its exit code. */
const run = (args, stdio = 'inherit') =>
  new Promise((resolve) => {
    const child = spawn(nodePath(), args, { cwd: root, stdio });
    child.once('error', () => resolve(1));
    child.once('close', (code) => resolve(code ?? 1));
  });

const testRun = (args, report, stdio) =>
  run(
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...args,
    ],
    stdio,
  );

/** Tests that make this machine a node of a cluster, of which it can be one at a time. */
function testsOfNodes() {
  const files = readdirSync(join(root, 'test/cluster')).map((name) => `test/cluster/${name}`);
  return files.filter(
    (file) => file.endsWith('.test.ts') && /startClusterNode/.test(readFileSync(join(root, file), 'utf8')),
  );
}

/**
 * Clusters mostly wait, so they do it beside the rest: three runs at a time, the second of which compares with the Collector when
 * it is done with nodes. What the first says is shown at once, what the others said follows.
 */
async function runAll(folder) {
  const nodes = testsOfNodes();
  const lanes = [
    [['--project', 'unit', '--project', 'e2e', '--exclude', 'test/differential/**']],
    [
      ['--project', 'cluster', ...nodes],
      ['--project', 'e2e', 'test/differential'],
    ],
    [['--project', 'cluster', ...nodes.flatMap((file) => ['--exclude', file])]],
  ];
  const done = lanes.map(async (runs, lane) => {
    const said = join(folder, `${lane}.txt`);
    const stdio = lane === 0 ? 'inherit' : ['ignore', openSync(said, 'w'), 'inherit'];
    const results = [];
    for (const [i, args] of runs.entries()) {
      const report = join(folder, `${lane}-${i}.json`);
      results.push({ report, status: await testRun(args, report, stdio) });
    }
    return { said: lane === 0 ? '' : said, results };
  });
  const ended = await Promise.all(done);
  for (const { said } of ended) if (said !== '') process.stdout.write(readFileSync(said));
  const results = ended.flatMap((one) => one.results);
  return { statuses: results.map(({ status }) => status), reports: results.map(({ report }) => report) };
}

async function runWanted(folder, wanted) {
  const report = join(folder, 'report.json');
  return { statuses: [await testRun(wanted, report)], reports: [report] };
}

ensureDependencies();
ensureUi();
const wanted = process.argv.slice(2);
if (wanted.length === 0 && (await run(['testbed/main.ts', 'build', 'all'])) !== 0) process.exit(1);

const folder = mkdtempSync(join(tmpdir(), 'sluice-test-'));
const { statuses, reports } = wanted.length === 0 ? await runAll(folder) : await runWanted(folder, wanted);
const status = statuses.find((code) => code !== 0) ?? 0;
let counts;
try {
  counts = reports.map((report) => JSON.parse(readFileSync(report, 'utf8')));
} catch {
  process.stderr.write('the test runner wrote no report\n');
  process.exit(status || 1);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const files = counts.flatMap(({ testResults }) => testResults);
for (const { name, assertionResults } of files) {
  for (const { status: became, fullName, failureMessages } of assertionResults) {
    if (became === 'skipped' || became === 'pending') console.log(`skipped: ${fullName}`);
    // What it said stands far above, where two runs are shown one after the other.
    if (became === 'failed') console.log(`failed: ${name}: ${fullName}\n${failureMessages.join('\n').slice(0, 1500)}`);
  }
}
const sum = (figure) => counts.reduce((total, one) => total + one[figure], 0);
// A file that fails to load has no tests of its own and still is a failure.
const failed =
  sum('numFailedTests') + files.filter((f) => f.status === 'failed' && f.assertionResults.length === 0).length;
console.log(`${sum('numPassedTests')} passed, ${failed} failed, ${sum('numPendingTests')} skipped`);
process.exit(status);
