/**
 * Expansion of `${env:X}` as the Collector's confmap 1.55 does it, by its rules and in its order:
 * - the first `}` and the last `${` before it make one expansion; an odd number of `$` in front of it escapes it, and
 *   then nothing further in that text is expanded;
 * - a value that is one expansion takes the YAML value of the variable's text, text settings take the text itself;
 *   inside other text the variable's text is put in as it is;
 * - what came out is expanded again; at the end `$$` becomes `$`. Keys are never expanded.
 * Source: confmap/expand.go, confmap/resolver.go, confmap/provider/envprovider at v1.55.0.
 * Different on purpose: only the provider `env` exists, and text that grows past 1 MiB is refused.
 */
import { type Path, parseYamlDocuments } from '../diagnostics/index.ts';
import { ENV_NAME } from './env-ref.ts';
import { isTextSetting } from './text-settings.ts';

export interface ExpandOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  report(problem: ExpandProblem): void;
}

export type ExpandProblem =
  | { readonly kind: 'unset'; readonly name: string; readonly path: Path }
  | { readonly kind: 'provider'; readonly scheme: string; readonly uri: string; readonly path: Path }
  | { readonly kind: 'invalid'; readonly reason: string; readonly path: Path };

/** The value of a whole-text expansion: what its YAML says, and its text. */
class Expanded {
  readonly value: unknown;
  readonly text: string;

  constructor(value: unknown, text: string) {
    this.value = value;
    this.text = text;
  }
}

class Refused extends Error {
  readonly problem: ExpandProblem;

  constructor(problem: ExpandProblem) {
    super(problem.kind);
    this.problem = problem;
  }
}

const MAX_ROUNDS = 1000;
const MAX_TEXT = 1 << 20;

/** `value` with every expansion done and every `$$` turned into `$`. What cannot be expanded is reported and becomes undefined. */
export function expandValue(value: unknown, path: Path, options: ExpandOptions): unknown {
  if (typeof value === 'string') return expandText(value, path, options);
  if (Array.isArray(value)) return value.map((item, i) => expandValue(item, [...path, i], options));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(entries.map(([key, item]) => [key, expandValue(item, [...path, key], options)]));
}

function expandText(text: string, path: Path, options: ExpandOptions): unknown {
  try {
    const result = resolveText(text, path, options, { left: MAX_ROUNDS });
    if (typeof result === 'string') return withoutEscapes(result);
    return isTextSetting(path) ? withoutEscapes(result.text) : withoutEscapesDeep(result.value);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    options.report(error.problem);
    return undefined;
  }
}

interface Budget {
  left: number;
}

function resolveText(text: string, path: Path, options: ExpandOptions, budget: Budget): string | Expanded {
  for (let current = text; ; ) {
    const expansion = findExpansion(current);
    if (expansion === undefined) return current;
    if (budget.left-- === 0 || current.length > MAX_TEXT) {
      throw new Refused({ kind: 'invalid', reason: 'too many recursive expansions', path });
    }
    const retrieved = retrieve(expansion.slice(2, -1), path, options);
    const parsed = expansion === current ? parseYaml(retrieved) : retrieved;
    if (typeof parsed !== 'string') return expandParsed(parsed, retrieved, { path, options, budget });
    current = current.replaceAll(expansion, () => retrieved);
  }
}

interface Scope {
  readonly path: Path;
  readonly options: ExpandOptions;
  readonly budget: Budget;
}

/** A variable that held other YAML than text: its parts and its text are expanded on their own. */
function expandParsed(parsed: unknown, text: string, scope: Scope): Expanded {
  const value = resolveDeep(parsed, scope);
  const resolvedText = resolveText(text, scope.path, scope.options, scope.budget);
  return new Expanded(value, typeof resolvedText === 'string' ? resolvedText : resolvedText.text);
}

function resolveDeep(value: unknown, scope: Scope): unknown {
  if (typeof value === 'string') {
    const result = resolveText(value, scope.path, scope.options, scope.budget);
    return typeof result === 'string' ? result : result.value;
  }
  if (Array.isArray(value)) return value.map((item) => resolveDeep(item, scope));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolveDeep(item, scope)]));
}

/** The first expansion of a text, with its braces; undefined when there is none or it is escaped. */
function findExpansion(text: string): string | undefined {
  for (let from = 0; ; ) {
    const close = text.indexOf('}', from);
    if (close < 0) return undefined;
    const open = text.lastIndexOf('${', close);
    if (open >= from) {
      let dollars = 0;
      while (open - dollars > from && text[open - dollars - 1] === '$') dollars++;
      return dollars % 2 === 1 ? undefined : text.slice(open, close + 1);
    }
    from = close + 1;
  }
}

function retrieve(uri: string, path: Path, options: ExpandOptions): string {
  const full = uri.includes(':') ? uri : `env:${uri}`;
  const match = /^([A-Za-z][A-Za-z0-9+.-]+):(.*)$/s.exec(full);
  if (match === null) throw new Refused({ kind: 'invalid', reason: `\`${uri}\` is not a reference`, path });
  const [, scheme, rest] = match as unknown as [string, string, string];
  if (rest.includes('$')) {
    throw new Refused({ kind: 'invalid', reason: `\`${uri}\` must not contain \`$\``, path });
  }
  if (scheme !== 'env') throw new Refused({ kind: 'provider', scheme, uri: full, path });
  const separator = rest.indexOf(':-');
  const name = separator < 0 ? rest : rest.slice(0, separator);
  if (!ENV_NAME.test(name)) {
    throw new Refused({ kind: 'invalid', reason: `\`${name}\` is not a name of an environment variable`, path });
  }
  const value = Object.hasOwn(options.env, name) ? options.env[name] : undefined;
  if (value !== undefined) return value;
  if (separator >= 0) return rest.slice(separator + 2);
  options.report({ kind: 'unset', name, path });
  return '';
}

/** YAML of a variable's text; text that is not YAML, and text that YAML reads as text, stands for itself. */
function parseYaml(text: string): unknown {
  const { documents, issues } = parseYamlDocuments(text, '', { dialect: 'collector' });
  if (issues.length > 0) return text;
  const value = documents[0]?.value ?? null;
  return typeof value === 'string' ? text : value;
}

function withoutEscapes(text: string): string {
  return text.replaceAll('$$', '$$');
}

function withoutEscapesDeep(value: unknown): unknown {
  if (typeof value === 'string') return withoutEscapes(value);
  if (Array.isArray(value)) return value.map(withoutEscapesDeep);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutEscapesDeep(item)]));
}
