import type { FunctionSpec } from '../../function.ts';
import { getterOf, parameters } from '../argument.ts';
import { appendMetric, readMetric } from './metric.ts';

export const COPY_METRIC: FunctionSpec = {
  name: 'copy_metric',
  parameters: parameters(['name?', 'StringGetter'], ['description?', 'StringGetter'], ['unit?', 'StringGetter']),
  contexts: ['metric'],
  doc: 'Adds a copy of the metric, which the statements that follow see too; without a condition on its name it is copied again.',
  example: 'copy_metric(name="http.server.duration.seconds", unit="s") where metric.name == "http.server.duration"',
  create([name, description, unit]) {
    return (row) => {
      const metric = readMetric(row);
      const own = (argument: unknown, fallback: string) =>
        argument === undefined ? fallback : getterOf<string>(argument)(row);
      appendMetric(row, {
        ...metric,
        name: own(name, metric.name),
        description: own(description, metric.description),
        unit: own(unit, metric.unit),
      });
      return undefined;
    };
  },
};
