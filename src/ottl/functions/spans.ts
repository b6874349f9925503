import type { FunctionSpec } from '../function.ts';
import { resolvePath } from '../rows/index.ts';
import { IdValue } from '../value.ts';

export const SPAN_CONVERTERS: readonly FunctionSpec[] = [
  {
    name: 'IsRootSpan',
    parameters: [],
    doc: 'Says whether a span has no parent.',
    example: 'IsRootSpan()',
    contexts: ['span'],
    create() {
      const place = resolvePath('span', { of: 'span', steps: [{ name: 'parent_span_id', keys: [] }] });
      if (!('get' in place)) throw new Error(`a span has a parent_span_id, yet: ${place.message}`);
      return (row) => {
        const id = place.get(row);
        return id instanceof IdValue && id.bytes.every((byte) => byte === 0);
      };
    },
  },
];
