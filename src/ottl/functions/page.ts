import type { FunctionSpec, Parameter } from '../function.ts';
import { CONVERTERS, EDITORS, MISSING } from './index.ts';
import * as limits from './limits.ts';

const HEAD = `# OTTL functions

What [OTTL](ottl.md) can call: editors change an item and begin a statement, converters compute a value. They are those of the
Collector at 0.149, with its names, parameters and results. Patterns are RE2's. Generated from the functions themselves.

An argument can be given by its place or by its name; what ends with \`?\` can be left out, and \`[]\` marks a list. What a parameter
takes is named as in the Collector: \`StringGetter\` wants a string, \`StringLikeGetter\` makes one of any value, \`Getter\` takes
anything, \`GetSetter\` wants a path; \`string\`, \`int\` and \`bool\` want a literal. \`function\` takes the name of a converter that
takes one string, such as \`SHA256\`.
`;

const LIMITS = `## Limits

So that no text can make a statement take or give without end. A function that reaches one fails like any other. All
statements together write at most 16 MiB and 64 times its size into one request, which is refused beyond that, whatever the error mode.

| what | at most |
| --- | --- |
| characters that a function makes, of a text or of the keys of a map | ${limits.MAX_TEXT_LENGTH} |
| maps and lists within each other, of what is parsed | ${limits.MAX_NESTING} |
| fields, parts or parameters that a text is cut into | ${limits.MAX_VALUES} |
| nodes of an XML document | ${limits.MAX_XML_NODES} |
| nodes that one evaluation of an XPath looks at | ${limits.MAX_XPATH_VISITS} |
| characters of a pattern | ${limits.MAX_PATTERN_LENGTH}, from data ${limits.MAX_DATA_PATTERN_LENGTH} |
| instructions of a pattern times characters of the text | ${limits.MAX_MATCH_WORK} |
| instructions of a compiled pattern | ${limits.MAX_PATTERN_PROGRAM} |
| compiled patterns that a statement keeps, where patterns come from data | ${limits.MAX_CACHED_PATTERNS} |

## Where a function differs from the Collector's

- \`Format\` shows maps and lists as JSON, of which the Collector shows addresses, and does not know \`%b\` and \`%x\` of doubles, nor \`%#v\` but for strings.
- \`Time\`: a time without a zone is UTC unless a location is given, whatever the zone of the machine; names of months and days in
  other languages are those of the runtime.
- \`ParseJSON\` and all that makes a map keep the order of the text; the Collector's order is random.
- XPath: version 1.0 with its axes and functions, and of the Collector's additions \`ends-with\` and \`lower-case\`.
- Without an order of its own, \`ParseSeverity\` tries the levels as they are written.
`;

/** The page of `docs/spec` that lists every function. */
export function functionsPage(): string {
  const missing = MISSING.map((name) => `\`${name}\``).join(', ');
  const lack =
    missing === ''
      ? ''
      : `\nThe engine lacks: ${missing}. A statement that calls it is refused where the engine runs it.\n`;
  const sections = [section('Editors', EDITORS), section('Converters', CONVERTERS)];
  return `${HEAD}${lack}\n${sections.join('\n')}\n${LIMITS}`;
}

function section(title: string, specs: readonly FunctionSpec[]): string {
  const sorted = [...specs].sort((a, b) => (a.name < b.name ? -1 : 1));
  return `## ${title}\n\n${sorted.map(entry).join('\n')}`;
}

function entry(spec: FunctionSpec): string {
  const { name, doc, example, contexts } = spec;
  const lines = [`### ${name}`, '', `\`${functionSignature(spec)}\``, '', doc];
  if (contexts !== undefined)
    lines.push('', `Only where the context is ${contexts.map((one) => `\`${one}\``).join(' or ')}.`);
  return [...lines, '', '```text', example, '```', ''].join('\n');
}

/** `IsMatch(target: StringLikeGetter, pattern: StringGetter)` */
export function functionSignature({ name, parameters }: Pick<FunctionSpec, 'name' | 'parameters'>): string {
  return `${name}(${parameters.map(signature).join(', ')})`;
}

function signature({ name, type, list, optional }: Parameter): string {
  return `${name}${optional === true ? '?' : ''}: ${list === true ? '[]' : ''}${type}`;
}
