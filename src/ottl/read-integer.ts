import type { TokenReader } from './token-reader.ts';

const MAX_INT64 = (1n << 63n) - 1n;

/** An int64. One that begins with 0 is octal, as in the Collector: `010` is 8. */
export function readInteger(reader: TokenReader): bigint {
  const { text } = reader.next;
  const isOctal = text.length > 1 && text[0] === '0';
  if (isOctal && /[89]/.test(text))
    reader.fail(`\`${text}\` is no number: one that begins with 0 is octal`, {
      code: 'SL0204',
      help: 'write it without the 0',
    });
  if (text.length > 80) reader.fail('this number is too large', { code: 'SL0204' });
  const value = BigInt(isOctal ? `0o${text.slice(1)}` : text);
  if (value > MAX_INT64)
    reader.fail('this number is too large', {
      code: 'SL0204',
      help: `the largest whole number is ${MAX_INT64}; larger ones are written with a point`,
    });
  reader.take();
  return value;
}
