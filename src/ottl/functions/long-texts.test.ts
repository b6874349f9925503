import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../test/testkit/ottl-function.ts';

const LENGTH = 400_000;
const run = (text: string) => text.repeat(LENGTH / text.length);

/** Each makes an expression that can read a text in many ways try all of them. */
describe('a long text that is almost right is refused in time', () => {
  it.each([
    ['Duration(cache["t"])', `${'1'.repeat(60)}${run('1')}`],
    ['Duration(cache["t"])', `${run('11s')}.`],
    ['Double(cache["t"])', `${run('1')}x`],
    ['Double(cache["t"])', `0x${run('a')}x`],
    ['Int(cache["t"])', `${run('1')}x`],
    ['ParseXML(cache["t"])', `<?xml ${run('a')}?><a/>`],
    ['ParseXML(cache["t"])', `<?xml a${run(' ')}?><a/>`],
    ['ParseXML(cache["t"])', run('<a b="')],
    ['GetXML("<a>1</a>", cache["t"])', run('//a')],
    ['IsMatch("a", cache["t"])', run('[:')],
    ['ParseJSON(cache["t"])', `{"a":"${run('\\')}`],
    ['ParseKeyValue(cache["t"])', run('"a')],
    ['Time(cache["t"], "%Y-%m-%d")', run('1')],
    ['URL(cache["t"])', `http://${run(':')}`],
    ['Format("%s", [cache["t"]])', run('%s')],
  ])('%s, %.12s…', (expression, t) => {
    const started = performance.now();
    try {
      evaluate(expression, { t });
    } catch {
      // A path is wanted as a literal.
    }
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
