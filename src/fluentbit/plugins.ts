import {
  FILTER_OPTIONS,
  FILTERS,
  INPUT_OPTIONS,
  INPUTS,
  NETWORK_OPTIONS,
  OUTPUT_OPTIONS,
  OUTPUTS,
  TLS_OPTIONS,
} from './plugin-data.ts';

export type PluginKind = 'input' | 'filter' | 'output';

/** What an option takes. `prefix`: any name that begins with the option's. */
export type OptionType = 'text' | 'boolean' | 'integer' | 'decimal' | 'time' | 'size' | 'prefix' | 1 | 2 | 3 | 4;

export type Options = ReadonlyMap<string, OptionType>;

const TYPES: Readonly<Record<string, OptionType>> = {
  b: 'boolean',
  i: 'integer',
  d: 'decimal',
  t: 'time',
  s: 'size',
  p: 'prefix',
  1: 1,
  2: 2,
  3: 3,
  4: 4,
};

const TABLES = {
  input: { plugins: INPUTS, common: INPUT_OPTIONS },
  filter: { plugins: FILTERS, common: FILTER_OPTIONS },
  output: { plugins: OUTPUTS, common: OUTPUT_OPTIONS },
} satisfies Record<PluginKind, object>;

export function pluginNames(kind: PluginKind): readonly string[] {
  return Object.keys(TABLES[kind].plugins);
}

/** The options of a plugin, those that all of its kind have included; undefined when there is no such plugin. */
export function optionsOf(kind: PluginKind, plugin: string): Options | undefined {
  const { plugins, common } = TABLES[kind];
  if (!Object.hasOwn(plugins, plugin)) return undefined;
  const own = plugins[plugin]!.replace('@net', NETWORK_OPTIONS).replace('@tls', TLS_OPTIONS);
  const words = ['name', ...common.split(' '), ...own.split(' ').filter((word) => word !== '')];
  return new Map(
    words.map((word) => {
      const [option = '', type = ''] = word.split('=');
      return [option, TYPES[type] ?? 'text'];
    }),
  );
}

/** What the option takes; undefined when the plugin has no such option. Keys in lower case. */
export function optionType(options: Options, key: string): OptionType | undefined {
  const exact = options.get(key);
  if (exact !== undefined) return exact;
  for (const [option, type] of options) if (type === 'prefix' && key.startsWith(option)) return 'text';
  return undefined;
}
