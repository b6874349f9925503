import { describe, expect, it } from 'vitest';
import { releasedWorkloads } from './handover.ts';

const front = { workload: 'otlp-router', isEndpoint: true, isAgent: false };
const behind = { workload: 'trace-gateway', isEndpoint: false, isAgent: false };
const none: ReadonlySet<string> = new Set();

describe('the order in which workloads give way', () => {
  it('lets none go before its successors are ready', () => {
    expect(releasedWorkloads({ replaced: false, leaving: [front, behind], released: none })).toEqual(none);
  });

  it('lets an agent go at once, though something unrelated is not ready', () => {
    const agent = { workload: 'log-agent', isEndpoint: false, isAgent: true };
    const released = releasedWorkloads({ replaced: false, leaving: [front, agent], released: none });
    expect([...released]).toEqual(['log-agent']);
  });

  it('lets what stands at the endpoint go first', () => {
    const released = releasedWorkloads({ replaced: true, leaving: [front, behind], released: none });
    expect([...released]).toEqual(['otlp-router']);
  });

  it('lets what is behind go when nothing old stands at the endpoint any more', () => {
    expect([...releasedWorkloads({ replaced: true, leaving: [behind], released: none })]).toEqual(['trace-gateway']);
  });

  it('takes nothing back when a successor is not ready for a moment', () => {
    const released = new Set(['trace-gateway']);
    expect([...releasedWorkloads({ replaced: false, leaving: [behind], released })]).toEqual(['trace-gateway']);
  });

  it('forgets what is gone or wanted again', () => {
    expect(releasedWorkloads({ replaced: true, leaving: [], released: new Set(['trace-gateway']) })).toEqual(none);
  });
});
