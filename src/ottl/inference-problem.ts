import type { Signal } from '../pdata/index.ts';
import { ITEM_CONTEXT, lowerContexts } from './contexts.ts';
import type { GroupProblem } from './group.ts';
import type { Inferred, ParsedText } from './infer-context.ts';
import { printPath } from './print.ts';
import type { TextRange } from './syntax.ts';

/** Why there is no context, told at the first text or at what is to blame. */
export function inferenceProblem(
  signal: Signal,
  first: ParsedText,
  inferred: Extract<Inferred, { readonly context?: undefined }>,
): GroupProblem {
  if (inferred.reason === 'no path') {
    const help = `name a path, such as \`${ITEM_CONTEXT[signal]}.attributes["…"]\``;
    return { ...at(first, first.ast), message: 'nothing says what this runs on', help };
  }
  const { text, culprit } = inferred;
  if (inferred.reason === 'older name') {
    const help = `write \`${printPath(inferred.culprit).replace('instrumentation_scope', 'scope')}\``;
    return { ...at(text, culprit), message: '`instrumentation_scope` alone names no context', help };
  }
  const { name } = inferred.culprit;
  const tried = [inferred.of, ...lowerContexts(signal, inferred.of)].map((context) => `\`${context}\``);
  return {
    ...at(text, 'nameRange' in culprit ? culprit.nameRange : culprit),
    message: `no context has all paths of this entry and \`${name}\``,
    label: `not there for ${tried.join(', ')}`,
    help: 'the paths of an entry decide together what it runs on; move what does not fit to an entry of its own',
  };
}

function at({ in: part, index }: ParsedText, { start, end }: TextRange) {
  return { code: 'SL0212', severity: 'error', start, end, in: part, index } as const;
}
