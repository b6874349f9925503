import { describe, expect, it } from 'vitest';
import { traceStateMember, withTraceStateMember } from './trace-state.ts';

describe('a trace state', () => {
  it('is read by key', () => {
    expect(traceStateMember('a=1, b@x=2 ,,c=3', 'b@x')).toBe('2');
    expect(traceStateMember('a=1', 'z')).toBe('');
    expect(traceStateMember('', 'z')).toBe('');
  });

  it.each(['a', 'a=', 'A=1', 'a=1,a=2', 'a=1=2', '1a=1'])('is none in %j', (text) => {
    expect(traceStateMember(text, 'a')).toBeUndefined();
    expect(withTraceStateMember(text, 'a', '1')).toBeUndefined();
  });

  it('has what is set in front', () => {
    expect(withTraceStateMember('a=1,b=2,c=3', 'b', 'x')).toBe('b=x,a=1,c=3');
    expect(withTraceStateMember('', 'a', '1')).toBe('a=1');
    expect(withTraceStateMember('a=1', 'B', '1')).toBeUndefined();
    expect(withTraceStateMember('a=1', 'b', 'x ')).toBeUndefined();
  });

  it('holds 32 members: what is set pushes the last one out', () => {
    const members = Array.from({ length: 32 }, (_, at) => `k${at}=v`);
    const changed = withTraceStateMember(members.join(','), 'new', 'v')!.split(',');
    expect(changed).toEqual(['new=v', ...members.slice(0, 31)]);
    expect(traceStateMember([...members, 'k32=v'].join(','), 'k0')).toBeUndefined();
  });
});
