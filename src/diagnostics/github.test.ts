import { expect, it } from 'vitest';
import { renderGithub } from './github.ts';

it('writes a command an issue, whose text cannot end it or begin another', () => {
  const span = { file: 'a,b:c.yaml', line: 3, column: 5, endLine: 3, endColumn: 9 };
  const issues = [
    { code: 'SL0101', severity: 'error', message: '100 % wrong\n::error::x', span },
    { code: 'SL0305', severity: 'warning', message: 'long', help: 'do it', span: { ...span, endLine: 5 } },
    { code: 'SL0001', severity: 'error', message: 'nowhere' },
  ] as const;
  expect(renderGithub(issues)).toBe(
    [
      '::error title=SL0001::nowhere',
      '::error file=a%2Cb%3Ac.yaml,line=3,endLine=3,col=5,endColumn=9,title=SL0101::100 %25 wrong%0A::error::x',
      '::warning file=a%2Cb%3Ac.yaml,line=3,endLine=5,title=SL0305::long; do it',
      '',
    ].join('\n'),
  );
});
