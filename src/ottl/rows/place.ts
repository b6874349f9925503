import { valueAsText } from '../../pdata/index.ts';
import { EvaluationError } from '../function.ts';
import type { PathKey, Place } from '../paths.ts';
import type { Row } from '../row.ts';
import { isList, isMap, type MapValue, type Value } from '../value.ts';
import { type AttributeKey, type AttributeMap, attributeKey } from './attribute-map.ts';
import { addressOf, type Field, put } from './field.ts';
import { goTypeOf, valueTypeOf } from './go-type.ts';
import { mapKey, readKeyed, withKeyed } from './keyed.ts';
import type { MessageView } from './message-view.ts';
import type { RowView } from './row-view.ts';
import { adopt, isMessage, type OnChange } from './tree.ts';
import { readValue, writeValue } from './wire-value.ts';

/** The message of the row that a place is in. */
export type Select = (row: RowView) => MessageView;

/** What happens with a value of another type: the contexts of the Collector differ in it. */
export type Mismatch = 'refused' | 'ignored';

/** The rows that reach a place are RowViews: only this module makes any. */
function viewOf(row: Row): RowView {
  return row as RowView;
}

export function fieldPlace(select: Select, field: Field, mismatch: Mismatch): Place {
  return {
    ...(field.equalsText !== undefined && {
      equalsText: (row: Row, utf8: Uint8Array) => field.equalsText!(select(viewOf(row)), utf8),
    }),
    get: (row) => field.get(select(viewOf(row))),
    set(row, value) {
      if (field.accepts(value)) field.set(select(viewOf(row)), value);
      else if (mismatch === 'refused') throw unexpected(field.goType, value);
    },
  };
}

export function unexpected(goType: string, value: Value): EvaluationError {
  return new EvaluationError(`expects ${goType} but got ${goTypeOf(value)}`);
}

/** Attributes, which can be read and set as a whole or by keys. */
export function attributesPlace(select: (row: RowView) => AttributeMap, keys: readonly PathKey[]): Place {
  const [first, ...further] = keys;
  if (first === undefined) {
    return {
      get: (row) => select(viewOf(row)),
      set: (row, value) => {
        // Anything but a map changes nothing and is no failure, as in the Collector.
        if (value !== undefined && isMap(value) && !isMessage(value)) select(viewOf(row)).assign(value);
      },
    };
  }
  const keyOf = attributeKeyOf(first);
  if (further.length === 0) {
    return {
      get: (row) => select(viewOf(row)).read(keyOf(row, 'get')),
      equalsText: (row, utf8) => select(viewOf(row)).equalsText(keyOf(row, 'get'), utf8),
      set: (row, value) => select(viewOf(row)).write(keyOf(row, 'set'), value),
    };
  }
  return {
    get: (row) => {
      const map = select(viewOf(row));
      const key = keyOf(row, 'get');
      return map.has(key.text) ? readKeyed(map.read(key), further, 0, row) : undefined;
    },
    set(row, value) {
      const map = select(viewOf(row));
      const key = keyOf(row, 'set');
      map.write(key, withKeyed(map.copy(key), further, 0, { row, value }));
    },
  };
}

export function cachePlace(keys: readonly PathKey[]): Place {
  const [first, ...further] = keys;
  if (first === undefined) {
    return {
      get: (row) => row.cache,
      set(row, value) {
        if (value !== undefined && isMap(value) && !isMessage(value)) assign(row.cache, value);
      },
    };
  }
  return {
    get: (row) => {
      const name = nameOf(first, row, 'get');
      return row.cache.has(name) ? readKeyed(row.cache.get(name), further, 0, row) : undefined;
    },
    set(row, value) {
      const name = nameOf(first, row, 'set');
      row.cache.set(name, withKeyed(row.cache.get(name), further, 0, { row, value }));
    },
  };
}

function assign(target: MapValue, source: MapValue): void {
  if (target === source) return;
  const entries = [...source.entries()];
  target.clear();
  for (const [key, value] of entries) target.set(key, value);
}

function attributeKeyOf(key: PathKey): (row: Row, verb: 'get' | 'set') => AttributeKey {
  if (!('literal' in key) || typeof key.literal !== 'string') {
    return (row, verb) => attributeKey(nameOf(key, row, verb));
  }
  const literal = attributeKey(key.literal);
  return () => literal;
}

function nameOf(key: PathKey, row: Row, verb: 'get' | 'set'): string {
  try {
    return mapKey(key, row);
  } catch (cause) {
    if (!(cause instanceof EvaluationError)) throw cause;
    throw new EvaluationError(`cannot ${verb} map value: ${cause.message}`, { cause });
  }
}

const BODY = addressOf('LogRecord', 'body');
const ignore = () => {};
/** Stands for what an AnyValue cannot hold. */
const UNHOLDABLE = new Uint8Array(0);

export function bodyPlace(select: Select, keys: readonly PathKey[]): Place {
  if (keys.length === 0) {
    return {
      get(row) {
        const view = select(viewOf(row));
        const body: Value = readBody(view, () => view.defer(body, () => writeBody(view, body)));
        return body;
      },
      set: (row, value) => writeBody(select(viewOf(row)), value),
    };
  }
  return {
    get(row) {
      const view = select(viewOf(row));
      const body: Value = readBody(view, () => view.defer(body, () => writeBody(view, body)));
      return readKeyed(indexable(body), keys, 0, row);
    },
    set(row, value) {
      const view = select(viewOf(row));
      writeBody(view, withKeyed(indexable(readBody(view, ignore)), keys, 0, { row, value }));
    },
  };
}

export function bodyTextPlace(select: Select): Place {
  return {
    get(row) {
      const view = select(viewOf(row));
      const body = readBody(view, ignore);
      if (typeof body === 'string') return body;
      const from = view.arena.length;
      writeValue(view.arena, body);
      const text = valueAsText(view.arena.buffer.subarray(from, view.arena.length));
      view.arena.truncate(from);
      return text;
    },
    set(row, value) {
      if (typeof value !== 'string') throw unexpected('string', value);
      writeBody(select(viewOf(row)), value);
    },
  };
}

function indexable(body: Value): Value {
  if (isList(body) || (body !== undefined && isMap(body))) return body;
  throw new EvaluationError(`log bodies of type ${valueTypeOf(body)} cannot be indexed`);
}

/** Of a body in pieces the last one that says anything counts. */
function readBody(view: MessageView, onChange: OnChange): Value {
  let found = -1;
  for (let at = view.first(BODY.tag); at >= 0; at = view.first(BODY.tag, at + 1)) {
    if (view.endAt(at) > view.startAt(at)) found = at;
  }
  return found < 0 ? undefined : readValue(view.bytesAt(found), view.startAt(found), view.endAt(found), onChange);
}

function writeBody(view: MessageView, value: Value): void {
  const adopted = adopt(value, UNHOLDABLE, ignore);
  if (adopted === UNHOLDABLE) return;
  const last = view.last(BODY.tag);
  for (let at = view.first(BODY.tag); at >= 0 && at < last; at = view.first(BODY.tag, at + 1)) view.drop(at);
  put(view, BODY, false, () => writeValue(view.arena, adopted));
}
