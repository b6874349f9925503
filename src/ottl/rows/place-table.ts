import type { PathKey, Place } from '../paths.ts';
import type { AttributeMap } from './attribute-map.ts';
import type { Field } from './field.ts';
import { attributesPlace, fieldPlace, type Mismatch, type Select } from './place.ts';
import type { RowView } from './row-view.ts';

/** A step of a path: the place that it names itself, and the steps that may follow. */
export interface PlaceEntry {
  /** A text says why the keys make no sense, as the end of a sentence about the step. */
  place(keys: readonly PathKey[]): Place | string;
  readonly next?: PlaceTable;
}

export type PlaceTable = Readonly<Record<string, PlaceEntry>>;

/** Makes entries for the fields of one message. */
export function entriesFor(select: Select, mismatch: Mismatch) {
  return (field: Field, next?: PlaceTable): PlaceEntry => unkeyed(fieldPlace(select, field, mismatch), next);
}

export function unkeyed(place: Place, next?: PlaceTable): PlaceEntry {
  return {
    place: (keys) => (keys.length === 0 ? place : 'cannot be indexed'),
    ...(next !== undefined && { next }),
  };
}

export function attributesEntry(select: (row: RowView) => AttributeMap): PlaceEntry {
  return { place: (keys) => attributesPlace(select, keys) };
}
