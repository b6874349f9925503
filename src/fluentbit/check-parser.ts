import { suggest } from '../diagnostics/index.ts';
import { patternProblems } from './check-plugin.ts';
import { valueProblem } from './option-value.ts';
import { inspectPattern } from './pattern.ts';
import type { Options, OptionType } from './plugins.ts';
import { type Entry, type Problem, problemAt, type Range } from './problem.ts';
import { BUILT_IN_MULTILINE_PARSERS, SHIPPED_PARSERS } from './shipped-parsers.ts';

export type ParserKind = 'parser' | 'multiline';

const FORMATS = ['regex', 'json', 'ltsv', 'logfmt'];
const MULTILINE_TYPES = ['regex', 'endswith', 'equal', 'eq'];

const OPTIONS: Readonly<Record<ParserKind, Options>> = {
  parser: new Map<string, OptionType>([
    ['name', 'text'],
    ['format', 'text'],
    ['regex', 'text'],
    ['time_key', 'text'],
    ['time_format', 'text'],
    ['time_keep', 'boolean'],
    ['time_offset', 'text'],
    ['time_strict', 'boolean'],
    ['time_system_timezone', 'boolean'],
    ['logfmt_no_bare_keys', 'boolean'],
    ['skip_empty_values', 'boolean'],
    ['types', 'text'],
    ['decode_field', 2],
    ['decode_field_as', 2],
  ]),
  multiline: new Map<string, OptionType>([
    ['name', 'text'],
    ['type', 'text'],
    ['match_string', 'text'],
    ['negate', 'boolean'],
    ['key_content', 'text'],
    ['key_pattern', 'text'],
    ['key_group', 'text'],
    ['parser', 'text'],
    ['flush_timeout', 'integer'],
    ['rule', 2],
  ]),
};

/** A multiline parser has a `type`, a parser a `format`. */
export function parserKind(entries: readonly Entry[]): ParserKind {
  const keys = entries.map(({ key }) => key.toLowerCase());
  return !keys.includes('format') && (keys.includes('type') || keys.includes('rule')) ? 'multiline' : 'parser';
}

/** Whether Fluent Bit has a parser of this name itself. It stops when another has the same. */
export function isShippedParser(name: string): boolean {
  return SHIPPED_PARSERS.includes(name) || BUILT_IN_MULTILINE_PARSERS.includes(name);
}

/** A parser section against what Fluent Bit knows: it stops as a whole for one that it cannot use. */
export function checkParser(kind: ParserKind, entries: readonly Entry[], section: Range): readonly Problem[] {
  const problems = entries.flatMap((entry) => checkEntry(kind, entry));
  return [...problems, ...(kind === 'parser' ? checkFormat(entries, section) : checkMultiline(entries, section))];
}

function checkEntry(kind: ParserKind, { key, value, keyAt, valueAt }: Entry): readonly Problem[] {
  const lower = key.toLowerCase();
  const type = OPTIONS[kind].get(lower);
  if (type === undefined) {
    const near = suggest(lower, OPTIONS[kind].keys());
    return [
      problemAt(
        'SL0132',
        keyAt,
        `sets \`${key}\`, which a ${kind === 'parser' ? 'parser' : 'multiline parser'} does not have`,
        {
          label: 'no such option',
          ...(near === undefined ? {} : { help: `did you mean \`${near}\`?` }),
        },
      ),
    ];
  }
  const expected = valueProblem(type, value);
  return expected === undefined
    ? []
    : [problemAt('SL0133', valueAt, `must give \`${lower}\` ${expected}`, { label: `not ${expected}` })];
}

