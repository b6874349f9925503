import type { NamespaceSelection } from '../../../pipeline/index.ts';

/** What is taken when each selection shall get its share: nothing that nobody wants, and no more than one list. */
export function unionOf(selections: readonly NamespaceSelection[]): NamespaceSelection {
  const including = selections.flatMap(({ include }) => (include === undefined ? [] : [include]));
  const named = new Set(including.flat());
  if (including.length === selections.length) return { include: [...named].sort() };
  const excluding = selections.filter(({ include }) => include === undefined).map(({ exclude = [] }) => exclude);
  const unwanted = (excluding[0] ?? []).filter(
    (name) => !named.has(name) && excluding.every((names) => names.includes(name)),
  );
  return unwanted.length === 0 ? {} : { exclude: unwanted };
}

export function sameSelection(one: NamespaceSelection, other: NamespaceSelection): boolean {
  return String(one.include) === String(other.include) && String(one.exclude) === String(other.exclude);
}
