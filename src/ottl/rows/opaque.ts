/**
 * Fields whose values statements can only count, compare with nil and put into another field of the same type, since Go has
 * types of its own for them: lists of messages or numbers, single messages.
 */
import { type MessageName, SCHEMA, tagOf, wireTypeOf } from '../../pdata/index.ts';
import type { Value } from '../value.ts';
import { addressOf, type Field } from './field.ts';
import { varintEnd } from './field-table.ts';
import type { MessageView } from './message-view.ts';
import { OPAQUE, TreeMap } from './tree.ts';
import { doubleAt, fixed64At, varintAt } from './wire-number.ts';

/** Encoded messages, such as the events of a span. */
export class MessageList extends Array<Value> {
  readonly [OPAQUE] = true;
  readonly message: MessageName;

  constructor(message: MessageName) {
    super();
    this.message = message;
  }

  /** What `map` and its like return is an ordinary list. */
  static override get [Symbol.species]() {
    return Array;
  }
}

/** Numbers of one type: the counts or bounds of buckets. */
export class NumberList extends Array<Value> {
  readonly goType: string;

  constructor(goType: string) {
    super();
    this.goType = goType;
    if (goType === '[]uint64') Object.defineProperty(this, OPAQUE, { value: true });
  }

  static override get [Symbol.species]() {
    return Array;
  }
}

/** A message as a map of its fields, which is only good to look at: what counts is its content. */
export class MessageMap extends TreeMap {
  readonly [OPAQUE] = true;
  readonly message: MessageName;
  readonly content: Uint8Array;

  constructor(message: MessageName, content: Uint8Array) {
    super(() => {});
    this.message = message;
    this.content = content;
  }
}

export function messageListField(message: MessageName, name: string, goType: string): Field<MessageList> {
  const { tag } = addressOf(message, name);
  const element = SCHEMA[message].find((field) => field.name === name)!.message!;
  return {
    goType,
    accepts: (value): value is MessageList => value instanceof MessageList && value.message === element,
    get(view) {
      const list = new MessageList(element);
      for (let at = view.first(tag); at >= 0; at = view.first(tag, at + 1)) list.push(contentAt(view, at));
      return list;
    },
    set(view, list) {
      if (isSame(list, this.get(view) as MessageList)) return;
      view.dropAll(tag);
      for (const content of list) append(view, tag, content as Uint8Array);
    },
  };
}

export function messageField(message: MessageName, name: string, parts: MessageParts): Field<MessageMap> {
  const { tag } = addressOf(message, name);
  return {
    goType: parts.goType,
    accepts: (value): value is MessageMap => value instanceof MessageMap && value.message === parts.message,
    get(view) {
      const child = view.child(tag);
      child.settle();
      const from = view.arena.length;
      child.writeContent(view.arena);
      const map = new MessageMap(parts.message, view.arena.buffer.slice(from, view.arena.length));
      view.arena.truncate(from);
      for (const [key, field] of Object.entries(parts.fields)) map.append(key, field.get(child));
      return map;
    },
    set(view, { content }) {
      const child = view.child(tag);
      if (sameBytes((this.get(view) as MessageMap).content, content)) return;
      const from = view.arena.length;
      view.arena.raw(content);
      child.rewrite(from);
    },
  };
}

export interface MessageParts {
  readonly message: MessageName;
  readonly goType: string;
  readonly fields: Readonly<Record<string, Field>>;
}

export function numberListField(message: MessageName, name: string): Field<NumberList> {
  const { tag, number, type } = addressOf(message, name);
  const loneTag = tagOf(number, wireTypeOf(type as 'double'));
  const goType = type === 'double' ? '[]float64' : '[]uint64';
  return {
    goType,
    accepts: (value): value is NumberList => value instanceof NumberList && value.goType === goType,
    get(view) {
      const list = new NumberList(goType);
      for (let at = 0; at < view.count; at++) {
        if (view.tagAt(at) === tag || view.tagAt(at) === loneTag) readNumbers(view, at, type, list);
      }
      return list;
    },
    set(view, list) {
      const current = this.get(view) as NumberList;
      if (current.length === list.length && current.every((value, at) => Object.is(value, list[at]))) return;
      view.dropAll(tag);
      view.dropAll(loneTag);
      if (list.length === 0) return;
      const field = view.beginField(tag);
      for (const value of list) writeNumber(view, type, value);
      view.endField(-1, tag, field);
    },
  };
}

function readNumbers(view: MessageView, at: number, type: string, list: NumberList): void {
  const bytes = view.bytesAt(at);
  if (type === 'uint64') {
    for (let start = view.startAt(at); start < view.endAt(at); start = varintEnd(bytes, start, view.endAt(at))) {
      list.push(varintAt(bytes, start));
    }
    return;
  }
  for (let start = view.startAt(at); start + 8 <= view.endAt(at); start += 8) {
    list.push(type === 'double' ? doubleAt(bytes, start) : fixed64At(bytes, start));
  }
}

function writeNumber({ arena }: MessageView, type: string, value: Value): void {
  if (type === 'double') arena.double(value as number);
  else if (type === 'uint64') arena.varint64(value as bigint);
  else arena.fixed64(value as bigint);
}

function contentAt(view: MessageView, at: number): Uint8Array {
  return view.bytesAt(at).slice(view.startAt(at), view.endAt(at));
}

function append(view: MessageView, tag: number, content: Uint8Array): void {
  const field = view.beginField(tag);
  view.arena.raw(content);
  view.endField(-1, tag, field);
}

function isSame(left: MessageList, right: MessageList): boolean {
  return left.length === right.length && left.every((one, at) => sameBytes(one as Uint8Array, right[at] as Uint8Array));
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, at) => byte === right[at]);
}
