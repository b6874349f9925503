import { describe, expect, it } from 'vitest';
import { checkConfig, matchesTag, optionsOf, parseClassic, pluginNames } from './index.ts';

function problemsOf(text: string): readonly string[] {
  const parsed = parseClassic(text);
  expect(parsed.problems).toEqual([]);
  return checkConfig(parsed).map(({ code, message }) => `${code} ${message}`);
}

const section = (name: string, ...lines: readonly string[]) =>
  `[${name}]\n${lines.map((line) => `    ${line}\n`).join('')}`;

describe('the table of plugins', () => {
  it('has the options of Fluent Bit 5.1.1, with those of groups', () => {
    expect(pluginNames('input')).toContain('tail');
    expect(pluginNames('filter')).toHaveLength(21);
    expect(pluginNames('output')).toHaveLength(46);
    const http = optionsOf('output', 'http')!;
    expect(http.get('port')).toBe('integer');
    expect(http.get('net.keepalive')).toBe('boolean');
    expect(http.get('tls.ca_file')).toBe('text');
    expect(http.get('header')).toBe(1);
  });
});

describe('a configuration', () => {
  it('is right in any case', () => {
    const text = [
      section('Service', 'FLUSH 1', 'HTTP_Server On'),
      section('input', 'NAME Tail', 'Path /x', 'Mem_Buf_Limit 5MB', 'parser_1 a'),
      section('FILTER', 'Name GREP', 'Match *', 'Regex log (a|b)'),
      section('FILTER', 'Name modify', 'Match *', 'Remove a', 'Add b c', 'Condition Key_exists b'),
      section('OUTPUT', 'Name kafka', 'Match_Regex .*', 'rdkafka.client.id x'),
    ].join('\n');
    expect(problemsOf(text)).toEqual([]);
  });

  it.each([
    [section('FILTERS', 'a b'), 'SL0131 Fluent Bit has no section `FILTERS`'],
    [section('FILTER', 'Match *'), 'SL0133 lacks `name`'],
    [section('FILTER', 'Name grap', 'Match *'), 'SL0131 names no filter of Fluent Bit: `grap`'],
    [section('FILTER', 'Name grep', 'Match *', 'Regx a b'), 'SL0132 sets `Regx`, which `grep`'],
    [section('FILTER', 'Name grep', 'Regex a b'), 'SL0133 lacks `match`'],
    [section('FILTER', 'Name grep', 'Match *', 'Regex log ('), 'SL0133 has no pattern in `regex`'],
    [section('FILTER', 'Name grep', 'Match *', 'Regex log'), 'SL0133 must give `regex` at least 2 words'],
    [section('FILTER', 'Name modify', 'Match *', 'Add cluster'), 'SL0133 must give `add` at least 2 words'],
    [section('FILTER', 'Name: grep', 'Match *'), 'SL0133 lacks `name`'],
    [section('FILTER', 'Name lua', 'Match *', 'script a.lua'), 'SL0133 lacks `call`'],
    [section('OUTPUT', 'Name http', 'Match *', 'Port https'), 'SL0133 must give `port` a whole number'],
    [section('OUTPUT', 'Name http', 'Match *', 'tls maybe'), 'SL0133 must give `tls` `on` or `off`'],
    [section('INPUT', 'Name tail', 'Path x', 'mem_buf_limit lots'), 'SL0133 must give `mem_buf_limit` a size'],
    [section('INPUT', 'Name tail', 'Path x', 'rotate_wait soon'), 'SL0133 must give `rotate_wait` a time'],
    [section('SERVICE', 'flsh 1'), 'SL0132 sets `flsh`, which a service'],
    [section('PARSER', 'Name a', 'Format regex'), 'SL0133 lacks `regex`'],
    [section('PARSER', 'Name a', 'Format regx', 'Regex a'), 'SL0133 must give `format` one of'],
    [section('PARSER', 'Name a', 'Format regex', 'Regex abc'), 'SL0133 names no groups'],
    [section('PARSER', 'Format json'), 'SL0133 lacks `name`'],
    [section('MULTILINE_PARSER', 'Name a', 'Type regex'), 'SL0133 lacks `rule`'],
    [section('MULTILINE_PARSER', 'Name a', 'Type regex', 'Rule "start_state" "/^a/" "cont"'), 'leads to `cont`'],
    [section('MULTILINE_PARSER', 'Name a', 'Type regex', 'Rule "cont" "/^a/"'), 'no `rule` about `start_state`'],
    [section('MULTILINE_PARSER', 'Name a', 'Type regex', 'Rule start "/^a/"'), 'each in quotes'],
  ])('%j is found wrong', (text, message) => {
    expect(problemsOf(text).join('\n')).toContain(message);
  });

  it('may have a multiline parser', () => {
    const rules = ['Rule "start_state" "/^\\d+ \\"x\\"/" "cont"', 'Rule "cont" "/^ +at /" "cont"'];
    expect(problemsOf(section('MULTILINE_PARSER', 'Name a', 'Type regex', 'Flush_Timeout 1000', ...rules))).toEqual([]);
  });
});

describe('a match pattern', () => {
  it.each([
    ['*', 'a.b', true],
    ['a.*', 'a.b.c', true],
    ['a.*', 'a', false],
    ['a.*', 'ab.c', false],
    ['*.c', 'a.c', true],
    ['a*c*e', 'abcde', true],
    ['a*c*e', 'abde', false],
    ['ab*ba', 'aba', false],
    ['a', 'a', true],
    ['a', 'ab', false],
  ])('%s takes %s: %s', (pattern, tag, takes) => {
    expect(matchesTag(pattern, tag)).toBe(takes);
  });
});
