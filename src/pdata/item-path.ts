import { type FieldSpec, type MessageName, REQUEST_MESSAGE, SCHEMA } from './schema.ts';
import type { Signal } from './signal.ts';
import { tagOf, WIRE_TYPE } from './wire/format.ts';

/** The tags that lead from a request to its items, level by level; the last level's are the items themselves. */
export const ITEM_PATH: Readonly<Record<Signal, readonly (readonly number[])[]>> = {
  traces: pathFrom(REQUEST_MESSAGE.traces),
  metrics: pathFrom(REQUEST_MESSAGE.metrics),
  logs: pathFrom(REQUEST_MESSAGE.logs),
};

function pathFrom(message: MessageName): readonly (readonly number[])[] {
  const onPath = SCHEMA[message].filter(leadsToItems);
  const tags = onPath.map((field) => tagOf(field.number, WIRE_TYPE.lengthDelimited));
  const next = onPath[0].item ? undefined : onPath[0].message;
  return next === undefined ? [tags] : [tags, ...pathFrom(next)];
}

/** No message below an item has items, so the search stops there. */
function leadsToItems(field: FieldSpec): boolean {
  if (field.item) return true;
  if (field.message === undefined || ['Resource', 'InstrumentationScope', 'KeyValue'].includes(field.message))
    return false;
  return SCHEMA[field.message].some(leadsToItems);
}
