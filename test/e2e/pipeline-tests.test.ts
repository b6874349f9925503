import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startProcess } from '../testkit/process.ts';
import { createHome, type Home, runSluice, SLUICE } from '../testkit/sluice.ts';
import { waitFor } from '../testkit/wait-for.ts';

const PIPELINE = `apiVersion: telemetry.kyma-project.io/v1beta1
kind: LogPipeline
metadata:
  name: audit
spec:
  filter:
    - conditions: ['log.severity_number < SEVERITY_NUMBER_WARN']
  output:
    stdout: {}
`;
const test = (name: string, spec: string) =>
  `apiVersion: sluice.io/v1alpha1\nkind: PipelineTest\nmetadata: { name: ${name} }\nspec: { pipeline: LogPipeline/audit, ${spec} }\n`;
const PASSES = test(
  'keeps-warnings',
  'input: [{ log: { severity_number: 13 } }, { log: { severity_number: 9 } }], count: 1, dropped: 1',
);
const FAILS = test('keeps-debug', 'input: [{ log: { severity_number: 5 } }], count: 1');

describe('sluice test', () => {
  let home: Home;

  beforeEach(() => {
    home = createHome();
    home.write('telemetry.yaml', PIPELINE);
  });

  afterEach(() => home.remove());

  it('runs *.test.yaml against the pipelines beside it, and ends with 0 when all pass', async () => {
    home.write('a.test.yaml', PASSES);
    const { code, stdout, stderr } = await runSluice(home, ['test']);
    expect(stdout).toMatch(
      /^PASS {2}keeps-warnings +LogPipeline\/audit +2 in, 1 out, 1 filtered\n1 test, 1 passed, 0 failed\n$/,
    );
    expect([code, stderr]).toEqual([0, '']);
  });

  it('ends with 1 and names the rule that is to blame', async () => {
    home.write('a.test.yaml', `${PASSES}---\n${FAILS}`);
    const { code, stdout } = await runSluice(home, ['test']);
    expect(code).toBe(1);
    expect(stdout).toContain('0 items came out, expected 1');
    expect(stdout).toMatch(
      /because: filter\[0\]\.conditions\[0\] dropped it: `log\.severity_number < \S+` +telemetry\.yaml:7/,
    );
    expect(stdout).toContain('2 tests, 1 passed, 1 failed');
  });

  it('reports to programs as JSON and JUnit', async () => {
    home.write('a.test.yaml', `${PASSES}---\n${FAILS}`);
    const json = JSON.parse((await runSluice(home, ['test', '-o', 'json'])).stdout);
    expect(json).toMatchObject({
      kind: 'PipelineTestReport',
      summary: { tests: 2, passed: 1, failed: 1 },
      items: [{ passed: true }, { passed: false, differences: [{ what: 'count', expected: 1, got: 0 }] }],
    });
    const junit = await runSluice(home, ['test', '-o', 'junit']);
    expect(junit.stdout).toContain('<testsuites name="sluice test" tests="2" failures="1" errors="0">');
  });

  it('reads items from a file of OTLP/JSON beside the test, and says where that is none', async () => {
    home.write(
      'items.json',
      '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"severityNumber":17},{"severityNumber":1}]}]}]}',
    );
    home.write('a.test.yaml', test('of-file', 'input: [{ otlpFile: items.json }], count: 1'));
    expect((await runSluice(home, ['test'])).stdout).toContain('2 in, 1 out, 1 filtered');
    home.write('items.json', '{"resourceLogs":[{"scopeLogs":3}]}');
    const broken = await runSluice(home, ['test']);
    expect([broken.code, broken.stdout]).toEqual([1, expect.stringContaining('scopeLogs')]);
  });

  it('says which pipeline there is, where the one that is named is not', async () => {
    home.write('a.test.yaml', PASSES.replace('LogPipeline/audit', 'LogPipeline/audti'));
    const { code, stdout } = await runSluice(home, ['test']);
    expect([code, stdout]).toEqual([
      1,
      expect.stringContaining('no LogPipeline is called `audti`; did you mean `audit`?'),
    ]);
  });

  it('shows a mistake in a test at its line, and one in the pipeline at its own', async () => {
    home.write('a.test.yaml', PASSES.replace('severity_number: 13', 'severity: 13'));
    const mistaken = await runSluice(home, ['test']);
    expect([mistaken.code, mistaken.stderr]).toEqual([
      1,
      expect.stringMatching(/`spec.input\[0\].log.severity` is no field of OTLP[\s\S]*a\.test\.yaml:4/),
    ]);
    home.write('a.test.yaml', PASSES);
    home.write('telemetry.yaml', PIPELINE.replace('log.severity_number', 'log.severty_number'));
    const broken = await runSluice(home, ['test']);
    expect(broken.code).toBe(1);
    expect(broken.stderr).toContain('telemetry.yaml:7');
  });

  it('says how to name a file where there is none', async () => {
    const { code, stderr } = await runSluice(home, ['test']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('no *.test.yaml here')]);
  });

  it('runs again when a file changes, and ends with Ctrl-C', async () => {
    home.write('a.test.yaml', FAILS);
    const running = await startProcess(SLUICE, ['test', '--watch'], { cwd: home.path, env: home.env });
    await waitFor('the first run', () => running.stdout().includes('1 failed'));
    writeFileSync(`${home.path}/telemetry.yaml`, PIPELINE.replace('WARN', 'TRACE'));
    await waitFor('the second run', () => running.stdout().includes('1 passed'));
    process.kill(running.pid, 'SIGINT');
    expect((await running.exited).code).toBe(130);
  });
});
