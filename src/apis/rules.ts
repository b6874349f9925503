import type { Issue, Path, SourceDocument } from '../diagnostics/index.ts';
import { formatByteSize } from '../lib/index.ts';
import { endpointProblem } from './endpoint.ts';
import { KINDS } from './kinds.ts';
import { literal } from './literal.ts';
import { quantityBytes } from './quantity.ts';
import type { PipelineKind } from './resource.ts';
import { RuleContext } from './rule-context.ts';

const OUTPUT: Path = ['spec', 'output'];
const OTLP: Path = [...OUTPUT, 'otlp'];
const MIN_SIZE = 2 ** 20;

/** What the schema cannot say: rules between fields, and the form of endpoints, headers, sizes and names. In no particular order. */
export function checkRules(kind: PipelineKind, document: SourceDocument): Issue[] {
  const context = new RuleContext(document);
  checkName(context);
  checkOneOutput(context, Object.keys(KINDS[kind].spec.properties?.['output']?.properties ?? {}));
  checkSelectors(context);
  checkSizes(context);
  if (context.object(OTLP)) checkOtlp(context);
  if (context.object([...OUTPUT, 'http', 'host'])) checkValue(context, [...OUTPUT, 'http', 'host']);
  lintFile(context);
  return context.issues;
}

const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

function checkName(context: RuleContext): void {
  const name = context.text(['metadata', 'name']);
  if (name === undefined || name === '' || (name.length <= 253 && NAME.test(name))) return;
  const fixed = name
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '');
  context.report('SL0116', ['metadata', 'name'], 'is not a Kubernetes name', {
    label:
      name.length > 253
        ? `has ${name.length} characters, the most is 253`
        : 'only a-z, 0-9, `-` and `.`, with a letter or digit at both ends',
    ...(NAME.test(fixed) && fixed.length <= 253 ? { help: `write \`${fixed}\`` } : {}),
  });
}

function checkOneOutput(context: RuleContext, names: readonly string[]): void {
  const output = context.object(OUTPUT);
  if (!output) return;
  const present = names.filter((name) => output[name] !== undefined && output[name] !== null && output[name] !== '');
  const choice = names.map((name) => `\`${name}\``).join(', ');
  if (present.length === 1) return;
  if (present.length > 1) {
    const [first, second] = Object.keys(output).filter((name) => present.includes(name)) as [string, string];
    context.report('SL0108', [...OUTPUT, second], 'is a second output; a pipeline must have exactly one', {
      part: 'key',
      label: 'second output',
      related: context.related([...OUTPUT, first], 'first output'),
      help: 'write another pipeline for it; each pipeline has its own buffer',
    });
    return;
  }
  // A misspelt output is reported as such; that none is left is no news then.
  if (Object.keys(output).some((name) => !names.includes(name))) return;
  const empty = Object.keys(output).find((name) => output[name] === null);
  context.report(
    'SL0108',
    empty === undefined ? OUTPUT : [...OUTPUT, empty],
    empty === undefined ? 'must have exactly one output' : 'has no value',
    {
      part: 'key',
      label: empty === undefined ? 'no output here' : 'without a value, this is no output',
      help: empty === undefined ? `add one of ${choice}` : `write \`${empty}: {}\`, with its settings if it has any`,
    },
  );
}

function checkSelectors(context: RuleContext): void {
  for (const input of ['otlp', 'prometheus', 'runtime', 'istio']) {
    for (const selector of ['namespaces', 'containers']) checkSelector(context, ['spec', 'input', input, selector]);
  }
}

function checkSelector(context: RuleContext, path: Path): void {
  if (context.at([...path, 'include']) === undefined || context.at([...path, 'exclude']) === undefined) return;
  context.report('SL0114', [...path, 'exclude'], 'must not stand beside `include`', {
    part: 'key',
    label: 'second selection',
    related: context.related([...path, 'include'], 'first selection'),
    help: 'keep one of the two',
  });
}

function checkSizes(context: RuleContext): void {
  checkSize(context, ['spec', 'delivery', 'buffer', 'maxSize']);
  checkSize(context, [...OUTPUT, 'file', 'rotation', 'maxSize']);
}

function checkSize(context: RuleContext, path: Path): void {
  const written = context.at(path);
  if (typeof written !== 'string' && typeof written !== 'number') return;
  const size = quantityBytes(written);
  if (size === undefined || size >= MIN_SIZE) return;
  context.report('SL0113', path, 'must be at least 1Mi', {
    label: `this is ${formatByteSize(size)}`,
    help: 'write a size such as `16Mi`; a plain number counts bytes',
  });
}

function checkOtlp(context: RuleContext): void {
  const protocol = context.at([...OTLP, 'protocol']) ?? 'grpc';
  if (protocol === 'grpc' || protocol === 'http') {
    checkEndpoint(context, protocol);
    checkPath(context, protocol);
  }
  checkHeaders(context);
  checkTls(context);
  checkAuthentication(context);
}

