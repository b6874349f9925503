import type { Signal } from '../../../src/pdata/index.ts';

/** One processor that both peers run over the whole corpus of its signal, in a pipeline of its own. */
export interface OttlCase {
  /** Unique; the statement or condition itself where there is but one. */
  readonly name: string;
  readonly signal: Signal;
  readonly processor: 'transform' | 'filter';
  readonly settings: Readonly<Record<string, unknown>>;
  /** Processors behind it in the same pipeline. */
  readonly behind?: readonly Pick<OttlCase, 'processor' | 'settings'>[];
  /** Go walks a map in an order of its own here: keys and items are compared sorted. */
  readonly unordered?: true;
  /** Requests of any shape instead of the usual data. */
  readonly corpus?: 'generated';
}

export type Context = 'resource' | 'scope' | 'span' | 'spanevent' | 'metric' | 'datapoint' | 'log';

const SIGNAL_OF: Readonly<Record<Context, Signal>> = {
  resource: 'logs',
  scope: 'logs',
  span: 'traces',
  spanevent: 'traces',
  metric: 'metrics',
  datapoint: 'metrics',
  log: 'logs',
};

const KEY: Readonly<Record<Signal, string>> = {
  traces: 'trace_statements',
  metrics: 'metric_statements',
  logs: 'log_statements',
};

interface Options {
  readonly signal?: Signal;
  readonly unordered?: true;
}

/**
 * Each expression's value is written into an attribute of every row, and whether it had one at all into another: reading it
 * alone fails where the expression fails.
 */
export function values(context: Context, expressions: readonly string[], options: Options = {}): OttlCase[] {
  const attributes = context === 'metric' ? 'metadata' : 'attributes';
  return expressions.map((expression) =>
    transform(`${context}: ${expression}`, context, options, [
      `set(${attributes}["ok"], true) where ${expression} == nil or true`,
      `set(${attributes}["r"], ${expression})`,
    ]),
  );
}

/** Each entry edits a copy of the corpus of its own; several statements are one text, separated by a semicolon and a space. */
export function edits(context: Context, statements: readonly string[], options: Options = {}): OttlCase[] {
  return statements.map((text) => transform(`${context}: ${text}`, context, options, text.split('; ')));
}

function transform(name: string, context: Context, options: Options, statements: readonly string[]): OttlCase {
  const signal = options.signal ?? SIGNAL_OF[context];
  return {
    name: options.signal === undefined ? name : `${options.signal} ${name}`,
    signal,
    processor: 'transform',
    settings: { error_mode: 'silent', [KEY[signal]]: [{ context, statements }] },
    ...(options.unordered === true && { unordered: true as const }),
  };
}

/** Statements whose context is inferred. */
export function inferred(signal: Signal, statements: readonly string[]): OttlCase[] {
  return statements.map((text) => ({
    name: `${signal} inferred: ${text}`,
    signal,
    processor: 'transform',
    settings: { error_mode: 'silent', [KEY[signal]]: text.split('; ') },
  }));
}

const FILTER_KEY: Readonly<Record<Signal, string>> = {
  traces: 'trace_conditions',
  metrics: 'metric_conditions',
  logs: 'log_conditions',
};

const GROUP: Readonly<Record<Context, readonly [string, string]>> = {
  resource: ['logs', 'resource'],
  scope: ['logs', 'scope'],
  span: ['traces', 'span'],
  spanevent: ['traces', 'spanevent'],
  metric: ['metrics', 'metric'],
  datapoint: ['metrics', 'datapoint'],
  log: ['logs', 'log_record'],
};

/** Drops what meets the condition, in the form `logs: {log_record: [...]}`. */
export function drops(context: Exclude<Context, 'scope'>, conditions: readonly string[]): OttlCase[] {
  const [signal, group] = GROUP[context];
  return conditions.map((condition) => ({
    name: `${context} dropped: ${condition}`,
    signal: signal as Signal,
    processor: 'filter',
    settings: { error_mode: 'silent', [signal]: { [group]: [condition] } },
  }));
}

/** Drops what meets the condition, in the form `log_conditions: [...]`, where the context is inferred. */
export function dropsInferred(signal: Signal, conditions: readonly string[]): OttlCase[] {
  return conditions.map((condition) => ({
    name: `${signal} dropped, inferred: ${condition}`,
    signal,
    processor: 'filter',
    settings: { error_mode: 'silent', [FILTER_KEY[signal]]: condition.split('; ') },
  }));
}

/** Whole settings, with a name. */
export function whole(
  processor: OttlCase['processor'],
  signal: Signal,
  cases: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): OttlCase[] {
  return Object.entries(cases).map(([name, settings]) => ({
    name: `${processor} ${signal}: ${name}`,
    signal,
    processor,
    settings,
  }));
}

/** A pipeline of several processors. */
export function chain(
  signal: Signal,
  name: string,
  ...processors: readonly (readonly [OttlCase['processor'], Readonly<Record<string, unknown>>])[]
): OttlCase {
  const [first, ...others] = processors.map(([processor, settings]) => ({
    processor,
    settings: { error_mode: 'silent', ...settings },
  }));
  return { name: `${signal}: ${name}`, signal, ...first!, behind: others };
}
