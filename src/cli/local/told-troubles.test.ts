import { describe, expect, it } from 'vitest';
import type { AttemptDocument, OverviewDocument, Problem, TurnedAwayDocument } from '../../server/index.ts';
import { ToldTroubles } from './told-troubles.ts';

const MARKS = { ok: 'ok', warning: '!', error: 'x' };
const START_MS = Date.parse('2026-11-21T10:00:00Z');

function overviewAt(
  second: number,
  problems: readonly Problem[],
  turnedAway: readonly TurnedAwayDocument[] = [],
): OverviewDocument {
  const generatedAt = new Date(START_MS + second * 1000).toISOString();
  return { generatedAt, program: 'sluice', problems, turnedAway } as Partial<OverviewDocument> as OverviewDocument;
}

function failing(second: number, more: Partial<Problem> = {}): Problem {
  return {
    severity: 'warning',
    pipeline: { kind: 'TracePipeline', name: 'jaeger' },
    code: 'SL0501',
    title: `tracepipeline/jaeger cannot deliver since 10:00 (${second} s)`,
    detail: 'The backend localhost:14317 (gRPC) refuses connections.',
    commands: ['sluice sink --port 14317'],
    ...more,
  };
}

const LAST: AttemptDocument = {
  at: new Date(START_MS).toISOString(),
  peer: '127.0.0.1:5',
  protocol: 'http',
  outcome: 'rejected',
};
const reason = (message: string): TurnedAwayDocument => ({ message, count: 1, last: LAST });

describe('troubles at the terminal', () => {
  it('are told once, with what helps, and again when they get worse', () => {
    const told = new ToldTroubles(MARKS);
    expect(told.news(overviewAt(0, [failing(0)]))).toEqual([
      '! tracepipeline/jaeger cannot deliver since 10:00 (0 s)   SL0501',
      '    The backend localhost:14317 (gRPC) refuses connections.',
      '    try:  sluice sink --port 14317',
    ]);
    expect(told.news(overviewAt(1, [failing(1)]))).toEqual([]);
    const worse = failing(2, { severity: 'error', title: 'tracepipeline/jaeger loses spans' });
    expect(told.news(overviewAt(2, [worse]))[0]).toBe('x tracepipeline/jaeger loses spans   SL0501');
  });

  it('are told to be over after a while, and then again when they come back', () => {
    const told = new ToldTroubles(MARKS);
    told.news(overviewAt(0, [failing(0)]));
    expect(told.news(overviewAt(5, []))).toEqual([]);
    expect(told.news(overviewAt(6, [failing(6)]))).toEqual([]);
    expect(told.news(overviewAt(16, []))).toEqual(['ok tracepipeline/jaeger has no problem any more']);
    expect(told.news(overviewAt(17, [failing(0)]))).toHaveLength(3);
  });

  it('leaves out what the terminal is told when files or processes change', () => {
    const told = new ToldTroubles(MARKS);
    const problems = ['SL0101', 'SL0609', 'SL0622'].map((code) => failing(0, { code }));
    expect(told.news(overviewAt(0, problems))).toEqual([]);
  });

  it('names each reason why requests were not taken once, as long as it is recent', () => {
    const told = new ToldTroubles(MARKS);
    const foreign = { ...reason('GET / asks for a page'), code: 'SL0503' };
    expect(told.news(overviewAt(0, [], [foreign, reason('no such path')]))).toEqual([
      '! not taken from 127.0.0.1:5 over HTTP: no such path',
      '! not taken from 127.0.0.1:5 over HTTP: GET / asks for a page   SL0503',
    ]);
    expect(told.news(overviewAt(1, [], [foreign]))).toEqual([]);
    expect(told.news(overviewAt(2, [], [reason('no such path')]))).toHaveLength(1);
  });

  it('does not fill the screen with the reasons of a sender that makes ever new mistakes', () => {
    const told = new ToldTroubles(MARKS);
    const many = Array.from({ length: 50 }, (_, i) => reason(`mistake ${i}`));
    const lines = told.news(overviewAt(0, [], many));
    expect(lines).toHaveLength(21);
    expect(lines.at(-1)).toBe('! more is not taken; see:  sluice status');
    expect(told.news(overviewAt(1, [], [reason('one more'), ...many]))).toEqual([]);
  });
});
