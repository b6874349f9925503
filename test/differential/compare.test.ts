import { describe, expect, it } from 'vitest';
import { requirePeer } from '../../testbed/index.ts';
import { decodeRequest, encodeRequest } from '../testkit/otlp-proto.ts';
import { itemLines } from './canonical.ts';
import { DEFAULT_FACETS } from './case.ts';
import { CASES } from './cases/index.ts';
import { compareObservations, describeDifferences } from './compare.ts';
import { plainInput, richInput } from './inputs.ts';
import type { Observation } from './observation.ts';
import { runCase } from './run-case.ts';

const peer = requirePeer('otelcol');
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';
const subject = CASES.find((entry) => entry.name.startsWith('several exporters of one pipeline'))!;

describe.skipIf(peer.status === 'missing')(`the comparer${skipNote}`, () => {
  it('finds the Collector equal to itself, and one changed character in one facet', async () => {
    const [one, other] = await Promise.all([runCase('otelcol', subject), runCase('otelcol', subject)]);
    expect(one.items.length).toBe(subject.expectedItems);
    expect(describeDifferences(compareObservations(one, other, DEFAULT_FACETS))).toBe('');

    const changed = other.items.with(5, other.items[5]!.replace('few-', 'few_'));
    const found = compareObservations(one, { ...other, items: changed }, DEFAULT_FACETS);
    expect(found).toEqual([{ facet: 'items', onlyCollector: [one.items[5]], onlyEngine: [changed[5]] }]);
  });
});

describe('comparing observations', () => {
  const observation = (items: readonly string[]): Observation => ({
    answers: [],
    delays: [],
    items,
    batches: [],
    requests: [],
    attempts: [],
    selfMetrics: [],
    seriesNames: [],
    stdout: [],
  });

  it('counts duplicates: a line sent twice is not a line sent once', () => {
    const found = compareObservations(observation(['a', 'b']), observation(['a', 'a', 'b']), ['items']);
    expect(found).toEqual([{ facet: 'items', onlyCollector: [], onlyEngine: ['a'] }]);
  });

  it('takes the order of lines as meaningless', () => {
    expect(compareObservations(observation(['a', 'b']), observation(['b', 'a']), ['items'])).toEqual([]);
  });

  it('lets the engine lack a series, not have one of its own', () => {
    const some = { ...observation([]), seriesNames: ['otelcol_a{}'] };
    expect(compareObservations(some, observation([]), ['seriesNames'])).toEqual([]);
    expect(compareObservations(observation([]), some, ['seriesNames'])).toHaveLength(1);
  });
});

describe('the lines of a request', () => {
  const lines = (init: object) => itemLines('logs', decodeRequest('logs', encodeRequest('logs', init as never)));
  const record = { attributes: [{ key: 'k', value: { value: { case: 'intValue', value: 2n ** 53n + 1n } } }] };

  it('are the same however items are grouped into resources and scopes', () => {
    const resource = { attributes: [{ key: 'a', value: { value: { case: 'stringValue', value: 'x' } } }] };
    const together = lines({ resourceLogs: [{ resource, scopeLogs: [{ logRecords: [record, {}] }] }] });
    const apart = lines({
      resourceLogs: [
        { resource, scopeLogs: [{ logRecords: [{}] }] },
        { resource, scopeLogs: [{ logRecords: [record] }] },
      ],
    });
    expect([...together].sort()).toEqual([...apart].sort());
  });

  it('keep every digit, the type of a value and the presence of an optional field', () => {
    expect(lines({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] })[0]).toContain(
      '"intValue":"9007199254740993"',
    );
    const histogram = (point: object) =>
      itemLines(
        'metrics',
        decodeRequest(
          'metrics',
          encodeRequest('metrics', {
            resourceMetrics: [
              { scopeMetrics: [{ metrics: [{ data: { case: 'histogram', value: { dataPoints: [point] } } }] }] },
            ],
          }),
        ),
      );
    expect(histogram({ sum: 0 })).not.toEqual(histogram({}));
  });

  it.each(['traces', 'metrics', 'logs'] as const)('differ when any byte of the content of %s differs', (signal) => {
    const of = (bytes: Uint8Array) => itemLines(signal, decodeRequest(signal, bytes)).sort();
    const { bytes } = richInput(signal);
    expect(of(bytes)).not.toEqual(
      of(Buffer.from(Buffer.from(bytes).toString('latin1').replace('1.2.3', '1.2.4'), 'latin1')),
    );
    expect(of(plainInput(signal, 'a', { resources: 1, scopes: 1, items: 2 }).bytes)).not.toEqual(
      of(plainInput(signal, 'b', { resources: 1, scopes: 1, items: 2 }).bytes),
    );
  });
});
