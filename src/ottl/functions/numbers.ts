import { EvaluationError, type FunctionSpec } from '../function.ts';
import { getterOf, parameters } from './argument.ts';
import { parseInteger } from './go-number.ts';

export const NUMBER_CONVERTERS: readonly FunctionSpec[] = [
  {
    name: 'ParseInt',
    parameters: parameters(['target', 'StringGetter'], ['base', 'IntGetter']),
    doc: 'Reads a whole number in a base from 2 to 36; base 0 goes by a prefix such as 0x.',
    example: 'ParseInt("ff", 16)',
    create([target, base]) {
      const textOf = getterOf<string>(target);
      const baseOf = getterOf<bigint>(base);
      return (row) => {
        const text = textOf(row);
        if (text === '') throw new EvaluationError('ParseInt: the text is empty');
        const radix = baseOf(row);
        if (radix < 0n || radix === 1n || radix > 36n) throw new EvaluationError(`ParseInt: there is no base ${radix}`);
        const value = parseInteger(text, Number(radix));
        if (typeof value === 'bigint') return value;
        const shown = JSON.stringify(text.slice(0, 100));
        throw new EvaluationError(
          `ParseInt: ${shown} ${value === 'range' ? 'does not fit into 64 bits' : `is no number in base ${radix}`}`,
        );
      };
    },
  },
  {
    name: 'Log',
    parameters: parameters(['target', 'FloatLikeGetter']),
    doc: 'Gives the natural logarithm of a number above 0.',
    example: 'Log(10)',
    create([target]) {
      const numberOf = getterOf<number | undefined>(target);
      return (row) => {
        const value = numberOf(row);
        if (value === undefined || value <= 0) throw new EvaluationError(`Log: ${value ?? 'nil'} is no number above 0`);
        return Math.log(value);
      };
    },
  },
  {
    name: 'IsValidLuhn',
    parameters: parameters(['target', 'StringLikeGetter']),
    doc: 'Says whether the last digit of a number is its Luhn check digit, as for payment cards; spaces do not count.',
    example: 'IsValidLuhn("17893729974")',
    create([target]) {
      const textOf = getterOf<string | undefined>(target);
      return (row) => {
        const digits = textOf(row)?.replaceAll(' ', '');
        if (digits === undefined) throw new EvaluationError('IsValidLuhn: nil is no number');
        if (digits === '') return false;
        if (!/^\d+$/.test(digits))
          throw new EvaluationError('IsValidLuhn: there is something else than digits and spaces');
        return luhnSum(digits) % 10 === 0;
      };
    },
  },
];

function luhnSum(digits: string): number {
  return [...digits].reverse().reduce((sum, digit, i) => {
    const value = Number(digit) * (i % 2 === 0 ? 1 : 2);
    return sum + (value > 9 ? value - 9 : value);
  }, 0);
}
