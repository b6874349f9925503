/** Metric requests for measurements: 60 % sums, 25 % gauges, 15 % histograms, about 220 bytes a point. */
import {
  type Attributes,
  gaugeMetric,
  histogramMetric,
  type PointPart,
  resourceGroup,
  sumMetric,
} from '../otlp-part.ts';
import type { Random } from '../random.ts';
import { compileTemplate, type Part, type RequestTemplate } from '../wire-template.ts';
import type { TemplateFactory } from './shape.ts';
import { podResource, ROUTES } from './vocabulary.ts';

const TEMPLATE_COUNT = 12;
const POINTS_PER_METRIC = 5;
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export function benchMetrics(pointsPerRequest: number): TemplateFactory {
  return ({ random, resource }) =>
    Array.from({ length: TEMPLATE_COUNT }, () => benchMetricRequest(pointsPerRequest, random, resource));
}

function benchMetricRequest(pointCount: number, random: Random, resource: Attributes): RequestTemplate {
  const metrics: Part[] = [];
  for (let first = 0; first < pointCount; first += POINTS_PER_METRIC) {
    const points: PointPart[] = [];
    for (let item = first; item < Math.min(pointCount, first + POINTS_PER_METRIC); item++)
      points.push({ attributes: pointAttributes(random), item });
    metrics.push(benchMetric(first / pointCount, points, random));
  }
  const group = resourceGroup({ ...podResource(random), ...resource }, '@opentelemetry/host-metrics', metrics);
  return compileTemplate('metrics', group, { traces: 0, spans: 0, items: pointCount });
}

/** `position`: how far through the request, 0 to 1; decides the type so that the mix is the same in every request. */
function benchMetric(position: number, points: readonly PointPart[], random: Random): Part {
  if (position < 0.6)
    return sumMetric({ name: 'http.server.request.count', unit: '{request}', points }, random.integer(1, 50));
  if (position < 0.85)
    return gaugeMetric({ name: 'process.runtime.memory.usage', unit: 'By', points }, random.integer(1e6, 1e9));
  const counts = [...BOUNDS.map(() => random.integer(0, 40)), 0];
  return histogramMetric(
    { name: 'http.server.request.duration', unit: 's', points },
    { bounds: BOUNDS, counts, sum: 3.7 },
  );
}

function pointAttributes(random: Random): Attributes {
  return {
    'http.request.method': random.pick(['GET', 'POST', 'PUT']),
    'http.route': random.pick(ROUTES),
    'http.response.status_code': random.pick([200, 404, 500]),
    'server.address': `shop-${random.integer(1, 9)}.example.com`,
  };
}
