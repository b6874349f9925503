import type { Path } from '../../diagnostics/index.ts';
import { literal } from '../literal.ts';
import type { RuleContext } from './rule-context.ts';

const TOKEN = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;

export function checkHeaders(context: RuleContext, headers: Path): void {
  const seen = new Map<string, Path>();
  for (const index of context.list(headers).keys()) {
    const path = [...headers, index];
    if (!context.object(path)) continue;
    checkText(context, path);
    const name = context.text([...path, 'name']);
    if (name !== undefined && name !== '') checkName(context, { name, path: [...path, 'name'], seen });
  }
}

function checkName(
  context: RuleContext,
  { name, path, seen }: { readonly name: string; readonly path: Path; readonly seen: Map<string, Path> },
): void {
  if (!TOKEN.test(literal(name))) {
    context.report('SL0111', path, 'is not the name of a header', {
      label: 'letters, digits and hyphens only',
      help: 'no spaces, no colon',
    });
  }
  const sameName = literal(name).toLowerCase();
  const first = seen.get(sameName);
  if (!first) {
    seen.set(sameName, path);
    return;
  }
  context.report('SL0111', path, 'is written twice', {
    label: `\`${name}\` again`,
    related: context.related(first, 'first written here'),
    help: 'keep one of the two; case does not matter in header names',
  });
}

function checkText(context: RuleContext, path: Path): void {
  for (const part of ['value', 'prefix']) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be in a header
    if (!/[\u0000-\u0008\u000a-\u001f\u007f]/.test(context.text([...path, part]) ?? '')) continue;
    context.report('SL0111', [...path, part], 'must be one line without control characters', {
      label: 'has a line break or control character',
      help: 'a block written with `|` or `>` ends in a line break; use `|-` or `>-`, or quotes',
    });
  }
}
