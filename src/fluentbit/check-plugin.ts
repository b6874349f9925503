import { suggest } from '../diagnostics/index.ts';
import { valueProblem } from './option-value.ts';
import { inspectPattern } from './pattern.ts';
import { type Options, optionsOf, optionType, type PluginKind, pluginNames } from './plugins.ts';
import { type Entry, type Problem, problemAt, type Range } from './problem.ts';

/** Without these a plugin does not start, and Fluent Bit with it. Of a list in a list, one is enough. */
const REQUIRED: Readonly<Record<PluginKind, Readonly<Record<string, readonly (readonly string[])[]>>>> = {
  input: { tail: [['path']] },
  filter: {
    checklist: [['file'], ['lookup_key']],
    geoip2: [['database']],
    lua: [['call'], ['script', 'code']],
    multiline: [['multiline.parser']],
    nest: [['operation']],
    parser: [['key_name'], ['parser']],
  },
  output: {
    azure: [['customer_id'], ['shared_key']],
    cloudwatch_logs: [['region'], ['log_group_name'], ['log_stream_name', 'log_stream_prefix']],
    datadog: [['apikey']],
    gcs: [['bucket']],
    kinesis_firehose: [['region'], ['delivery_stream']],
    kinesis_streams: [['region'], ['stream']],
    logdna: [['api_key']],
    nrlogs: [['api_key', 'license_key']],
    s3: [['bucket']],
    slack: [['webhook']],
  },
};

/** Of the options that take one text, those that may stand several times; for any other that does, Fluent Bit does not start. */
const REPEATABLE: Readonly<Record<PluginKind, Readonly<Record<string, readonly string[]>>>> = {
  input: { tail: ['multiline.parser'] },
  filter: {
    ecs: ['add'],
    expect: ['key_exists', 'key_not_exists', 'key_val_is_null', 'key_val_is_not_null'],
    geoip2: ['lookup_key', 'record'],
    grep: ['regex', 'exclude'],
    log_to_metrics: ['regex', 'exclude', 'add_label', 'label_field', 'bucket'],
    modify: [
      ...['set', 'add', 'remove', 'remove_wildcard', 'remove_regex', 'move_to_start', 'move_to_end'],
      ...['rename', 'hard_rename', 'copy', 'hard_copy', 'condition'],
    ],
    multiline: ['multiline.parser'],
    nest: ['wildcard'],
    parser: ['parser'],
    record_modifier: ['remove_key', 'allowlist_key', 'whitelist_key'],
  },
  output: { opentelemetry: ['logs_body_key'] },
};

/** Options whose value ends in a pattern. */
const PATTERNS: Readonly<Record<string, readonly string[]>> = { grep: ['regex', 'exclude'] };

/** Options that Fluent Bit calls a text and takes apart when it starts: a field and what it is compared with, a key and a value. */
const TWO_WORDS: Readonly<Record<string, readonly string[]>> = {
  grep: ['regex', 'exclude'],
  modify: ['set', 'add', 'rename', 'hard_rename', 'copy', 'hard_copy', 'condition'],
};

export interface CheckPluginOptions {
  /** Plugins of an image that has more than Fluent Bit's own; their options are not known. */
  readonly morePlugins?: readonly string[];
}

export interface CheckedPlugin {
  /** In lower case; absent when the section names none. */
  readonly plugin?: string;
  readonly problems: readonly Problem[];
}

/** An input, filter or output against what Fluent Bit knows: it stops as a whole for one plugin or option it does not have. */
export function checkPlugin(
  kind: PluginKind,
  entries: readonly Entry[],
  section: Range,
  { morePlugins = [] }: CheckPluginOptions = {},
): CheckedPlugin {
  const [name, second] = entries.filter(({ key }) => key.toLowerCase() === 'name');
  if (name === undefined) return { problems: [noName(kind, entries, section)] };
  const plugin = name.value.toLowerCase();
  const twice = second === undefined ? [] : [twoNames(second)];
  if (morePlugins.includes(plugin)) return { plugin, problems: twice };
  const options = optionsOf(kind, plugin);
  if (options === undefined) return { plugin, problems: [...twice, unknownPlugin(kind, name)] };
  return {
    plugin,
    problems: [
      ...twice,
      ...entries.flatMap((entry) => checkEntry(plugin, entry, options)),
      ...repeatedOptions(entries, options, own(REPEATABLE[kind], plugin)),
      ...missingOptions(kind, plugin, { entries, at: name.valueAt }),
    ],
  };
}

/** What the value of an option should be instead; undefined when it is right, or nobody knows the plugin. */
export function valueProblemOf(
  kind: PluginKind,
  plugin: string,
  { key, value }: Pick<Entry, 'key' | 'value'>,
): string | undefined {
  const options = optionsOf(kind, plugin);
  const type = options === undefined ? undefined : optionType(options, key.toLowerCase());
  return type === undefined ? undefined : valueProblem(type, value);
}

