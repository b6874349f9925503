/** Fields in the text that `.string` of a path gives. */
import type { MessageName } from '../../pdata/index.ts';
import { EvaluationError } from '../function.ts';
import { IdValue } from '../value.ts';
import { type Field, idField, intField, isString } from './field.ts';

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const ID_SIZES = { trace: 16, span: 8 } as const;

export function idTextField(message: MessageName, name: string, kind: 'trace' | 'span'): Field<string> {
  const id = idField(message, name, kind);
  return {
    goType: 'string',
    accepts: isString,
    get(view) {
      let text = '';
      for (const byte of (id.get(view) as IdValue).bytes) text += HEX[byte];
      return text;
    },
    set: (view, text) => id.set(view, parseId(text, kind)),
  };
}

function parseId(text: string, kind: 'trace' | 'span'): IdValue {
  const size = ID_SIZES[kind];
  // Go decodes half of the length, rounded down, and only then finds that one digit is left over.
  if (Math.floor(text.length / 2) !== size) throw new EvaluationError(`${kind} ids must be ${size * 2} hex characters`);
  if (!/^(?:[0-9a-fA-F]{2})+$/.test(text)) throw new EvaluationError(`encoding/hex: invalid ${kind} id`);
  return new IdValue(
    kind,
    Uint8Array.from({ length: size }, (_, at) => Number.parseInt(text.slice(2 * at, 2 * at + 2), 16)),
  );
}

export const KIND_NAMES: readonly string[] = ['Unspecified', 'Internal', 'Server', 'Client', 'Producer', 'Consumer'];

export const DEPRECATED_KIND_NAMES: readonly string[] = KIND_NAMES.map((name) => `SPAN_KIND_${name.toUpperCase()}`);

/** The kind of a span by name; empty for numbers that have none. */
export function kindTextField(names: readonly string[], label: string): Field<string> {
  const kind = intField('Span', 'kind');
  return {
    goType: 'string',
    accepts: isString,
    get: (view) => names[Number(kind.get(view))] ?? '',
    set(view, text) {
      const at = names.indexOf(text);
      if (at < 0) throw new EvaluationError(`unknown span kind ${label}, ${text}`);
      kind.set(view, BigInt(at));
    },
  };
}
