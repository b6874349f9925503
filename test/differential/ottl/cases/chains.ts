import { chain, type OttlCase } from '../case.ts';

const logs = (...groups: readonly object[]) => ({ log_statements: groups });
const spans = (...groups: readonly object[]) => ({ trace_statements: groups });
const points = (...groups: readonly object[]) => ({ metric_statements: groups });
const group = (context: string, ...statements: readonly string[]) => ({ context, statements });

/** Neighbours, which the engine runs in as few walks as it can: what one does to others' rows must be seen all the same. */
export const chainCases: readonly OttlCase[] = [
  chain(
    'logs',
    'a filter, then a transform',
    ['filter', { logs: { log_record: ['attributes["b"] == true'] } }],
    ['transform', logs(group('log', 'set(attributes["x"], severity_number)'))],
  ),
  chain(
    'logs',
    'a transform, then a filter of what it wrote',
    ['transform', logs(group('log', 'set(attributes["x"], 1) where severity_number > 5'))],
    ['filter', { logs: { log_record: ['attributes["x"] == 1'] } }],
  ),
  chain(
    'logs',
    'records write their resource, which the next reads',
    ['transform', logs(group('log', 'set(resource.attributes["last"], attributes["row"])'))],
    ['transform', logs(group('log', 'set(attributes["last"], resource.attributes["last"])'))],
  ),
  chain(
    'logs',
    'records read their resource, which the next writes',
    ['transform', logs(group('log', 'set(attributes["before"], resource.attributes["seen"])'))],
    ['transform', logs(group('log', 'set(resource.attributes["seen"], attributes["row"])'))],
    ['filter', { logs: { resource: ['attributes["seen"] == 7'] } }],
  ),
  chain(
    'logs',
    'resources, scopes and records in turn',
    [
      'transform',
      logs(
        group('resource', 'set(attributes["r"], "x")'),
        group('scope', 'set(attributes["r"], resource.attributes["r"])'),
        group('log', 'set(attributes["r"], instrumentation_scope.attributes["r"])'),
      ),
    ],
    ['filter', { log_conditions: ['log.attributes["b"] == true', 'log.severity_number == 4'] }],
    ['filter', { log_conditions: ['resource.attributes["service.name"] == "shop"'] }],
    ['transform', logs(group('resource', 'set(attributes["n"], Len(attributes))'))],
  ),
  chain(
    'traces',
    'events are dropped before spans are changed',
    ['filter', { traces: { spanevent: ['name == "exception"'] } }],
    ['transform', spans(group('span', 'set(attributes["events"], Len(events))'))],
    [
      'transform',
      spans(
        group('spanevent', 'set(attributes["of"], span.attributes["events"])', 'set(span.attributes["seen"], name)'),
      ),
    ],
    ['filter', { traces: { span: ['attributes["seen"] == "retry"'] } }],
  ),
  chain(
    'traces',
    'all spans are dropped',
    ['filter', { traces: { span: ['true'] } }],
    ['transform', spans(group('resource', 'set(attributes["x"], 1)'))],
  ),
  chain(
    'metrics',
    'what is made is filtered and made again',
    [
      'transform',
      points(group('metric', 'copy_metric(name="a") where name == "requests"', 'extract_sum_metric(true)')),
    ],
    ['filter', { metrics: { metric: ['name == "requests"'], datapoint: ['attributes["host"] == "b"'] } }],
    [
      'transform',
      points(
        group('metric', 'copy_metric(name="c") where name == "a"'),
        group('datapoint', 'set(attributes["m"], metric.name)'),
      ),
    ],
    ['filter', { metric_conditions: ['datapoint.attributes["m"] == "latency_sum"'] }],
  ),
  chain(
    'metrics',
    'points rename their metric for the next',
    ['transform', points(group('datapoint', 'set(metric.name, attributes["host"]) where attributes["host"] != nil'))],
    ['transform', points(group('datapoint', 'set(attributes["name"], metric.name)'))],
    ['filter', { metrics: { datapoint: ['metric.name == "a"'] } }],
  ),
];