function checkEntry(plugin: string, entry: Entry, options: Options): readonly Problem[] {
  const key = entry.key.toLowerCase();
  const type = optionType(options, key);
  if (type === undefined) return [unknownOption(plugin, entry, options)];
  const expected = valueProblem(own(TWO_WORDS, plugin).includes(key) ? 2 : type, entry.value);
  if (expected !== undefined) {
    return [problemAt('SL0133', entry.valueAt, `must give \`${key}\` ${expected}`, { label: `not ${expected}` })];
  }
  return PATTERNS[plugin]?.includes(key) ? patternProblems(entry, entry.value.replace(/^\S+[ \t]+/, '')) : [];
}

/** `pattern` is the end of the entry's value. */
export function patternProblems(entry: Entry, pattern: string): readonly Problem[] {
  const { problem } = inspectPattern(pattern);
  if (problem === undefined) return [];
  const at = { start: entry.valueAt.end - pattern.length, end: entry.valueAt.end };
  return [problemAt('SL0133', at, `has no pattern in \`${entry.key.toLowerCase()}\`: ${problem}`, { label: problem })];
}

function missingOptions(
  kind: PluginKind,
  plugin: string,
  { entries, at }: { readonly entries: readonly Entry[]; readonly at: Range },
): readonly Problem[] {
  const keys = new Set(entries.map(({ key }) => key.toLowerCase()));
  return own(REQUIRED[kind], plugin)
    .filter((choice) => !choice.some((key) => keys.has(key)))
    .map((choice) => missing(at, `${kind} \`${plugin}\``, choice.join('` or `')));
}

function own<V>(table: Readonly<Record<string, readonly V[]>>, plugin: string): readonly V[] {
  return Object.hasOwn(table, plugin) ? table[plugin]! : [];
}

function repeatedOptions(
  entries: readonly Entry[],
  options: Options,
  repeatable: readonly string[],
): readonly Problem[] {
  const seen = new Set<string>();
  return entries.flatMap(({ key, keyAt }) => {
    const lower = key.toLowerCase();
    const isSecond = seen.has(lower);
    seen.add(lower);
    const mayStandAgain = typeof optionType(options, lower) === 'number' || ['name', ...repeatable].includes(lower);
    if (!isSecond || mayStandAgain) return [];
    return [
      problemAt('SL0133', keyAt, `sets \`${lower}\` twice`, {
        label: 'set before',
        help: 'keep one of the two; Fluent Bit would not start with both',
      }),
    ];
  });
}

function missing(at: Range, whose: string, option: string): Problem {
  const article = /^[aeiou]/.test(whose) ? 'an' : 'a';
  return problemAt('SL0133', at, `lacks \`${option}\`, which ${article} ${whose} must have`, {
    label: `no \`${option}\``,
    help: `add a line \`${option.split('`')[0]} VALUE\``,
  });
}

function noName(kind: PluginKind, entries: readonly Entry[], section: Range): Problem {
  const yaml = entries.find(({ key }) => key.toLowerCase() === 'name:');
  if (yaml === undefined) return missing(section, kind, 'name');
  return {
    ...missing(yaml.keyAt, kind, 'name'),
    label: 'no colon stands behind a key here',
    help: `write \`${yaml.key.slice(0, -1)} ${yaml.value}\`, and the other lines so, too`,
  };
}

function twoNames({ keyAt }: Entry): Problem {
  return problemAt('SL0130', keyAt, 'must hold one section; a second `name` begins another', {
    label: 'a second plugin',
    help: 'write a second filter as a second item of the list',
  });
}

function unknownPlugin(kind: PluginKind, { value, valueAt }: Entry): Problem {
  if (/[ \t]/.test(value)) return notAlone(kind, valueAt);
  const near = suggest(value.toLowerCase(), pluginNames(kind));
  return problemAt('SL0131', valueAt, `names no ${kind} of Fluent Bit: \`${value}\``, {
    label: `no such ${kind}`,
    help: near === undefined ? 'see `sluice explain SL0131`' : `did you mean \`${near}\`?`,
  });
}

/** As all lines are in a text that was folded into one. */
function notAlone(kind: PluginKind, valueAt: Range): Problem {
  return problemAt('SL0131', valueAt, `names no ${kind} of Fluent Bit: more than a name stands there`, {
    label: 'the name of a plugin is one word',
    help: 'write each option on a line of its own; in YAML, a text of several lines begins with `|`',
  });
}

function unknownOption(plugin: string, { key, keyAt }: Entry, options: Options): Problem {
  const near = suggest(key.toLowerCase(), options.keys());
  return problemAt('SL0132', keyAt, `sets \`${key}\`, which \`${plugin}\` of Fluent Bit does not have`, {
    label: 'no such option',
    ...(near === undefined ? {} : { help: `did you mean \`${near}\`?` }),
  });
}
