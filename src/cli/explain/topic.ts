import {
  CODES,
  CONCEPTS,
  type CodeEntry,
  type ConceptEntry,
  codeEntry,
  editDistance,
  REASONS,
  type ReasonEntry,
  suggest,
} from '../../diagnostics/index.ts';
import { type FieldEntry, fieldEntry, fieldProblem } from './field.ts';
import {
  type ContextEntry,
  contextEntry,
  type FunctionEntry,
  functionEntry,
  ottlContexts,
  ottlFunctions,
  pathProblem,
} from './ottl.ts';

/** Something that `sluice explain` has a text about. */
export type Topic =
  | { readonly kind: 'code'; readonly entry: CodeEntry }
  | { readonly kind: 'reason'; readonly entry: ReasonEntry }
  | { readonly kind: 'concept'; readonly entry: ConceptEntry }
  | { readonly kind: 'field'; readonly entry: FieldEntry }
  | { readonly kind: 'function'; readonly entry: FunctionEntry }
  | { readonly kind: 'path'; readonly entry: ContextEntry };

/** Looks a word up: a code, a concept, a reason, a field, or a function or path of OTTL, in any case. */
export function findTopic(word: string): Topic | undefined {
  const code = codeEntry(word);
  if (code !== undefined) return { kind: 'code', entry: code };
  const lower = word.toLowerCase();
  const concept = CONCEPTS.find(({ name, also = [] }) => name === lower || also.includes(lower));
  if (concept !== undefined) return { kind: 'concept', entry: concept };
  const reason = REASONS.find((entry) => entry.reason.toLowerCase() === lower);
  if (reason !== undefined) return { kind: 'reason', entry: reason };
  const field = fieldEntry(word);
  if (field !== undefined) return { kind: 'field', entry: field };
  // Paths are in small letters: `log` is one, `Log` a function.
  const context = contextEntry(word);
  if (context !== undefined) return { kind: 'path', entry: context };
  const ottl = functionEntry(word);
  return ottl === undefined ? undefined : { kind: 'function', entry: ottl };
}

/** Why there is no such topic, with what may have been meant. */
export function topicProblem(word: string): string {
  if (/^SL\d*/i.test(word)) {
    // Numbers three edits apart have nothing to do with each other.
    const near = CODES.find(({ code }) => editDistance(word.toUpperCase(), code) <= 1);
    return `no code \`${word}\`${meant(near?.code)}`;
  }
  const path = pathProblem(word);
  if (path !== undefined) return path;
  const field = fieldProblem(word);
  if (field !== undefined) return field;
  const near = suggest(word, [
    ...CONCEPTS.map(({ name }) => name),
    ...REASONS.map(({ reason }) => reason),
    ...ottlFunctions().map(({ name }) => name),
    ...ottlContexts().flatMap(({ symbols }) => symbols),
  ]);
  return `nothing is called \`${word}\`${meant(near)}`;
}

function meant(near: string | undefined): string {
  return near === undefined ? '' : `; did you mean \`${near}\`?`;
}
