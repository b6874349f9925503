import type { Entry, Problem } from '../../fluentbit/index.ts';
import type { SectionText } from './graph.ts';
import { helpWith, type SectionNames } from './section-context.ts';

/** What Kubernetes tells every Pod; upstream's guides name them, and they hold nobody's secret. */
export const POD_VARIABLES: ReadonlySet<string> = new Set([
  'HOSTNAME',
  'KUBERNETES_SERVICE_HOST',
  'KUBERNETES_SERVICE_PORT',
]);

const REFERENCE = /\$\{([^{}]*)\}/g;

/** A value with the variables it names; what Fluent Bit would not replace stays as it is. */
export function splitVariables(value: string): SectionText {
  const parts: (string | { readonly variable: string })[] = [];
  let from = 0;
  for (const match of value.matchAll(REFERENCE)) {
    if (match.index > from) parts.push(value.slice(from, match.index));
    parts.push({ variable: match[1]! });
    from = match.index + match[0].length;
  }
  if (from < value.length) parts.push(value.slice(from));
  return parts;
}

/** Fluent Bit replaces whatever stands in `${…}` by a variable of its process, where the Secrets of all pipelines are. */
export function variableProblems({ value, valueAt }: Entry, { variables }: SectionNames): readonly Problem[] {
  const problems: Problem[] = [];
  for (let at = value.indexOf('${'); at >= 0; at = value.indexOf('${', at + 2)) {
    const name = /^\$\{([^{}]*)\}/.exec(value.slice(at, at + LONGEST_NAME))?.[1];
    if (name !== undefined && (variables.has(name) || POD_VARIABLES.has(name))) continue;
    const start = valueAt.start + at;
    problems.push(name === undefined ? unclosed(start) : undeclared(name, start, variables));
  }
  return problems;
}

/** Names of variables are no longer than those of files. */
const LONGEST_NAME = 260;

function undeclared(name: string, start: number, variables: SectionNames['variables']): Problem {
  return {
    code: 'SL0135',
    severity: 'error',
    message: `names a variable that the pipeline has not declared: \`${name}\``,
    start,
    end: start + name.length + 3,
    label: 'not under `variables`',
    help: helpWith(name, variables.keys(), `declare \`${name}\` under \`variables\`, with the Secret that holds it`),
  };
}

function unclosed(start: number): Problem {
  return {
    code: 'SL0135',
    severity: 'error',
    message: 'has a `${` that begins no variable',
    start,
    end: start + 2,
    label: 'Fluent Bit would look for a variable here',
    help: 'write `$` and `{` apart, or name a variable of the pipeline',
  };
}
