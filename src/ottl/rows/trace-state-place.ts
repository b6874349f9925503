import { EvaluationError } from '../function.ts';
import type { PathKey, Place } from '../paths.ts';
import { textField } from './field.ts';
import { fieldPlace, type Select } from './place.ts';
import type { RowView } from './row-view.ts';
import { traceStateMember, withTraceStateMember } from './trace-state.ts';

/** The trace state as text, or one of its members; what makes none is passed over, as in the Collector. */
export function traceStatePlace(select: Select, keys: readonly PathKey[]): Place | string {
  const state = textField('Span', 'traceState');
  const [key, ...further] = keys;
  if (key === undefined) return fieldPlace(select, state, 'ignored');
  if (further.length > 0) return 'takes exactly one key';
  return {
    get: (row) => traceStateMember(state.get(select(row as RowView)) as string, memberKey(key)),
    set(row, value) {
      if (typeof value !== 'string') return;
      const view = select(row as RowView);
      const text = withTraceStateMember(state.get(view) as string, memberKey(key), value);
      if (text !== undefined) state.set(view, text);
    },
  };
}

/** Upstream reads no expressions here. */
function memberKey(key: PathKey): string {
  if ('literal' in key && typeof key.literal === 'string') return key.literal;
  throw new EvaluationError('trace_state indexing type must be a string');
}
