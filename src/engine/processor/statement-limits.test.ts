import { describe, expect, it } from 'vitest';
import { batchOf, testDeps } from '../../../test/testkit/engine.ts';
import { encodeRequest } from '../../../test/testkit/otlp-proto.ts';
import { Account } from '../../flow/index.ts';
import type { ComponentConfig, ComponentId, PipelineId } from '../../otelcol/index.ts';
import type { Signal } from '../../pdata/index.ts';
import { ACCEPTED, type Batch } from '../batch.ts';
import { Scratch } from './scratch.ts';
import { transformProcessor } from './transform.ts';

const KEY = { logs: 'log_statements', metrics: 'metric_statements' } as const;

/** What becomes of a request, and how many bytes go on. */
function run(signal: 'logs' | 'metrics', statements: readonly string[], bytes: Uint8Array, itemCount: number) {
  const context = signal === 'logs' ? 'log' : 'metric';
  const settings = { error_mode: 'silent', [KEY[signal]]: [{ context, statements }] } as ComponentConfig;
  const id = 'transform/x' as ComponentId;
  const passed: Batch[] = [];
  const next = {
    consume(batch: Batch) {
      passed.push(batch);
      return ACCEPTED;
    },
  };
  const place = { pipeline: `${signal}/p` as PipelineId, signal: signal as Signal };
  const stage = { ...place, next, scratch: new Scratch(), accounts: [new Account()] };
  const processor = transformProcessor.create(settings, { id, deps: testDeps() }).attach(stage);
  const started = performance.now();
  const answer = processor.consume({ ...batchOf([]), signal, bytes, itemCount } as Batch);
  return { answer, size: passed[0]?.bytes.length ?? 0, tookMs: performance.now() - started };
}

const value = (stringValue: string) => ({ value: { case: 'stringValue', value: stringValue } });

function logs(count: number, body: string, attributes: readonly object[] = [{ key: 'a', value: value('x') }]) {
  const logRecords = Array.from({ length: count }, () => ({ body: value(body), attributes }));
  return encodeRequest('logs', { resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
}

const times = (count: number, text: string) => Array.from({ length: count }, () => text);
const SMALL = logs(10_000, 'twenty characters, so', [{ key: 'a', value: value('some text') }]);
const MEGABYTE = logs(1, 'a b '.repeat(250_000));
const NUMBERS = logs(1, `[${'1,'.repeat(500_000)}1]`);
const MANY = logs(
  1,
  'x',
  Array.from({ length: 10_000 }, (_, i) => ({ key: `key${i}`, value: value('aaaa') })),
);

/** Each takes well below a second, on a machine with nothing else to do. */
const LONG_MS = 20_000;

describe('statements whose work multiplies', () => {
  it.each([
    [
      'a text twice itself',
      times(30, 'set(log.attributes["a"], Concat([log.attributes["a"], log.attributes["a"]], ""))'),
    ],
    [
      'a text twice itself, aside',
      times(30, 'set(log.cache["a"], Concat([log.body, log.cache["a"], log.cache["a"]], ""))'),
    ],
    ['a list twice itself', times(40, 'set(log.cache["a"], [log.cache["a"], log.cache["a"]])')],
    ['a map in itself', times(16, 'set(log.cache["a"], {"x": log.cache["a"], "y": log.cache["a"]})')],
    ['hex of hex', times(30, 'set(log.body, Hex(log.body))')],
    ['longer by a pattern', times(12, 'replace_pattern(log.body, "e|a|x", "aeaeaeaeaeaeaeae")')],
  ])('%s: the request is refused for good, and names the limit', (_, statements) => {
    const { answer, tookMs, size } = run('logs', statements, SMALL, 10_000);
    expect(answer).toMatchObject({ status: 'refused', retryable: false });
    expect(JSON.stringify(answer)).toMatch(/wrote more than 16 MiB and 64 times its size/);
    expect(size).toBe(0);
    expect(tookMs).toBeLessThan(LONG_MS);
  });

  it('values of many attributes that become longer are counted as well', () => {
    const statements = times(8, 'replace_all_patterns(log.attributes, "value", "a", "aaaaaaaa")');
    const { answer, tookMs } = run('logs', statements, MANY, 1);
    expect(answer).toMatchObject({ status: 'refused', retryable: false });
    expect(tookMs).toBeLessThan(LONG_MS);
  });

  it('copies of copies of metrics come to an end', () => {
    const metrics = Array.from({ length: 10 }, (_, i) => ({
      name: `m${i}`,
      data: { case: 'gauge', value: { dataPoints: [{}] } },
    }));
    const bytes = encodeRequest('metrics', { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] });
    const { answer, tookMs } = run('metrics', ['copy_metric(description="x") where metric.name != ""'], bytes, 10);
    expect(answer).toMatchObject({ status: 'refused', retryable: false });
    expect(tookMs).toBeLessThan(LONG_MS);
  });
});

describe('much work on one large value', () => {
  it.each([
    ['ParseJSON', ['set(log.cache, ParseJSON(log.body))'], MEGABYTE],
    ['ParseJSON of numbers', ['set(log.attributes["l"], ParseJSON(log.body))'], NUMBERS],
    ['Split', ['set(log.attributes["l"], Split(log.body, " "))'], MEGABYTE],
    ['Split and Sort', ['set(log.attributes["l"], Sort(Split(log.body, "b")))'], MEGABYTE],
    ['grok', ['set(log.cache, ExtractGrokPatterns(log.body, "%{IPORHOST:a} %{GREEDYDATA:b} %{IPV6:c}"))'], MEGABYTE],
    ['nasty grok', ['set(log.cache, ExtractGrokPatterns(log.body, "(?:%{WORD:a} )+%{WORD:b} %{IP:c}$"))'], MEGABYTE],
    ['a pattern', ['replace_pattern(log.body, "(a|b| )+(a|b)+z", "")'], MEGABYTE],
    ['every letter', ['replace_pattern(log.body, "a", "c")'], MEGABYTE],
    ['every letter, hashed', ['replace_pattern(log.body, "(a)", "$1", SHA256)'], MEGABYTE],
    ['all attributes', times(5, 'replace_all_patterns(log.attributes, "value", "a+$", "b")'), MANY],
    [
      'all keys',
      ['replace_all_patterns(log.attributes, "key", "key", "k")', 'keep_matching_keys(log.attributes, "^k.*1$")'],
      MANY,
    ],
    ['nested calls', [`set(log.body, ${'ToUpperCase('.repeat(40)}log.body${')'.repeat(40)})`], MEGABYTE],
  ])('%s takes its time, but not long', (_, statements, bytes) => {
    const { tookMs } = run('logs', statements, bytes, 1);
    expect(tookMs).toBeLessThan(LONG_MS);
  });
});
