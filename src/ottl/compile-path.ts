import { suggest } from '../diagnostics/index.ts';
import { ITEM_CONTEXT, isWithinReach, namedContext, type PathContext, SIGNAL_CONTEXTS } from './contexts.ts';
import type { PathKey, PathStep, Place } from './paths.ts';
import { printPath } from './print.ts';
import type { ContextName } from './row.ts';
import { fieldNames, resolvePath } from './rows/index.ts';
import { reportError, type Scope } from './scope.ts';
import type { Expression, Path } from './syntax.ts';

export type CompileKey = (key: Expression) => PathKey;

/** The place of a path; undefined where a problem was told. */
export function compilePath(path: Path, scope: Scope, compileKey: CompileKey): Place | undefined {
  const named = namedContext(path);
  const isReached = named !== undefined && isWithinReach(scope.context, named);
  if (scope.isQualified && !isReached) {
    if (named === undefined) reportNoContext(path, scope);
    else reportOutOfReach(path, named, scope);
    return undefined;
  }
  const of = isReached ? named : scope.context;
  const from = isReached ? 1 : 0;
  if (of === 'otelcol') {
    reportError(scope, path, {
      code: 'SL0214',
      message: 'the engine has no `otelcol` paths yet',
      label: 'the Collector knows this path, the engine does not',
    });
    return undefined;
  }
  const fields = path.fields.slice(from);
  const steps = fields.map<PathStep>(({ name, keys }) => ({ name, keys: keys.map(compileKey) }));
  const place = resolvePath(scope.context, { of, steps });
  if (!('message' in place)) return place;
  const at = fields[Math.min(place.step, fields.length - 1)]!;
  reportError(scope, at, {
    code: 'SL0205',
    message: `\`${printPath({ ...path, fields: path.fields.slice(0, path.fields.indexOf(at) + 1) })}\` ${place.message}`,
    help: fieldHelp(path, { of, from, step: place.step, didYouMean: place.didYouMean }),
  });
  return undefined;
}

interface MissingField {
  readonly of: ContextName | 'instrumentation_scope';
  /** Where the fields begin, behind the name of a context. */
  readonly from: number;
  readonly step: number;
  readonly didYouMean?: string | undefined;
}

function fieldHelp(path: Path, { of, from, step, didYouMean }: MissingField): string | undefined {
  if (didYouMean !== undefined) return `did you mean \`${didYouMean}\`?`;
  const map = path.fields.slice(0, from + step);
  const key = path.fields.slice(from + step);
  if (step > 0 && key.every(({ keys }) => keys.length === 0) && takesKey(map.slice(from), of)) {
    const name = key.map((field) => field.name).join('.');
    return `write \`${printPath({ ...path, fields: map })}["${name}"]\``;
  }
  return step === 0 && path.fields.length > from
    ? `\`${of}\` has ${and(fieldNames(of === 'instrumentation_scope' ? 'scope' : of).map((name) => `\`${name}\``))}`
    : undefined;
}

function takesKey(map: Path['fields'], of: MissingField['of']): boolean {
  const last = map.length - 1;
  if (map[last]!.keys.length > 0) return false;
  const steps = map.map(({ name }, at) => ({ name, keys: at === last ? [{ literal: '' }] : [] }));
  return !('message' in resolvePath(of === 'instrumentation_scope' ? 'scope' : of, { of, steps }));
}

function reportNoContext(path: Path, scope: Scope): void {
  const text = printPath(path);
  const first = path.fields[0]!;
  const candidates = nameable(scope);
  const meant = path.fields.length > 1 ? suggest(first.name, candidates) : undefined;
  if (meant !== undefined) {
    const written = text.slice(first.name.length);
    reportError(scope, first, {
      code: 'SL0203',
      message: `\`${first.name}\` is no context`,
      help: `did you mean \`${meant}${written}\`?`,
    });
    return;
  }
  const fitting = candidates.filter((context) => hasPath(path, context));
  reportError(scope, path, {
    code: 'SL0203',
    message: `path \`${text}\` has no context`,
    label: fitting.length > 1 ? `which \`${first.name}\`: of ${either(fitting)}?` : 'what this belongs to is missing',
    help:
      fitting.length > 0
        ? `write ${either(fitting.map((context) => `\`${context}.${text}\``))}`
        : `${wordHelp(path)}a path begins with ${either(candidates.map((context) => `\`${context}.\``))}`,
  });
}

/** What a word without a context may have been meant as, in front of what a path is. */
function wordHelp({ fields }: Path): string {
  const { name, keys } = fields[0]!;
  if (fields.length > 1 || keys.length > 0) return '';
  if (/^(null|none|undefined)$/i.test(name)) return 'write `nil` for what is not there; ';
  return `text stands in double quotes, \`"${name}"\`; `;
}

function reportOutOfReach(path: Path, named: PathContext, scope: Scope): void {
  reportError(scope, path.fields[0]!, {
    code: 'SL0211',
    message: `\`${named}\` can't be reached from ${NOUN[scope.context]}`,
    help: `within reach are ${and(reachable(scope.context).map((context) => `\`${context}\``))}`,
  });
}

/** What statements of a context run on. */
export const NOUN: Readonly<Record<ContextName, string>> = {
  resource: 'a resource',
  scope: 'a scope',
  span: 'a span',
  spanevent: 'a span event',
  metric: 'a metric',
  datapoint: 'a data point',
  log: 'a log record',
};

/** Without the older name of `scope`, and what the engine does not have. */
function reachable(context: ContextName): readonly ContextName[] {
  const all = new Set(Object.values(SIGNAL_CONTEXTS).flat());
  return [...all].filter((name) => isWithinReach(context, name));
}

/** Those that a path may name: the context is inferred again when it does. */
function nameable({ context, signal }: Scope): readonly ContextName[] {
  const from = [ITEM_CONTEXT[signal], context];
  return SIGNAL_CONTEXTS[signal].filter((name) => from.some((one) => isWithinReach(one, name)));
}

function hasPath(path: Path, of: ContextName): boolean {
  const steps = path.fields.map(({ name, keys }) => ({ name, keys: keys.map(() => ({ literal: '' })) }));
  return !('message' in resolvePath(of, { of, steps }));
}

function either(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function and(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
