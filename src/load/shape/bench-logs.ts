/** Log requests for measurements: about 400 bytes a record, half of them with a trace. */
import { type Attributes, logRecord, resourceGroup } from '../otlp-part.ts';
import type { Random } from '../random.ts';
import { compileTemplate, type RequestTemplate } from '../wire-template.ts';
import type { TemplateFactory } from './shape.ts';
import { hex, podResource, ROUTES } from './vocabulary.ts';

const TEMPLATE_COUNT = 12;

export function benchLogs(recordsPerRequest: number): TemplateFactory {
  return ({ random, resource }) =>
    Array.from({ length: TEMPLATE_COUNT }, () => benchLogRequest(recordsPerRequest, random, resource));
}

function benchLogRequest(recordCount: number, random: Random, resource: Attributes): RequestTemplate {
  const records = Array.from({ length: recordCount }, (_, item) => logRecord(benchRecord(item, random)));
  const group = resourceGroup({ ...podResource(random), ...resource }, 'winston', records);
  return compileTemplate('logs', group, { traces: recordCount, spans: recordCount, items: recordCount });
}

function benchRecord(item: number, random: Random) {
  const route = random.pick(ROUTES);
  return {
    body: `request ${hex(random, 16)} to ${route} finished in ${random.integer(1, 900)} ms`,
    severity: random.pick(['INFO', 'INFO', 'INFO', 'WARN', 'ERROR'] as const),
    item,
    atNs: -random.integer(1_000_000, 900_000_000),
    attributes: {
      'http.route': route,
      'http.response.status_code': random.pick([200, 404, 500]),
      'code.function.name': 'finishRequest',
      'code.file.path': '/srv/app/src/http/server.ts',
      'thread.id': random.integer(1, 64),
      'session.id': hex(random, 32),
    },
    ...(item % 2 === 0 ? { trace: item, span: item } : {}),
  };
}
