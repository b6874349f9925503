import { describe, expect, it } from 'vitest';
import type { Issue } from './issue.ts';
import { renderJunit } from './junit.ts';
import { resourceRanges } from './resource-range.ts';

const TEXT = `kind: TracePipeline
metadata: {name: good}
---
kind: LogPipeline
metadata:
  name: bad
spec: {}
`;
const at = (line: number, changes: Partial<Issue> = {}): Issue => ({
  code: 'SL0101',
  severity: 'error',
  message: 'unknown field `a<b`',
  span: { file: 'a.yaml', line, column: 1, endLine: line, endColumn: 2 },
  ...changes,
});
const junit = (issues: Issue[], strict = false) =>
  renderJunit(issues, { files: ['a.yaml'], resources: resourceRanges({ file: 'a.yaml', text: TEXT }), strict });

describe('the JUnit report', () => {
  it('has a case per resource, and a failure with every finding of it', () => {
    expect(junit([at(7), at(6, { message: 'second' })])).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="sluice validate" tests="2" failures="1" errors="0">
  <testsuite name="a.yaml" tests="2" failures="1" errors="0">
    <testcase classname="a.yaml" name="TracePipeline/good"/>
    <testcase classname="a.yaml" name="LogPipeline/bad">
      <failure type="SL0101" message="unknown field \`a&lt;b\`">a.yaml:6:1: error[SL0101]: second
a.yaml:7:1: error[SL0101]: unknown field \`a&lt;b\`</failure>
    </testcase>
  </testsuite>
</testsuites>
`);
  });

  it('fails for warnings only when it is strict', () => {
    const warning = at(1, { severity: 'warning' });
    expect(junit([warning])).toMatch(/failures="0"[\s\S]*<system-out>a\.yaml:1:1: warning/);
    expect(junit([warning], true)).toMatch(/failures="1"[\s\S]*<failure type="SL0101"/);
  });

  it('gives the file a case of its own for what stands in no resource, and findings without a place one too', () => {
    const { span: _, ...nowhere } = at(1);
    const report = junit([at(99), nowhere]);
    expect(report).toContain('<testcase classname="a.yaml" name="a.yaml">');
    expect(report).toContain('<testcase classname="all files" name="all files">');
    expect(renderJunit([], { files: ['empty.yaml'], resources: [], strict: false })).toContain('name="empty.yaml"/>');
  });

  it('holds nothing that XML forbids', () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not come through
    expect(junit([at(1, { message: '\u0000\u001b]\ud800 "&' })])).not.toMatch(/[\u0000\u001b\ud800]/);
  });
});
