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

/** Something that `sluice explain` has a text about. */
export type Topic =
  | { readonly kind: 'code'; readonly entry: CodeEntry }
  | { readonly kind: 'reason'; readonly entry: ReasonEntry }
  | { readonly kind: 'concept'; readonly entry: ConceptEntry }
  | { readonly kind: 'field'; readonly entry: FieldEntry };

/** Looks a word up: a code, a concept, a reason or a field, in any case. */
export function findTopic(word: string): Topic | undefined {
  const code = codeEntry(word);
  if (code !== undefined) return { kind: 'code', entry: code };
  const lower = word.toLowerCase();
  const concept = CONCEPTS.find(({ name, also = [] }) => name === lower || also.includes(lower));
  if (concept !== undefined) return { kind: 'concept', entry: concept };
  const reason = REASONS.find((entry) => entry.reason.toLowerCase() === lower);
  if (reason !== undefined) return { kind: 'reason', entry: reason };
  const field = fieldEntry(word);
  return field === undefined ? undefined : { kind: 'field', entry: field };
}

/** Why there is no such topic, with what may have been meant. */
export function topicProblem(word: string): string {
  if (/^SL\d*/i.test(word)) {
    // Numbers three edits apart have nothing to do with each other.
    const near = CODES.find(({ code }) => editDistance(word.toUpperCase(), code) <= 1);
    return `no code \`${word}\`${meant(near?.code)}`;
  }
  const field = fieldProblem(word);
  if (field !== undefined) return field;
  const near = suggest(word, [...CONCEPTS.map(({ name }) => name), ...REASONS.map(({ reason }) => reason)]);
  return `nothing is called \`${word}\`${meant(near)}`;
}

function meant(near: string | undefined): string {
  return near === undefined ? '' : `; did you mean \`${near}\`?`;
}