function checkEndpoint(context: RuleContext, protocol: 'grpc' | 'http'): void {
  const path = [...OTLP, 'endpoint'];
  if (!context.object(path) || !checkValue(context, path)) return;
  const value = context.text([...path, 'value']);
  const problem = value === undefined || value === '' ? undefined : endpointProblem(literal(value), protocol);
  if (problem)
    context.report('SL0110', [...path, 'value'], problem.message, { label: problem.label, help: problem.help });
}

/** `value` or `valueFrom`, and not empty. True when exactly one is given. */
function checkValue(context: RuleContext, path: Path): boolean {
  const value = context.at([...path, 'value']);
  const from = context.at([...path, 'valueFrom']);
  if (value !== undefined && value !== '' && from !== undefined) {
    context.report('SL0109', [...path, 'valueFrom'], 'must not stand beside `value`', {
      part: 'key',
      label: 'second source of the value',
      related: context.related([...path, 'value'], 'first source'),
      help: 'keep one of the two',
    });
    return false;
  }
  if ((value !== undefined && value !== '') || from !== undefined) return true;
  context.report('SL0109', path, 'has no value', {
    part: 'key',
    label: value === '' ? 'the value is empty' : 'neither `value` nor `valueFrom` is set',
    help: 'write `value: …`',
  });
  return false;
}

function checkPath(context: RuleContext, protocol: 'grpc' | 'http'): void {
  const path = context.text([...OTLP, 'path']);
  if (path === undefined || path === '') return;
  if (protocol === 'grpc') {
    const written = context.at([...OTLP, 'protocol']) !== undefined;
    context.report('SL0112', [...OTLP, 'path'], 'needs `protocol: http`', {
      part: 'key',
      label: 'gRPC has no path',
      ...(written ? { related: context.related([...OTLP, 'protocol'], 'the protocol is grpc') } : {}),
      help: written
        ? 'set `protocol: http`, or remove `path`'
        : 'add `protocol: http` (the default is grpc), or remove `path`',
    });
  } else if (/[\s?#]/.test(literal(path))) {
    context.report('SL0105', [...OTLP, 'path'], 'must be the path of a URL', {
      label: 'has a space, `?` or `#`',
      help: 'write it as `/v1/otlp`',
    });
  }
}

const TOKEN = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;

function checkHeaders(context: RuleContext): void {
  const seen = new Map<string, Path>();
  for (const [index] of context.list([...OTLP, 'headers']).entries()) {
    const path = [...OTLP, 'headers', index];
    if (!context.object(path)) continue;
    if (checkValue(context, path)) checkHeaderText(context, path);
    const name = context.text([...path, 'name']);
    if (name === undefined || name === '') continue;
    if (!TOKEN.test(literal(name))) {
      context.report('SL0111', [...path, 'name'], 'is not the name of a header', {
        label: 'letters, digits and hyphens only',
        help: 'no spaces, no colon',
      });
    }
    const sameName = literal(name).toLowerCase();
    const first = seen.get(sameName);
    if (first) {
      context.report('SL0111', [...path, 'name'], 'is written twice', {
        label: `\`${name}\` again`,
        related: context.related(first, 'first written here'),
        help: 'keep one of the two; case does not matter in header names',
      });
    } else seen.set(sameName, [...path, 'name']);
  }
}

function checkHeaderText(context: RuleContext, path: Path): void {
  for (const part of ['value', 'prefix']) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be in a header
    if (!/[\u0000-\u0008\u000a-\u001f\u007f]/.test(context.text([...path, part]) ?? '')) continue;
    context.report('SL0111', [...path, part], 'must be one line without control characters', {
      label: 'has a line break or control character',
      help: 'a block written with `|` or `>` ends in a line break; use `|-` or `>-`, or quotes',
    });
  }
}

function checkTls(context: RuleContext): void {
  const [cert, key] = ['cert', 'key'].map((name) => context.at([...OTLP, 'tls', name]) !== undefined);
  if (cert === key) return;
  const [given, missing] = cert ? ['cert', 'key'] : ['key', 'cert'];
  context.report('SL0114', [...OTLP, 'tls', given!], `needs \`${missing}\``, {
    part: 'key',
    label: `without \`${missing}\``,
    help: 'set both or neither',
  });
}

function checkAuthentication(context: RuleContext): void {
  const path = [...OTLP, 'authentication'];
  if (context.at([...path, 'basic']) === undefined || context.at([...path, 'oauth2']) === undefined) return;
  context.report('SL0114', [...path, 'oauth2'], 'must not stand beside `basic`', {
    part: 'key',
    label: 'second method',
    related: context.related([...path, 'basic'], 'first method'),
    help: 'keep one of the two',
  });
}

function lintFile(context: RuleContext): void {
  const file = [...OUTPUT, 'file'];
  if (!context.object(file) || context.at([...file, 'rotation']) !== undefined) return;
  context.report('SL0305', file, 'has no rotation: the file grows without limit', {
    severity: 'warning',
    part: 'key',
    label: 'never rotated',
    help: 'add `rotation: { maxSize: 100Mi, maxBackups: 10 }`',
  });
}
