import { suggest } from '../diagnostics/index.ts';
import { checkParser } from './check-parser.ts';
import { type CheckPluginOptions, checkPlugin } from './check-plugin.ts';
import { valueProblem } from './option-value.ts';
import type { FluentBitConfig, Section } from './parse-classic.ts';
import type { OptionType, PluginKind } from './plugins.ts';
import { type Problem, problemAt } from './problem.ts';

const SERVICE: ReadonlyMap<string, OptionType> = new Map([
  ['flush', 'time'],
  ['grace', 'time'],
  ['daemon', 'boolean'],
  ['log_level', 'text'],
  ['log_file', 'text'],
  ['parsers_file', 'text'],
  ['plugins_file', 'text'],
  ['streams_file', 'text'],
  ['http_server', 'boolean'],
  ['http_listen', 'text'],
  ['http_port', 'integer'],
  ['health_check', 'boolean'],
  ['hc_errors_count', 'integer'],
  ['hc_retry_failure_count', 'integer'],
  ['hc_period', 'integer'],
  ['hot_reload', 'boolean'],
  ['hot_reload.ensure_thread_safety', 'boolean'],
  ['hot_reload.timeout', 'integer'],
  ['dns.mode', 'text'],
  ['dns.resolver', 'text'],
  ['dns.prefer_ipv4', 'boolean'],
  ['dns.prefer_ipv6', 'boolean'],
  ['coro_stack_size', 'integer'],
  ['scheduler.base', 'integer'],
  ['scheduler.cap', 'integer'],
  ['json.convert_nan_to_null', 'boolean'],
  ['multiline_buffer_limit', 'size'],
  ['storage.path', 'text'],
  ['storage.sync', 'text'],
  ['storage.checksum', 'boolean'],
  ['storage.max_chunks_up', 'integer'],
  ['storage.backlog.mem_limit', 'size'],
  ['storage.backlog.flush_on_shutdown', 'boolean'],
  ['storage.metrics', 'boolean'],
  ['storage.delete_irrecoverable_chunks', 'boolean'],
  ['storage.keep.rejected', 'boolean'],
  ['storage.rejected.path', 'text'],
]);

const SECTIONS = ['service', 'input', 'filter', 'output', 'parser', 'multiline_parser'] as const;

/** Everything in a configuration that Fluent Bit would stop for, or silently not do. */
export function checkConfig({ sections }: FluentBitConfig, options: CheckPluginOptions = {}): readonly Problem[] {
  return sections.flatMap((section) => checkSection(section, options));
}

function checkSection(section: Section, options: CheckPluginOptions): readonly Problem[] {
  const { entries, at } = section;
  const name = SECTIONS.find((one) => one === section.name.toLowerCase());
  switch (name) {
    case 'service':
      return checkService(section);
    case 'input':
    case 'filter':
    case 'output':
      return [...checkPlugin(name, entries, at, options).problems, ...checkMatch(name, section)];
    case 'parser':
      return [...checkParser('parser', entries, at), ...lacksName(section)];
    case 'multiline_parser':
      return [...checkParser('multiline', entries, at), ...lacksName(section)];
    case undefined: {
      const near = suggest(section.name.toLowerCase(), SECTIONS);
      const help = near === undefined ? {} : { help: `did you mean \`${near.toUpperCase()}\`?` };
      return [problemAt('SL0131', at, `Fluent Bit has no section \`${section.name}\``, help)];
    }
  }
}

function checkService({ entries }: Section): readonly Problem[] {
  return entries.flatMap(({ key, value, keyAt, valueAt }) => {
    const type = SERVICE.get(key.toLowerCase());
    if (type === undefined) return [problemAt('SL0132', keyAt, `sets \`${key}\`, which a service does not have`)];
    const expected = valueProblem(type, value);
    return expected === undefined
      ? []
      : [problemAt('SL0133', valueAt, `must give \`${key.toLowerCase()}\` ${expected}`)];
  });
}

/** A filter or output that matches nothing is never given a record. */
function checkMatch(kind: PluginKind, { entries, at }: Section): readonly Problem[] {
  const keys = entries.map(({ key }) => key.toLowerCase());
  if (kind === 'input' || keys.includes('match') || keys.includes('match_regex')) return [];
  return [problemAt('SL0133', at, `lacks \`match\`, so it gets no records`)];
}

function lacksName({ entries, at }: Section): readonly Problem[] {
  const hasName = entries.some(({ key }) => key.toLowerCase() === 'name');
  return hasName ? [] : [problemAt('SL0133', at, 'lacks `name`')];
}
