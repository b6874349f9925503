import type { Path } from '../../diagnostics/index.ts';
import { formatByteSize } from '../../lib/index.ts';
import { quantityBytes } from '../quantity.ts';
import type { RuleContext } from './rule-context.ts';

/** A size has a least value, itself a quantity. */
export function checkSize(context: RuleContext, path: Path, least: string): void {
  const written = context.at(path);
  if (typeof written !== 'string' && typeof written !== 'number') return;
  const size = quantityBytes(written);
  if (size === undefined || size >= quantityBytes(least)!) return;
  context.report('SL0113', path, `must be at least ${least}`, {
    label: `this is ${formatByteSize(size)}`,
    help: `write a size such as \`${16 * Number.parseInt(least, 10)}Mi\`; a plain number counts bytes`,
  });
}
