import type { Path } from '../../diagnostics/index.ts';
import { isHttpUrl } from '../endpoint.ts';
import { literal } from '../literal.ts';
import type { RuleContext } from './rule-context.ts';

/** One method and no more. */
export function checkMethods(context: RuleContext, path: Path): void {
  const [basic, oauth2] = [
    [...path, 'basic'],
    [...path, 'oauth2'],
  ] as const;
  if (context.at(basic) === undefined || context.at(oauth2) === undefined) return;
  context.report('SL0114', oauth2, 'must not stand beside `basic`', {
    part: 'key',
    label: 'second method',
    related: context.related(basic, 'first method'),
    help: 'keep one of the two',
  });
}

/** `oauth2` names where tokens are asked for. */
export function checkTokenUrl(context: RuleContext, oauth2: Path): void {
  const path = [...oauth2, 'tokenURL', 'value'];
  const url = context.text(path);
  if (url === undefined || url === '' || isHttpUrl(literal(url))) return;
  context.report('SL0105', path, 'must be a URL', {
    label: 'neither http:// nor https:// with a host',
    help: 'write it as `https://auth.example.com/token`',
  });
}
