import type { DifferentialCase } from '../case.ts';
import { ALL_SIGNALS, everySignal, send } from '../case.ts';
import { lineCount, plainInput } from '../inputs.ts';

const small = { resources: 2, scopes: 1, items: 2 };
const inputs = ALL_SIGNALS.map((signal) => plainInput(signal, 'plain', small));

/** What the processors count; what they do to data is compared in test/differential/ottl.test.ts. */
function countingCase(
  name: string,
  processors: Readonly<Record<string, object>>,
  expectedItems: number,
): DifferentialCase {
  const parts = { processors: Object.keys(processors), exporters: ['otlp_grpc'] };
  return {
    name: `filter and transform: ${name}`,
    config: ({ backendGrpc }) => ({
      processors,
      exporters: { otlp_grpc: { endpoint: backendGrpc, tls: { insecure: true } } },
      pipelines: everySignal(parts),
    }),
    steps: inputs.map((input) => send(input, { protocol: 'grpc' })),
    expectedItems,
  };
}

const [, metrics, logs] = inputs;

const dropAll = { traces: { span: ['true'] }, metrics: { datapoint: ['true'] }, logs: { log_record: ['true'] } };

export const filterAndTransformCases: readonly DifferentialCase[] = [
  countingCase(
    'what is dropped and what goes on is counted',
    {
      filter: { traces: { span: ['true'] } },
      transform: { log_statements: ['set(log.attributes["x"], 1)'] },
    },
    lineCount(metrics!, logs!),
  ),
  countingCase('nothing is left', { filter: dropAll }, 0),
  countingCase(
    'what fails is refused',
    { transform: { trace_statements: ['set(span.name, ParseJSON("no"))'] } },
    lineCount(metrics!, logs!),
  ),
];