function checkFormat(entries: readonly Entry[], section: Range): readonly Problem[] {
  const format = find(entries, 'format');
  if (format === undefined) return [lacks(section, 'format', `Format ${FORMATS[0]}`)];
  const word = format.value.toLowerCase();
  if (!FORMATS.includes(word)) return [notOneOf(format, FORMATS)];
  if (word !== 'regex') return [];
  const regex = find(entries, 'regex');
  if (regex === undefined) return [lacks(section, 'regex', 'Regex ^(?<message>.*)$')];
  const broken = patternProblems(regex, regex.value);
  if (broken.length > 0 || inspectPattern(regex.value).groups.length > 0) return broken;
  if (/\(\?[a-z]*x|\/[a-z]*x[a-z]*$/.test(regex.value)) return [];
  return [
    problemAt('SL0133', regex.valueAt, 'names no groups in `regex`, so it finds no fields', {
      label: 'no `(?<name>…)` here',
      help: 'name what it finds: `(?<message>.*)`',
    }),
  ];
}

const QUOTED_RULE = /^"([^"]+)"[ \t]+"((?:[^"\\]|\\.)+)"(?:[ \t]+"([^"]+)")?$/;

function checkMultiline(entries: readonly Entry[], section: Range): readonly Problem[] {
  const type = find(entries, 'type');
  if (type === undefined) return [lacks(section, 'type', 'Type regex')];
  if (!MULTILINE_TYPES.includes(type.value.toLowerCase())) return [notOneOf(type, MULTILINE_TYPES)];
  const parser = find(entries, 'parser');
  const unknown =
    parser === undefined || SHIPPED_PARSERS.includes(parser.value) ? [] : [notOneOf(parser, SHIPPED_PARSERS)];
  if (type.value.toLowerCase() !== 'regex') return unknown;
  const rules = entries.filter(({ key }) => key.toLowerCase() === 'rule');
  if (rules.length === 0) return [...unknown, lacks(section, 'rule', 'Rule "start_state" "/^\\d/" "cont"')];
  return [...unknown, ...checkRules(rules)];
}

/** Rules are a small machine: it begins in `start_state`, and every state it is sent to must be there. */
function checkRules(rules: readonly Entry[]): readonly Problem[] {
  const parsed = rules.map((rule) => ({ rule, parts: QUOTED_RULE.exec(rule.value) }));
  const states = new Set(parsed.flatMap(({ parts }) => parts?.[1]?.split(/[ \t]*,[ \t]*/) ?? []));
  const problems: Problem[] = [];
  for (const { rule, parts } of parsed) {
    if (parts === null) {
      problems.push(
        problemAt('SL0133', rule.valueAt, 'must give `rule` a state, a pattern and the next state, each in quotes', {
          label: 'not such a rule',
          help: 'write `Rule "start_state" "/^\\d/" "cont"`',
        }),
      );
      continue;
    }
    const [, , pattern = '', next] = parts;
    const { problem } = inspectPattern(pattern);
    if (problem !== undefined)
      problems.push(problemAt('SL0133', rule.valueAt, `has no pattern in \`rule\`: ${problem}`));
    if (next !== undefined && !states.has(next)) {
      problems.push(
        problemAt('SL0133', rule.valueAt, `has a \`rule\` that leads to \`${next}\`, which no rule is about`),
      );
    }
  }
  if (problems.length === 0 && !states.has('start_state')) {
    problems.push(problemAt('SL0133', rules[0]!.valueAt, 'has no `rule` about `start_state`, where it begins'));
  }
  return problems;
}

function find(entries: readonly Entry[], key: string): Entry | undefined {
  return entries.find((entry) => entry.key.toLowerCase() === key);
}

function lacks(section: Range, option: string, line: string): Problem {
  return problemAt('SL0133', section, `lacks \`${option}\``, {
    label: `no \`${option}\``,
    help: `add a line \`${line}\``,
  });
}

function notOneOf({ key, value, valueAt }: Entry, words: readonly string[]): Problem {
  const near = suggest(value.toLowerCase(), words);
  return problemAt(
    'SL0133',
    valueAt,
    `must give \`${key.toLowerCase()}\` one of ${words.map((word) => `\`${word}\``).join(', ')}`,
    {
      label: `\`${value}\` is not known`,
      ...(near === undefined ? {} : { help: `did you mean \`${near}\`?` }),
    },
  );
}
