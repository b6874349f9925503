import type { Signal } from '../pdata/index.ts';
import { lowerContexts, namedContext, SIGNAL_CONTEXTS } from './contexts.ts';
import type { Group } from './group.ts';
import { findFunction, isOffered } from './registry.ts';
import type { ContextName } from './row.ts';
import { enumsOf } from './rows/index.ts';
import type { Call, Condition, Expression, Path, Statement } from './syntax.ts';
import { walk } from './walk.ts';

type Symbol = Extract<Expression, { readonly kind: 'symbol' }>;

export interface ParsedText {
  readonly in: 'conditions' | 'statements';
  readonly index: number;
  readonly ast: Statement | Condition;
}

export type Inferred =
  | { readonly context: ContextName }
  /** No path says which data is meant. */
  | { readonly context?: undefined; readonly reason: 'no path' }
  /** Only a path with the older name of a context does. */
  | { readonly context?: undefined; readonly reason: 'older name'; readonly text: ParsedText; readonly culprit: Path }
  /** No context has both the paths and this function or symbol. */
  | {
      readonly context?: undefined;
      readonly reason: 'no context';
      readonly of: ContextName;
      readonly text: ParsedText;
      readonly culprit: Call | Symbol;
    };

/**
 * As pkg/ottl/context_inferrer.go: the most particular context that a path names; where a function or symbol is not known there,
 * the next more particular one that knows all of them. Functions and symbols that no context knows don't matter here.
 */
export function inferContext(group: Pick<Group, 'signal' | 'for'>, texts: readonly ParsedText[]): Inferred {
  const { signal } = group;
  const named = mostParticular(signal, texts);
  if (named === undefined) return { reason: 'no path' };
  if (typeof named === 'object') return { reason: 'older name', ...named };
  const needs = texts.flatMap((text) => needsOf(text, group));
  const candidates = [named, ...lowerContexts(signal, named)];
  const found = candidates.find((context) => needs.every((need) => need.contexts.includes(context)));
  if (found !== undefined) return { context: found };
  const culprit = needs.find((need) => !need.contexts.includes(named))!;
  return { reason: 'no context', of: named, text: culprit.text, culprit: culprit.node };
}

type OlderName = { readonly text: ParsedText; readonly culprit: Path };

/** `instrumentation_scope` stands between `scope` and `resource`, and is no context. */
function mostParticular(signal: Signal, texts: readonly ParsedText[]): ContextName | OlderName | undefined {
  const named = new Map<string | undefined, OlderName>();
  for (const text of texts) {
    walk(text.ast, {
      path(culprit) {
        const name = namedContext(culprit);
        if (!named.has(name)) named.set(name, { text, culprit });
      },
    });
  }
  const found = SIGNAL_CONTEXTS[signal].find((context) => named.has(context));
  return found === undefined || found === 'resource' ? (named.get('instrumentation_scope') ?? found) : found;
}

interface Need {
  readonly text: ParsedText;
  readonly node: Call | Symbol;
  /** Those that know it. */
  readonly contexts: readonly ContextName[];
}

function needsOf(text: ParsedText, { signal, for: purpose }: Pick<Group, 'signal' | 'for'>): readonly Need[] {
  const needs: Need[] = [];
  // The context of a transform must know what its conditions call among the functions of statements.
  const place = { for: purpose, in: purpose === 'filter' ? 'conditions' : 'statements' } as const;
  const add = (node: Call | Symbol, isKnown: (context: ContextName) => boolean) => {
    const contexts = SIGNAL_CONTEXTS[signal].filter(isKnown);
    if (contexts.length > 0) needs.push({ text, node, contexts });
  };
  walk(text.ast, {
    call(node) {
      const spec = findFunction(node.name);
      if (spec !== undefined) add(node, (context) => isOffered(spec, context, place));
    },
    symbol: (node) => add(node, (context) => enumsOf(context).has(node.name)),
  });
  return needs;
}
