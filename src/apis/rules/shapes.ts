import type { JsonSchema, Path } from '../../diagnostics/index.ts';
import { checkMethods, checkTokenUrl } from './authentication.ts';
import type { RuleContext } from './rule-context.ts';

/** Rules that belong to a shape, wherever it stands: values with two sources, selectors with two lists, certificates with keys, authentication. */
export function checkShapes(context: RuleContext, schema: JsonSchema, path: Path): void {
  const { properties = {}, items } = schema;
  if (items) for (const index of context.list(path).keys()) checkShapes(context, items, [...path, index]);
  if (!context.object(path)) return;
  if (properties['value'] && properties['valueFrom']) checkSource(context, path);
  if (properties['include'] && properties['exclude']) checkSelector(context, path);
  if (properties['cert'] && properties['key']) checkCertificate(context, path);
  if (properties['basic'] && properties['oauth2']) checkMethods(context, path);
  if (properties['tokenURL']) checkTokenUrl(context, path);
  for (const [name, child] of Object.entries(properties)) {
    if (context.at([...path, name]) !== undefined) checkShapes(context, child, [...path, name]);
  }
}

/** `value` or `valueFrom`, and not empty. */
function checkSource(context: RuleContext, path: Path): void {
  const value = context.at([...path, 'value']);
  const from = context.at([...path, 'valueFrom']);
  const hasValue = value !== undefined && value !== '';
  if (hasValue && from !== undefined) {
    context.report('SL0109', [...path, 'valueFrom'], 'must not stand beside `value`', {
      part: 'key',
      label: 'second source of the value',
      related: context.related([...path, 'value'], 'first source'),
      help: 'keep one of the two',
    });
  } else if (!hasValue && from === undefined) {
    context.report('SL0109', path, 'has no value', {
      part: 'key',
      label: value === '' ? 'the value is empty' : 'neither `value` nor `valueFrom` is set',
      help: 'write `value: …`, or `valueFrom.secretKeyRef`',
    });
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

function checkCertificate(context: RuleContext, path: Path): void {
  const [cert, key] = ['cert', 'key'].map((name) => context.at([...path, name]) !== undefined);
  if (cert === key) return;
  const [given, missing] = cert ? ['cert', 'key'] : ['key', 'cert'];
  context.report('SL0114', [...path, given!], `needs \`${missing}\``, {
    part: 'key',
    label: `without \`${missing}\``,
    help: 'set both or neither',
  });
}
