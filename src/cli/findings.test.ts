import { describe, expect, it } from 'vitest';
import { createCliContext } from '../../test/testkit/cli-context.ts';
import { reportIssues } from './findings.ts';

describe('findings at the terminal', () => {
  it('name commands as the program was called, and quote the file as it is', () => {
    const { context, output } = createCliContext({});
    const issue = {
      code: 'SL0501',
      severity: 'error',
      message: 'nothing listens',
      help: 'run it with `sluice engine --config FILE`',
      notes: ['try: sluice sink --port 1'],
      span: { file: 'a.yaml', line: 1, column: 1, endLine: 1, endColumn: 2 },
    } as const;
    const sources = [{ file: 'a.yaml', text: '# sluice up -f a.yaml\n' }];
    reportIssues([issue], sources, { ...context, program: './bin/sluice' });
    expect(output.stderr).toContain('`./bin/sluice engine --config FILE`');
    expect(output.stderr).toContain('try: ./bin/sluice sink --port 1');
    expect(output.stderr).toContain('# sluice up -f a.yaml');
  });
});
