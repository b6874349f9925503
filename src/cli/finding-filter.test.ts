import { describe, expect, it } from 'vitest';
import type { Issue } from '../diagnostics/index.ts';
import { parseFindingFilter } from './finding-filter.ts';

const span = (line: number) => ({ file: 'a.yaml', line, column: 1, endLine: line, endColumn: 2 });
const range = { file: 'a.yaml', kind: 'LogPipeline', name: 'archive', span: { ...span(1), endLine: 5 } };
const lint: Issue = { code: 'SL0305', severity: 'warning', message: 'w', span: span(3) };
const elsewhere: Issue = { ...lint, span: span(9) };
const error: Issue = { code: 'SL0101', severity: 'error', message: 'e', span: span(3) };

const kept = (only?: string[], suppress?: string[]) =>
  [lint, elsewhere, error].filter(parseFindingFilter(only, suppress, [range]).keep);

describe('the filter of findings', () => {
  it('keeps everything unless asked', () => {
    expect(kept()).toEqual([lint, elsewhere, error]);
  });

  it('keeps codes that begin as asked', () => {
    expect(kept(['sl03'])).toEqual([lint, elsewhere]);
    expect(kept(['SL02,SL0101'])).toEqual([error]);
  });

  it('takes a warning out everywhere, or in one resource', () => {
    expect(kept(undefined, ['SL0305'])).toEqual([error]);
    expect(kept(undefined, ['SL0305=LogPipeline archive'])).toEqual([elsewhere, error]);
    expect(kept(undefined, ['SL0305=LogPipeline/archive'])).toEqual([elsewhere, error]);
    expect(kept(undefined, ['SL0305=TracePipeline archive'])).toEqual([lint, elsewhere, error]);
  });

  it('refuses codes that do not exist, and to hide an error', () => {
    expect(() => kept(['SL08x'])).toThrow(/--only takes codes/);
    expect(() => kept(undefined, ['SL0350'])).toThrow(/did you mean `SL0\d+`/);
    expect(() => kept(undefined, ['SL0101'])).toThrow(/is an error/);
  });
});
