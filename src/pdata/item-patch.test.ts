import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryRequest, canonicalText, decodeRequest, encodeRequest } from '../../test/testkit/otlp-proto.ts';
import { compileItemPatch, type ItemPatchSettings, SIGNALS, type Signal, validateRequest } from './index.ts';

const seed = 20_261_122;
const environment = {
  sha256: (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest(),
};
const patch = (signal: Signal, settings: ItemPatchSettings) => compileItemPatch(signal, settings, environment);
const MARK = [{ action: 'upsert', key: 'mark', value: 'x' }];
const KINDS = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'];

interface Item {
  attributes: { key: string; value?: { value: { value: unknown } } }[];
}

/** Everything with attributes that the processor may change, of a decoded request. */
function itemsOf(signal: Signal, request: Record<string, never[]>): Item[] {
  const [resources, scopes, items] = {
    traces: ['resourceSpans', 'scopeSpans', 'spans'],
    metrics: ['resourceMetrics', 'scopeMetrics', 'metrics'],
    logs: ['resourceLogs', 'scopeLogs', 'logRecords'],
  }[signal] as [string, string, string];
  const found = request[resources]!.flatMap((resource) =>
    (resource[scopes] as never[]).flatMap((scope) => scope[items] as never[]),
  );
  if (signal !== 'metrics') return found;
  return found.flatMap(({ data }) => {
    const { case: kind, value } = data as { case?: string; value: { dataPoints: Item[] } };
    return kind !== undefined && KINDS.includes(kind) ? value.dataPoints : [];
  });
}

describe('patch of items', () => {
  it.each(SIGNALS)('changes the attributes of every item of %s and nothing else', (signal) => {
    const mark = patch(signal, { actions: MARK });
    fc.assert(
      fc.property(arbitraryRequest(signal), (request) => {
        const bytes = encodeRequest(signal, request as never);
        const patched = mark(bytes);
        validateRequest(signal, patched);
        const before = decodeRequest(signal, bytes);
        const after = decodeRequest(signal, patched);
        for (const item of itemsOf(signal, after as never)) {
          expect(item.attributes.filter(({ key }) => key === 'mark')).not.toEqual([]);
        }
        const unmark = patch(signal, { actions: [{ action: 'delete', key: 'mark' }] });
        expect(canonicalText(decodeRequest(signal, unmark(patched)))).toBe(
          canonicalText(decodeRequest(signal, unmark(bytes))),
        );
        expect(itemsOf(signal, after as never).length).toBe(itemsOf(signal, before as never).length);
      }),
      { seed, numRuns: 60 },
    );
  });

  it.each(SIGNALS)('gives back the same object when nothing changes in %s', (signal) => {
    const idle = patch(signal, { actions: [{ action: 'update', key: 'no such key at all', value: 1 }] });
    fc.assert(
      fc.property(arbitraryRequest(signal), (request) => {
        const bytes = encodeRequest(signal, request as never);
        expect(idle(bytes)).toBe(bytes);
      }),
      { seed, numRuns: 40 },
    );
  });

  it('takes values from the headers of the sender', () => {
    const bytes = encodeRequest('logs', { resourceLogs: [{ scopeLogs: [{ logRecords: [{}] }] }] });
    const actions = [{ action: 'insert', key: 'tenant', from_context: 'metadata.X-Tenant', default_value: 'nobody' }];
    const tenant = (header?: (name: string) => string | undefined) => {
      const patched = patch('logs', { actions })(bytes, header);
      return itemsOf('logs', decodeRequest('logs', patched) as never)[0]?.attributes[0]?.value?.value.value;
    };
    expect(tenant((name) => (name === 'x-tenant' ? 'acme;other' : undefined))).toBe('acme;other');
    expect(tenant()).toBe('nobody');
  });

  it('takes time in proportion to the items, of which few change', () => {
    const spans = Array.from({ length: 20_000 }, (_, i) => ({ name: i === 19_999 ? 'last' : 'other' }));
    const bytes = encodeRequest('traces', { resourceSpans: [{ scopeSpans: [{ spans }] }] });
    const include = { match_type: 'strict', span_names: ['last'] };
    const started = performance.now();
    patch('traces', { actions: MARK, include })(bytes);
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it.each<[Signal, object, string]>([
    ['traces', { match_type: 'strict' }, 'at least one of services, span_names'],
    ['traces', { match_type: 'strict', log_bodies: ['a'] }, '`log_bodies` cannot be matched in traces'],
    ['metrics', { match_type: 'strict', attributes: [{ key: 'a' }] }, '`attributes` cannot be matched in metrics'],
    ['logs', { log_bodies: ['a'] }, '`match_type` must be strict or regexp'],
    ['logs', { match_type: 'regexp', log_bodies: ['('] }, 'the pattern "(" is invalid'],
    ['traces', { match_type: 'regexp', attributes: [{ key: 'a', value: 1 }] }, 'must be a text'],
    ['traces', { match_type: 'strict', attributes: [{ value: 1 }] }, 'needs a `key`'],
    ['traces', { match_type: 'strict', span_kinds: ['server'] }, '`span_kinds` must be some of SPAN_KIND_CLIENT'],
  ])('refuses in %s %o', (signal, include, message) => {
    expect(() => patch(signal, { actions: MARK, include })).toThrow(message);
  });
});
