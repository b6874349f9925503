import { drops, dropsInferred, type OttlCase, whole } from '../case.ts';

const all = { error_mode: 'ignore' };

/** What the filter drops, in all forms of its configuration, and what both processors do with errors. */
export const filterCases: readonly OttlCase[] = [
  ...drops('log', [
    'true',
    'severity_number < SEVERITY_NUMBER_WARN',
    'severity_number < SEVERITY_NUMBER_WARN and severity_number != SEVERITY_NUMBER_UNSPECIFIED',
    'IsMatch(body, "hello.*")',
    'attributes["v"] == nil',
    'attributes["missing"] == nil and attributes["b"] == true',
    'resource.attributes["service.name"] == "shop"',
    'instrumentation_scope.name == "lib"',
    'Int(attributes["v"]) > 0',
    'attributes["v"] > 1',
  ]),
  ...drops('span', [
    'IsRootSpan()',
    'kind == SPAN_KIND_SERVER and status.code != STATUS_CODE_ERROR',
    'name == ""',
    'IsMatch(name, "^(GET|kube)")',
    'end_time - start_time < Duration("10ms")',
    'end_time_unix_nano - start_time_unix_nano > 10000000',
    'attributes["http.method"] == "GET"',
  ]),
  ...drops('spanevent', ['name == "exception"', 'attributes["nr"] > 0', 'span.kind == 2', 'true']),
  ...drops('metric', [
    'name == "requests"',
    'type == METRIC_DATA_TYPE_HISTOGRAM',
    'HasAttrKeyOnDatapoint("core")',
    'HasAttrOnDatapoint("host", "a")',
    'HasAttrOnDatapoint("core", "1")',
    'not HasAttrKeyOnDatapoint("host")',
    'Len(data_points) == 0',
    'true',
  ]),
  ...drops('datapoint', [
    'attributes["host"] == "a"',
    'value_double > 0.5',
    'value_int < 0',
    'metric.type == METRIC_DATA_TYPE_SUM and value_int == 10',
    'count > 6',
    'true',
    'metric.name == "latency"',
  ]),
  ...drops('resource', ['attributes["service.name"] == "shop"', 'attributes["service.name"] == nil', 'true']),
  ...dropsInferred('logs', [
    'log.severity_number > 5',
    'resource.attributes["service.name"] == "shop"',
    'scope.name == "lib"',
    'log.attributes["b"] == true; log.severity_number == 3',
    'resource.attributes["service.name"] == "" and log.attributes["b"] == true',
  ]),
  ...dropsInferred('traces', [
    'span.kind == 1',
    'spanevent.name == "retry"',
    'span.name == "checkout" and resource.attributes["service.name"] != nil',
    'resource.attributes["service.name"] == "idle"; span.kind == 3',
  ]),
  ...dropsInferred('metrics', [
    'metric.name == "rpc"',
    'datapoint.attributes["core"] == 1',
    'datapoint.value_double == nil and metric.name == "edges"',
    'scope.name == "other"',
  ]),
  ...whole('filter', 'traces', {
    'resource, span and event together': {
      ...all,
      traces: { resource: ['attributes["empty"] != nil'], span: ['kind == 1', 'kind == 2'], spanevent: ['name == ""'] },
    },
    'groups one after the other': {
      ...all,
      trace_conditions: [
        { context: 'span', conditions: ['kind == 1'] },
        { context: 'spanevent', conditions: ['name == "exception"'] },
        { conditions: ['span.kind == 2'] },
      ],
    },
    'a later condition after one that fails': { ...all, traces: { span: ['Int(attributes["s"]) == 42', 'kind == 4'] } },
    'propagates by default': { traces: { span: ['ParseJSON(name)["x"] == 1'] } },
    'propagates an error of an event': { traces: { spanevent: ['ParseJSON(name)["x"] == 1'] } },
    'propagates in a group': {
      ...all,
      trace_conditions: [{ context: 'span', error_mode: 'propagate', conditions: ['ParseJSON(name)["x"] == 1'] }],
    },
    'of no condition': { error_mode: 'ignore' },
    'of another signal': { logs: { log_record: ['true'] } },
    'lists that are empty': { traces: { span: [] } },
  }),
  ...whole('filter', 'metrics', {
    'metric and point together': {
      ...all,
      metrics: {
        resource: ['attributes["none"] == 1'],
        metric: ['name == "cpu.usage"'],
        datapoint: ['attributes["host"] == "b"'],
      },
    },
    'propagates an error of a point': { metrics: { datapoint: ['ParseJSON(metric.name)["x"] == 1'] } },
    'propagates an error of a metric': { metrics: { metric: ['ParseJSON(name)["x"] == 1'] } },
  }),
  ...whole('filter', 'logs', {
    'propagates an error': { logs: { log_record: ['Int(attributes["v"]["k"]["z"]) == 1'] } },
    'propagates an error of a resource': { logs: { resource: ['ParseJSON(attributes["service.name"])["x"] == 1'] } },
    silent: { error_mode: 'silent', logs: { log_record: ['Int(attributes["v"]["k"]) == 1', 'severity_number == 1'] } },
  }),
  ...whole('transform', 'logs', {
    'propagates by default': { log_statements: ['set(log.attributes["x"], ParseJSON(log.attributes["s"]))'] },
    'propagates where': {
      log_statements: [
        { context: 'log', statements: ['set(attributes["x"], 1) where ParseJSON(attributes["s"]) != nil'] },
      ],
    },
    'propagates in a group only': {
      ...all,
      log_statements: [
        { context: 'log', statements: ['set(attributes["x"], ParseJSON(attributes["s"])["a"])'] },
        { context: 'log', error_mode: 'propagate', statements: ['set(attributes["y"], 1)'] },
      ],
    },
    'a group that propagates what fails': {
      ...all,
      log_statements: [
        { context: 'log', error_mode: 'propagate', statements: ['set(attributes["x"], ParseJSON(attributes["s"]))'] },
      ],
    },
    'conditions of a group': {
      ...all,
      log_statements: [
        {
          context: 'log',
          conditions: ['severity_number > 10', 'attributes["b"] == true'],
          statements: ['set(attributes["x"], 1)'],
        },
        {
          context: 'resource',
          conditions: ['attributes["service.name"] != nil'],
          statements: ['set(attributes["r"], 1)'],
        },
        { context: 'scope', conditions: ['name == "lib"'], statements: ['set(attributes["s"], 1)'] },
      ],
    },
    'a condition that fails': {
      ...all,
      log_statements: [
        {
          context: 'log',
          conditions: ['ParseJSON(attributes["s"])["a"] == 1', 'severity_number == 3'],
          statements: ['set(attributes["x"], 1)'],
        },
      ],
    },
    'inferred groups with conditions': {
      ...all,
      log_statements: [
        {
          conditions: ['log.severity_number > 3'],
          statements: ['set(resource.attributes["x"], 1)', 'set(log.attributes["y"], 2)'],
        },
      ],
    },
    'resources after their logs': {
      ...all,
      log_statements: [
        { context: 'log', statements: ['set(resource.attributes["last"], attributes["row"])'] },
        { context: 'resource', statements: ['set(attributes["seen"], attributes["last"])'] },
        { context: 'log', statements: ['set(attributes["seen"], resource.attributes["seen"])'] },
      ],
    },
    'upper case context': { ...all, log_statements: [{ context: 'LOG', statements: ['set(attributes["x"], 1)'] }] },
    'of no statement': { ...all, log_statements: [] },
    'many statements': {
      ...all,
      log_statements: Array.from({ length: 20 }, (_, i) => `set(log.attributes["n${i}"], ${i})`),
    },
  }),
  ...whole('transform', 'traces', {
    'spans and events': {
      ...all,
      trace_statements: [
        { context: 'span', statements: ['set(attributes["events"], Len(events))'] },
        { context: 'spanevent', statements: ['set(attributes["of"], span.attributes["events"])'] },
        { context: 'resource', statements: ['set(attributes["r"], 1)'] },
      ],
    },
    'propagates by default': {
      trace_statements: ['set(span.attributes["x"], Int(span.attributes["m"]["a"]["q"]["z"]))'],
    },
  }),
  ...whole('transform', 'metrics', {
    'metrics and points': {
      ...all,
      metric_statements: [
        {
          context: 'metric',
          statements: ['convert_sum_to_gauge()', 'extract_sum_metric(true) where type == METRIC_DATA_TYPE_HISTOGRAM'],
        },
        { context: 'datapoint', statements: ['set(attributes["t"], metric.type)'] },
      ],
    },
    'propagates by default': { metric_statements: ['extract_sum_metric(true) where metric.name != "x"'] },
  }),
];
