import type { Path } from '../../diagnostics/index.ts';
import { endpointProblem } from '../endpoint.ts';
import { literal } from '../literal.ts';
import { checkHeaders } from './headers.ts';
import type { RuleContext } from './rule-context.ts';

const OUTPUT: Path = ['spec', 'output', 'prometheusRemoteWrite'];

/** The endpoint is a URL, as that of OTLP over HTTP. */
export function checkRemoteWriteOutput(context: RuleContext): void {
  if (!context.object(OUTPUT)) return;
  checkHeaders(context, [...OUTPUT, 'headers']);
  const path = [...OUTPUT, 'endpoint', 'value'];
  const value = context.text(path);
  if (value === undefined || value === '' || context.at([...OUTPUT, 'endpoint', 'valueFrom']) !== undefined) return;
  const problem = endpointProblem(literal(value), 'http');
  if (problem) context.report('SL0110', path, problem.message, { label: problem.label, help: problem.help });
}
